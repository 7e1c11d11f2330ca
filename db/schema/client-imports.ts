import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type {
  ImportCounts,
  ImportDelimiter,
  ImportEncoding,
  ImportField,
  ImportOutcome,
  ImportPolicy,
  ImportProblem,
  ImportState,
} from '../../server/contract/client-imports.ts';
import type { ClientId, UserId } from '../../server/kernel/ids.ts';
import { users } from './access.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

/** One import of clients from a file, and how far it is. The file lies under DATA_DIR/imports. */
export const clientImports = pgTable('client_imports', {
  id: serialId<number>(),
  state: text().$type<ImportState>().notNull(),
  fileName: text().notNull(),
  /** Relative to the folder of imports. */
  path: text().notNull(),
  bytes: bigint({ mode: 'number' }).notNull().default(0),
  size: bigint({ mode: 'number' }).notNull(),
  encoding: text().$type<ImportEncoding>().notNull().default('utf-8'),
  delimiter: text().$type<ImportDelimiter>().notNull().default(','),
  hasHeader: boolean().notNull().default(true),
  mapping: jsonb().$type<(ImportField | null)[]>().notNull().default([]),
  region: text().notNull().default('RU'),
  onMatch: text().$type<ImportPolicy>().notNull().default('fill'),
  createdBy: ref<UserId>()
    .notNull()
    .references(() => users.id),
  createdAt: createdAt(),
  startedAt: instant(),
  finishedAt: instant(),
  totalRows: integer(),
  /** Rows of the file that are dealt with; written in the statement that deals with them, and its guard. */
  doneRows: integer().notNull().default(0),
  plan: jsonb().$type<{ counts: ImportCounts; problems: ImportProblem[] }>(),
  created: integer().notNull().default(0),
  updated: integer().notNull().default(0),
  skipped: integer().notNull().default(0),
  conflict: integer().notNull().default(0),
  invalid: integer().notNull().default(0),
  incomplete: integer().notNull().default(0),
  removed: integer().notNull().default(0),
  restored: integer().notNull().default(0),
  kept: integer().notNull().default(0),
  error: text().notNull().default(''),
});

/** What became of a row of a file: for the undo of the cards it made or changed, and for the list of problems. */
export const clientImportRows = pgTable(
  'client_import_rows',
  {
    importId: ref<number>()
      .notNull()
      .references(() => clientImports.id, { onDelete: 'cascade' }),
    row: integer().notNull(),
    outcome: text().$type<ImportOutcome>().notNull(),
    clientId: ref<ClientId>(),
    /** The card's version after it; a higher one means that somebody touched it since. */
    version: integer(),
    /** Timeline entry of the comment. */
    noteId: text(),
    /** `updated`: fields before and after, and the contact points that were added. */
    change: jsonb().$type<{
      before: Record<string, unknown>;
      after: Record<string, unknown>;
      points: { kind: string; value: string; extension: string }[];
      /** The card's version before it. */
      version: number;
    }>(),
    reasons: jsonb().$type<ImportProblem['reasons']>(),
    /** As they stood in the file, for rows with reasons. */
    cells: jsonb().$type<string[]>(),
    /** Why an undo left it. */
    kept: text(),
  },
  (t) => [
    primaryKey({ columns: [t.importId, t.row] }),
    index('client_import_rows_problem_idx').on(t.importId, t.row).where(sql`reasons is not null`),
    index('client_import_rows_client_idx').on(t.clientId).where(sql`client_id is not null`),
    // A card that was changed between reading and writing has no version to write here: the whole batch fails and is tried again.
    check('client_import_rows_version_ck', sql`outcome not in ('created','updated') or version is not null`),
  ],
);

import { type Static, Type } from 'typebox';
import { Id, Instant, UserRef, Words } from './schemas.ts';

/** What a column of a file may fill. `name` is a whole name; several columns may be phones or e-mails. */
export const importFields = [
  'name',
  'lastName',
  'firstName',
  'middleName',
  'company',
  'position',
  'phone',
  'email',
  'responsible',
  'tags',
  'stage',
  'source',
  'vip',
  'warning',
  'comment',
] as const;
export type ImportField = (typeof importFields)[number];

export const importEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1251'] as const;
export type ImportEncoding = (typeof importEncodings)[number];
export const importDelimiters = [',', ';', '\t'] as const;
export type ImportDelimiter = (typeof importDelimiters)[number];

/** The table of moves is server/clients/import/import-state.ts. */
export const importStates = [
  'uploading',
  'uploaded',
  'planning',
  'planned',
  'running',
  'done',
  'cancelled',
  'failed',
  'undoing',
  'undone',
] as const;
export type ImportState = (typeof importStates)[number];

/** What to do with a row whose number or e-mail a card has: fill its empty fields, write over them, leave it alone. */
export const importPolicies = ['fill', 'overwrite', 'skip'] as const;
export type ImportPolicy = (typeof importPolicies)[number];

export const importOutcomes = ['created', 'updated', 'skipped', 'conflict', 'invalid'] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

/**
 * What is wrong with a row. Whole row refused: `empty`, `no_valid_address` (it had numbers or e-mails, none of them is
 * one), `two_cards`, `too_long`. Only a cell left out: the rest.
 */
export const importReasons = [
  'empty',
  'no_valid_address',
  'two_cards',
  'too_long',
  'too_many',
  'bad_phone',
  'bad_email',
  'unknown_responsible',
  'unknown_stage',
] as const;
export type ImportReason = (typeof importReasons)[number];

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const ImportProblem = Type.Object({
  /** Row of the file, the first row under the header is 1. */
  row: Type.Integer(),
  outcome: Words(importOutcomes),
  /** With what was written in that cell, or the names of the two cards. */
  reasons: Type.Array(Type.Object({ code: Words(importReasons), text: Type.String() })),
});
export type ImportProblem = Static<typeof ImportProblem>;

export const ImportCounts = Type.Object({
  created: Type.Integer(),
  updated: Type.Integer(),
  skipped: Type.Integer(),
  conflict: Type.Integer(),
  invalid: Type.Integer(),
  /** Rows that were imported without one of their cells. */
  incomplete: Type.Integer(),
});
export type ImportCounts = Static<typeof ImportCounts>;

export const ImportMapping = Type.Array(Nullable(Words(importFields)), { maxItems: 200 });

export const ClientImport = Type.Object({
  id: Id,
  state: Words(importStates),
  fileName: Type.String(),
  /** Received so far, and expected. */
  bytes: Type.Integer(),
  size: Type.Integer(),
  encoding: Words(importEncodings),
  delimiter: Words(importDelimiters),
  hasHeader: Type.Boolean(),
  /** Field of each column; null = not imported. */
  mapping: ImportMapping,
  /** ISO 3166-1: whose habits decide how bare numbers are read. */
  region: Type.String(),
  onMatch: Words(importPolicies),
  createdBy: UserRef,
  createdAt: Instant,
  startedAt: Nullable(Instant),
  finishedAt: Nullable(Instant),
  /** Until when it can be undone; null = it cannot. */
  undoUntil: Nullable(Instant),
  /** Of the plan, planned or running: rows looked at. Of the undo: rows taken back. */
  progress: Type.Object({
    done: Type.Integer(),
    total: Nullable(Type.Integer()),
    rowsPerSecond: Nullable(Type.Number()),
    etaSeconds: Nullable(Type.Integer()),
  }),
  /** What would be done; null before the plan is ready. */
  plan: Nullable(ImportCounts),
  /** What was done. */
  result: ImportCounts,
  /** The first problem rows, of the plan, or of the import once it has begun; all of them in problems.csv. */
  problems: Type.Array(ImportProblem),
  undo: Nullable(
    Type.Object({
      removed: Type.Integer(),
      restored: Type.Integer(),
      kept: Type.Integer(),
      /** The first that could not be undone, and why: somebody changed it, or there were communications since. */
      keptCards: Type.Array(
        Type.Object({
          client: Type.Object({ id: Id, name: Type.String() }),
          reason: Words(['changed_since', 'in_use', 'field_changed_since', 'gone'] as const),
        }),
      ),
    }),
  ),
  /** Why it failed, in English. */
  error: Type.String(),
});
export type ClientImport = Static<typeof ClientImport>;

export const ImportPreview = Type.Object({
  encoding: Words(importEncodings),
  delimiter: Words(importDelimiters),
  columns: Type.Array(
    Type.Object({
      header: Type.String(),
      /** Guessed from the header, or from what the cells hold. */
      guess: Nullable(Words(importFields)),
    }),
  ),
  rows: Type.Array(Type.Array(Type.String())),
});
export type ImportPreview = Static<typeof ImportPreview>;

export const ClientImportChange = Type.Object(
  {
    encoding: Type.Optional(Words(importEncodings)),
    delimiter: Type.Optional(Words(importDelimiters)),
    hasHeader: Type.Optional(Type.Boolean()),
    mapping: Type.Optional(ImportMapping),
    region: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', examples: ['RU'] })),
    onMatch: Type.Optional(Words(importPolicies)),
  },
  { additionalProperties: false },
);
export type ClientImportChange = Static<typeof ClientImportChange>;

const supervisors = ['supervisor', 'admin'] as const;
const of = { tags: ['client imports'], access: supervisors, params: Type.Object({ id: Id }) } as const;

/** Operations on imports of clients; the file itself goes to `POST /api/v1/client-imports` (see server/clients/import). */
export const clientImportOperations = {
  'GET /api/v1/client-imports': {
    summary: 'Imports of clients, newest first',
    tags: ['client imports'],
    access: supervisors,
    response: Type.Object({ items: Type.Array(ClientImport) }),
  },
  'GET /api/v1/client-imports/:id': { ...of, summary: 'An import with its progress', response: ClientImport },
  'PATCH /api/v1/client-imports/:id': {
    ...of,
    summary: 'How to read the file, before it is started; the plan is to be made again',
    body: ClientImportChange,
    response: ClientImport,
  },
  'GET /api/v1/client-imports/:id/preview': {
    ...of,
    summary: 'Columns and the first rows, read as the import says now',
    response: ImportPreview,
  },
  'POST /api/v1/client-imports/:id/plan': {
    ...of,
    summary: 'Read the whole file and say what would become of each row; writes no card',
    response: ClientImport,
  },
  'POST /api/v1/client-imports/:id/start': { ...of, summary: 'Import by the plan', response: ClientImport },
  'POST /api/v1/client-imports/:id/cancel': {
    ...of,
    summary: 'Stop planning or importing; what was written stays and can be undone',
    response: ClientImport,
  },
  'POST /api/v1/client-imports/:id/undo': {
    ...of,
    summary: 'Remove the cards it made and put back the fields it changed, as far as nobody touched them since',
    response: ClientImport,
  },
} as const;

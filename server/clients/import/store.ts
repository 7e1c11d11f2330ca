import { and, asc, desc, eq, gt, isNotNull, lt, sql } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { clientImportRows, clientImports, clients, users } from '../../../db/schema/index.ts';
import type { ImportState } from '../../contract/client-imports.ts';
import type { UserId } from '../../kernel/ids.ts';

export type ImportRow = typeof clientImports.$inferSelect & { readonly creator: string };
export type ImportColumns = Partial<typeof clientImports.$inferInsert>;

const withCreator = (db: Executor) =>
  db.orm
    .select({ row: clientImports, creator: users.name })
    .from(clientImports)
    .innerJoin(users, eq(users.id, clientImports.createdBy));

export async function readImport(db: Executor, id: number): Promise<ImportRow | null> {
  const [found] = await withCreator(db).where(eq(clientImports.id, id));
  return found ? { ...found.row, creator: found.creator } : null;
}

/** Newest first. */
export async function listImports(db: Executor, limit: number): Promise<ImportRow[]> {
  const rows = await withCreator(db).orderBy(desc(clientImports.id)).limit(limit);
  return rows.map(({ row, creator }) => ({ ...row, creator }));
}

/** Imports that a process left in the middle of something. */
export async function readUnfinished(db: Executor): Promise<ImportRow[]> {
  const states = ['planning', 'running', 'undoing'];
  const rows = await withCreator(db)
    .where(sql`${clientImports.state} = ANY(${sql.param(states)})`)
    .orderBy(asc(clientImports.id));
  return rows.map(({ row, creator }) => ({ ...row, creator }));
}

export async function insertImport(db: Executor, row: typeof clientImports.$inferInsert): Promise<number> {
  const [made] = await db.orm.insert(clientImports).values(row).returning({ id: clientImports.id });
  if (!made) throw new Error('an inserted import was not returned');
  return made.id;
}

/** Writes columns if the import is still in this state; whether it was. */
export async function updateImport(
  db: Executor,
  id: number,
  state: ImportState,
  columns: ImportColumns,
): Promise<boolean> {
  const rows = await db.orm
    .update(clientImports)
    .set(columns)
    .where(and(eq(clientImports.id, id), eq(clientImports.state, state)))
    .returning({ id: clientImports.id });
  return rows.length > 0;
}

/** Problem rows of an import that has begun, in the order of the file. */
export async function readProblems(db: Executor, importId: number, after: number, limit: number) {
  return db.orm
    .select({
      row: clientImportRows.row,
      outcome: clientImportRows.outcome,
      reasons: clientImportRows.reasons,
      cells: clientImportRows.cells,
    })
    .from(clientImportRows)
    .where(
      and(
        eq(clientImportRows.importId, importId),
        gt(clientImportRows.row, after),
        isNotNull(clientImportRows.reasons),
      ),
    )
    .orderBy(asc(clientImportRows.row))
    .limit(limit);
}

/** Cards that an undo left, and why. */
export async function readKept(db: Executor, importId: number, limit: number) {
  return db.orm
    .select({ id: clientImportRows.clientId, name: clients.name, reason: clientImportRows.kept })
    .from(clientImportRows)
    .leftJoin(clients, eq(clients.id, clientImportRows.clientId))
    .where(and(eq(clientImportRows.importId, importId), isNotNull(clientImportRows.kept)))
    .orderBy(asc(clientImportRows.row))
    .limit(limit);
}

/** Enabled users by login and by name, lower case; null for a name that several have. */
export async function readUserNames(db: Executor): Promise<Map<string, UserId | null>> {
  const rows = await db.orm
    .select({ id: users.id, login: users.login, name: users.name })
    .from(users)
    .where(sql`${users.disabledAt} is null`);
  const names = new Map<string, UserId | null>();
  for (const { id, name } of rows) {
    const key = name.toLowerCase();
    names.set(key, names.has(key) ? null : id);
  }
  for (const { id, login } of rows) names.set(login.toLowerCase(), id);
  return names;
}

/** Imports that ended, or were left lying, before this instant: their files go, and what an undo would need. */
export async function readStale(db: Executor, before: Date): Promise<{ id: number; path: string }[]> {
  const ended = sql`coalesce(${clientImports.finishedAt}, ${clientImports.createdAt})`;
  const busy = ['planning', 'running', 'undoing'];
  return db.orm
    .select({ id: clientImports.id, path: clientImports.path })
    .from(clientImports)
    .where(
      and(lt(ended, before), sql`${clientImports.path} <> ''`, sql`${clientImports.state} <> ALL(${sql.param(busy)})`),
    );
}

/** Forgets the rows of an import, some at a time; whether there are more. */
export async function dropRows(db: Executor, importId: number, limit: number): Promise<boolean> {
  const rows = await db.run<{ row: number }>({
    name: 'import_drop_rows',
    text: `DELETE FROM client_import_rows WHERE import_id = $1 AND "row" IN (
             SELECT "row" FROM client_import_rows WHERE import_id = $1 ORDER BY "row" LIMIT $2) RETURNING "row"`,
    values: [importId, limit],
  });
  return rows.length === limit;
}

import { and, eq, ne, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Executor } from '../../../db/client.ts';
import { taken } from '../problems.ts';
import type { Subject } from '../subject.ts';

/** A table whose rows are counted and versioned. */
export type VersionedTable = PgTable & { readonly id: PgColumn; readonly version: PgColumn };

export interface RowSubjectOptions<T extends VersionedTable, Data extends object>
  extends Pick<Subject<Data>, 'kind' | 'nameOf' | 'check' | 'retired'> {
  readonly table: T;
  toData(row: T['$inferSelect']): Data;
  /** Columns as they are written; id and version are added. */
  toRow(data: Data): { readonly [K in keyof T['$inferInsert']]?: T['$inferInsert'][K] | SQL };
  readonly usedBy?: Subject<Data>['usedBy'];
}

/** A subject that is one row of one table. */
export function rowSubject<T extends VersionedTable, Data extends object>(
  options: RowSubjectOptions<T, Data>,
): Subject<Data> {
  const { table, toData, toRow, usedBy, ...rest } = options;
  const rows: VersionedTable = table;
  return {
    ...rest,
    async read(tx, id) {
      const [row] = await tx.orm.select().from(rows).where(eq(rows.id, id));
      if (!row) return null;
      return { id, version: Number(row['version']), data: toData(row as T['$inferSelect']) };
    },
    count: (tx) => tx.orm.$count(rows),
    async insert(tx, data, { id, version }) {
      const values = { ...toRow(data), ...(id === null ? {} : { id }), version };
      const [made] = await tx.orm
        .insert(rows)
        .values(values as never)
        .returning({ id: rows.id });
      if (!made) throw new Error(`no ${rest.kind} was made`);
      return Number(made.id);
    },
    async update(tx, data, { id, version }) {
      await tx.orm
        .update(rows)
        .set({ ...toRow(data), version } as never)
        .where(eq(rows.id, id));
    },
    usedBy: usedBy ?? (async () => []),
    async remove(tx, id) {
      await tx.orm.delete(rows).where(eq(rows.id, id));
    },
  };
}

/** Another row must not have this value. @throws AppError `already_taken` */
export async function requireFree(
  tx: Executor,
  wanted: { readonly table: VersionedTable; readonly column: PgColumn; readonly value: unknown },
  not: { readonly id: number | undefined; readonly field: string; readonly label: PgColumn },
): Promise<void> {
  const { table, column, value } = wanted;
  const same = eq(column, value);
  const [other] = await tx.orm
    .select({ label: not.label })
    .from(table as PgTable)
    .where(not.id === undefined ? same : and(same, ne(table.id, not.id)))
    .limit(1);
  if (other) throw taken(not.field, `"${String(other.label)}"`);
}

/** Whether there is a row with this id. */
export async function exists(tx: Executor, table: VersionedTable, id: number): Promise<boolean> {
  return (await tx.orm.$count(table, eq(table.id, id))) > 0;
}

import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import type { Database, Executor } from './client.ts';

const folder = fileURLToPath(new URL('./migrations', import.meta.url));

/** Any number that no other program on the same database takes: "swdb" in ASCII. */
const lockKey = 0x73776462;

/**
 * Brings the schema up to date: all pending migrations in one transaction, under a lock, so that any number of
 * processes may start at once. Nothing pending changes nothing. Keeps the books that drizzle-kit keeps.
 *
 * One transaction means that a migration cannot create an index CONCURRENTLY.
 */
export async function migrate(database: Database): Promise<void> {
  const migrations = readMigrationFiles({ migrationsFolder: folder });
  await database.transaction(async (tx) => {
    await tx.orm.execute(sql`select pg_advisory_xact_lock(${lockKey})`);
    const last = await lastApplied(tx);
    for (const migration of migrations) if (migration.folderMillis > last) await apply(tx, migration);
  });
}

/** When the newest applied migration was written (milliseconds), or -1. The lock comes first, in its own statement. */
async function lastApplied({ orm }: Executor): Promise<number> {
  await orm.execute(sql`create schema if not exists drizzle`);
  await orm.execute(
    sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
  );
  const { rows } = await orm.execute<{ last: string | null }>(
    sql`select max(created_at)::text as last from drizzle.__drizzle_migrations`,
  );
  return Number(rows[0]?.last ?? -1);
}

async function apply({ orm }: Executor, migration: MigrationMeta): Promise<void> {
  for (const statement of migration.sql) await orm.execute(sql.raw(statement));
  await orm.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.folderMillis})`,
  );
}

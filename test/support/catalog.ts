import { sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';

/** Every column, index, constraint and sequence of the schema, one a line, sorted: two engines must agree on all. */
export async function catalogOf(database: Database): Promise<string[]> {
  const { rows } = await database.orm.execute<{ line: string }>(sql`
    select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, is_identity) as line
      from information_schema.columns where table_schema = 'public'
    union all
    select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
    union all
    -- PostgreSQL 18 lists NOT NULL among the constraints; the columns above have it on every version.
    select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
    union all
    select concat_ws(' ', 'sequence', sequence_name, data_type, start_value, increment)
      from information_schema.sequences where sequence_schema = 'public'`);
  return rows.map(({ line }) => line).sort();
}

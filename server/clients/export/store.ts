import { type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import { type CardRow, cardColumns, cardOf, contactPointsJson } from '../card-rows.ts';
import type { StoredCard } from '../client.ts';
import type { SearchQuery } from '../search-query.ts';
import { allWords } from '../search-store.ts';
import { inScope, type Scope } from '../visibility.ts';

/** Which cards go out: those of a search, among those that the viewer may see. */
export interface ExportFilter {
  /** null = all. */
  readonly query: SearchQuery | null;
  /** null = all. */
  readonly scope: Scope | null;
}

/** Cards `c` of a filter; an emptied card is answered for by another one. */
function chosen({ query, scope }: ExportFilter): SQL {
  const parts = [sql`c.merged_into_id IS NULL`];
  if (scope) parts.push(inScope(scope));
  if (query) parts.push(allWords(query));
  return sql.join(parts, sql` AND `);
}

const source = ({ query }: ExportFilter): SQL =>
  query ? sql`client_search hit JOIN clients c ON c.id = hit.client_id` : sql`clients c`;

/** How many cards a filter chooses. */
export async function countChosen(db: Executor, filter: ExportFilter): Promise<number> {
  const { rows } = await db.orm.execute(
    sql`SELECT count(*)::int AS count FROM ${source(filter)} WHERE ${chosen(filter)}`,
  );
  return Number((rows[0] as { count: number } | undefined)?.count ?? 0);
}

/** The next cards of a filter by id, whole. Not a named statement: the planner must see the words. */
export async function readChosen(
  db: Executor,
  filter: ExportFilter,
  { after, limit }: { after: ClientId | 0; limit: number },
): Promise<StoredCard[]> {
  const { rows } = await db.orm.execute(sql`
    WITH page AS (
      SELECT c.id FROM ${source(filter)} WHERE ${chosen(filter)} AND c.id > ${after} ORDER BY c.id LIMIT ${limit}
    )
    SELECT ${sql.raw(cardColumns)}, ${sql.raw(contactPointsJson)}
    FROM page JOIN clients c ON c.id = page.id LEFT JOIN users u ON u.id = c.responsible_id ORDER BY c.id`);
  return (rows as unknown as CardRow[]).map((row) => cardOf(counted(row)));
}

/** Drizzle's raw statements give bigint as text. */
const counted = (row: CardRow): CardRow => ({
  ...row,
  id: Number(row.id) as ClientId,
  responsible_id: row.responsible_id === null ? null : (Number(row.responsible_id) as UserId),
});

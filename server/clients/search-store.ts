import { type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import type { ClientListItem } from '../contract/schemas.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import { contactPointsJson, responsibleOf } from './card-rows.ts';
import { displayOf } from './client.ts';
import { clientLimits } from './limits.ts';
import type { SearchQuery } from './search-query.ts';
import { inScope, type Scope } from './visibility.ts';

interface ItemRow {
  id: ClientId;
  kind: ClientListItem['kind'];
  name: string;
  company: string;
  vip: boolean;
  responsible_id: UserId | null;
  responsible_name: string | null;
  contact_points: { kind: string; value: string }[];
}

function itemOf(row: ItemRow): ClientListItem {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    company: row.company,
    vip: row.vip,
    responsible: responsibleOf(row),
    contactPoints: row.contact_points.map(({ kind, value }) => ({ kind, value, display: displayOf({ kind, value }) })),
  };
}

/** Drizzle's raw statements give bigint as text. */
const counted = (row: ItemRow): ItemRow => ({
  ...row,
  id: Number(row.id) as ClientId,
  responsible_id: row.responsible_id === null ? null : (Number(row.responsible_id) as UserId),
});

const columns = `
  c.id, c.kind, c.name, c.company, c.vip, c.responsible_id, u.name AS responsible_name, ${contactPointsJson}`;

/** Search texts `hit` that hold every word of a query in one of its spellings. */
export function allWords(query: SearchQuery): SQL {
  const words = query.words.map((patterns) => {
    const spellings = patterns.map((pattern) => sql`hit.text LIKE ${pattern}`);
    return sql`(${sql.join(spellings, sql` OR `)})`;
  });
  return sql.join(words, sql` AND `);
}

/** Rows `hit` that name a card, cut to what the viewer may see. */
function seen(hits: SQL, scope: Scope | null): SQL {
  return scope === null
    ? hits
    : sql`${hits} AND EXISTS (SELECT FROM clients c WHERE c.id = hit.client_id AND ${inScope(scope)})`;
}

/**
 * Cards of a query: exact numbers first, then names that start with it, then the rest by name. Each part is bounded
 * before it is sorted. Not a named statement: the planner must see the patterns to choose the trigram index.
 */
export async function findCards(
  db: Executor,
  query: SearchQuery,
  { scope, limit }: { scope: Scope | null; limit: number },
): Promise<ClientListItem[]> {
  const words = allWords(query);
  const exact = sql.join([sql`''`, ...query.exact.map((value) => sql`${value}`)], sql`, `);
  const { rows } = await db.orm.execute(sql`
    WITH hits AS (
      (SELECT hit.client_id, 0 AS place FROM contact_points hit
       WHERE ${seen(sql`hit.kind IN ('phone', 'email') AND hit.value IN (${exact})`, scope)} LIMIT ${limit})
      UNION ALL
      (SELECT hit.client_id, 1 FROM client_search hit
       WHERE ${seen(sql`left(hit.text, 48) LIKE ${query.prefix} AND ${words}`, scope)} LIMIT ${limit})
      UNION ALL
      (SELECT hit.client_id, 2 FROM client_search hit WHERE ${seen(words, scope)} LIMIT ${clientLimits.searchHits})
    ), best AS (SELECT client_id, min(place) AS place FROM hits GROUP BY client_id)
    SELECT ${sql.raw(columns)}
    FROM best b JOIN clients c ON c.id = b.client_id LEFT JOIN users u ON u.id = c.responsible_id
    ORDER BY b.place, lower(c.name), c.id LIMIT ${limit}`);
  return (rows as unknown as ItemRow[]).map((row) => itemOf(counted(row)));
}

/**
 * The cards changed last. Of a part of all cards each person's latest are taken down the index, and the best of them:
 * otherwise somebody with few cards would have all others read for him.
 */
export async function latestCards(db: Executor, scope: Scope | null, limit: number): Promise<ClientListItem[]> {
  if (scope) return latestOf(db, scope, limit);
  const rows = await db.run<ItemRow>({
    name: 'client_latest',
    text: `SELECT ${columns}
           FROM clients c LEFT JOIN users u ON u.id = c.responsible_id
           WHERE c.merged_into_id IS NULL
           ORDER BY c.updated_at DESC, c.id DESC LIMIT $1`,
    values: [limit],
  });
  return rows.map(itemOf);
}

const latestFirst = 'ORDER BY c.updated_at DESC, c.id DESC LIMIT $3';

async function latestOf(db: Executor, { people, clients }: Scope, limit: number): Promise<ClientListItem[]> {
  const rows = await db.run<ItemRow>({
    name: 'client_latest_of',
    text: `WITH mine AS (
             SELECT l.id FROM unnest($1::bigint[]) person (id) CROSS JOIN LATERAL (
               SELECT c.id FROM clients c WHERE c.responsible_id = person.id AND c.merged_into_id IS NULL ${latestFirst}) l
             UNION
             (SELECT c.id FROM clients c WHERE c.responsible_id IS NULL AND c.merged_into_id IS NULL ${latestFirst})
             UNION
             SELECT unnest($2::bigint[])
           )
           SELECT ${columns}
           FROM mine JOIN clients c ON c.id = mine.id LEFT JOIN users u ON u.id = c.responsible_id
           WHERE c.merged_into_id IS NULL ${latestFirst}`,
    values: [people, clients, limit],
  });
  return rows.map(itemOf);
}

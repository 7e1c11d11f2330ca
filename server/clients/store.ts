import { and, asc, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { storableJson } from '../../db/json.ts';
import { clientSearch, clients, contactPoints, users } from '../../db/schema/index.ts';
import type { ClientId, ContactPointId, UserId } from '../kernel/ids.ts';
import { type CardRow, cardColumns, cardOf, contactPointsJson, pointsJson, readCard } from './card-rows.ts';
import type { CardFields, NewContactPoint, StoredCard, StoredContactPoint } from './client.ts';

/** As `readCard`, and nobody else changes the card until the transaction ends. */
export async function lockCard(tx: Executor, id: ClientId): Promise<StoredCard | null> {
  const [locked] = await tx.run<{ merged_into_id: ClientId | null }>({
    name: 'client_lock',
    text: 'SELECT merged_into_id FROM clients WHERE id = $1 FOR UPDATE',
    values: [id],
  });
  if (locked?.merged_into_id) return lockCard(tx, locked.merged_into_id);
  // apart from the locking statement, whose snapshot would be older than the lock
  return locked ? readCard(tx, id) : null;
}

/** What a call or message from an unknown number or address makes, and what it looks for. */
export interface ContactMatch {
  readonly kind: 'phone' | 'email';
  /** Values under which a card may hold it; the first is the canonical one. */
  readonly candidates: readonly string[];
  readonly value: string;
  readonly extension: string;
  readonly raw: string;
  readonly name: string;
  readonly source: string;
  readonly searchText: string;
  readonly evidence: string;
}

/**
 * Whose numbers or addresses they are, as common table expressions: `found` has the `client_id` of each of `wanted` (`n`, `kind`,
 * `candidates`, `value`, `extension`) that a card has, by its `n`. A caller without an extension is a card's when only one card has
 * the number with one. One candidate at a time down the index: a plan made while the table was small would otherwise read every
 * number there is, until the next ANALYZE.
 */
export const contactsFound = `
  held AS (
    SELECT w.n, p.id, p.client_id, p.value, p.extension
    FROM wanted w CROSS JOIN LATERAL unnest(w.candidates) AS candidate (value) CROSS JOIN LATERAL (
      SELECT * FROM contact_points c WHERE c.kind = w.kind AND c.value = candidate.value OFFSET 0
    ) p
  ), found AS (
    SELECT DISTINCT ON (h.n) h.n, h.client_id FROM held h JOIN wanted w USING (n)
    WHERE h.extension IN (w.extension, '') OR (SELECT count(DISTINCT o.client_id) FROM held o WHERE o.n = h.n) = 1
    ORDER BY h.n, h.extension = w.extension DESC, h.value = w.value DESC, h.id
  )`;

/**
 * Identity first: the contact point's unique constraint decides which of many calls makes the card, and the others'
 * inserts do nothing.
 */
const matchText = `
  WITH wanted AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS w (n int, kind text, candidates text[], value text, extension text, raw text,
      name text, source text, "searchText" text, evidence text)
  ), ${contactsFound}, point AS (
    INSERT INTO contact_points (client_id, kind, value, extension, raw, is_primary)
    SELECT nextval('clients_id_seq'), w.kind, w.value, w.extension, w.raw, true FROM wanted w
    WHERE NOT EXISTS (SELECT FROM found f WHERE f.n = w.n)
    ON CONFLICT (kind, value, extension) DO NOTHING
    RETURNING id, client_id, kind, value, extension, label, is_primary
  ), made AS MATERIALIZED (
    SELECT p.*, w.n, w.name, w.source, w."searchText", w.evidence FROM point p JOIN wanted w USING (kind, value, extension)
  ), card AS (
    INSERT INTO clients (id, kind, name, source) SELECT client_id, 'unknown', name, source FROM made RETURNING *
  ), searchable AS (
    INSERT INTO client_search (client_id, text) SELECT client_id, "searchText" FROM made
  ), ledger AS (
    INSERT INTO identity_ledger (client_id, contact_point_id, action, evidence)
    SELECT client_id, id, 'created', evidence FROM made
  )
  SELECT ${cardColumns}, (SELECT ${pointsJson} FROM made p WHERE p.client_id = c.id) AS contact_points, true AS created, m.n
  FROM made m JOIN card c ON c.id = m.client_id LEFT JOIN users u ON u.id = c.responsible_id
  UNION ALL
  SELECT ${cardColumns}, ${contactPointsJson}, false, f.n
  FROM found f JOIN clients c ON c.id = f.client_id LEFT JOIN users u ON u.id = c.responsible_id`;

/** A card that was found, or made. */
export interface MatchedCard {
  readonly card: StoredCard;
  readonly created: boolean;
}

/**
 * One attempt for each of these, in one statement.
 * @param matches no value of them twice
 * @returns in their order; null where another transaction made the card after this statement had begun: try again
 */
export async function matchOrInsert(db: Executor, matches: readonly ContactMatch[]): Promise<(MatchedCard | null)[]> {
  const wanted = storableJson(matches.map((match, n) => ({ ...match, n })));
  const rows = await db.run<CardRow & { created: boolean; n: number }>({
    name: 'clients_match',
    text: matchText,
    values: [wanted],
  });
  const found = new Map(rows.map(({ created, n, ...card }) => [n, { card: cardOf(card), created }]));
  return matches.map((_, n) => found.get(n) ?? null);
}

/** A new card without contact points; `name` is given by the caller. */
export async function insertCard(tx: Executor, fields: CardFields & { name: string }, at: Date): Promise<ClientId> {
  const [row] = await tx.orm
    .insert(clients)
    .values({ ...fields, createdAt: at, updatedAt: at })
    .returning({ id: clients.id });
  if (!row) throw new Error('an inserted card was not returned');
  return row.id;
}

/** Writes fields and moves the version on. */
export async function updateCard(tx: Executor, id: ClientId, fields: CardFields, at: Date): Promise<void> {
  await tx.orm
    .update(clients)
    .set({ ...fields, version: sql`${clients.version} + 1`, updatedAt: at })
    .where(eq(clients.id, id));
}

export async function saveSearchText(tx: Executor, clientId: ClientId, text: string): Promise<void> {
  await tx.orm
    .insert(clientSearch)
    .values({ clientId, text })
    .onConflictDoUpdate({ target: clientSearch.clientId, set: { text } });
}

/** Null when the value is taken. */
export async function insertContactPoint(
  tx: Executor,
  clientId: ClientId,
  point: NewContactPoint,
): Promise<ContactPointId | null> {
  const { kind, value, raw, extension, label, isPrimary } = point;
  const [row] = await tx.orm
    .insert(contactPoints)
    .values({ clientId, kind, value, raw, extension, label, isPrimary })
    .onConflictDoNothing()
    .returning({ id: contactPoints.id });
  return row?.id ?? null;
}

export async function labelContactPoint(tx: Executor, id: ContactPointId, label: string): Promise<void> {
  await tx.orm.update(contactPoints).set({ label }).where(eq(contactPoints.id, id));
}

/** Makes one contact point the only primary one of its kind on the card. */
export async function makePrimary(
  tx: Executor,
  clientId: ClientId,
  kind: 'phone' | 'email',
  id: ContactPointId,
): Promise<void> {
  const others = and(eq(contactPoints.clientId, clientId), eq(contactPoints.kind, kind), ne(contactPoints.id, id));
  await tx.orm.update(contactPoints).set({ isPrimary: false }).where(others);
  await tx.orm.update(contactPoints).set({ isPrimary: true }).where(eq(contactPoints.id, id));
}

/** Takes a contact point off; when it was the primary one, the oldest left of its kind becomes primary. */
export async function deleteContactPoint(tx: Executor, clientId: ClientId, point: StoredContactPoint): Promise<void> {
  await tx.orm.delete(contactPoints).where(eq(contactPoints.id, point.id as ContactPointId));
  if (point.isPrimary) await passOnPrimary(tx, clientId, point.kind);
}

/** When a card has points of a kind but no primary one of it, the oldest becomes it. */
export async function passOnPrimary(tx: Executor, clientId: ClientId, kind: 'phone' | 'email'): Promise<void> {
  const points = await tx.orm
    .select({ id: contactPoints.id, isPrimary: contactPoints.isPrimary })
    .from(contactPoints)
    .where(and(eq(contactPoints.clientId, clientId), eq(contactPoints.kind, kind)))
    .orderBy(asc(contactPoints.id));
  const [oldest] = points;
  if (!oldest || points.some(({ isPrimary }) => isPrimary)) return;
  await tx.orm.update(contactPoints).set({ isPrimary: true }).where(eq(contactPoints.id, oldest.id));
}

/** Whether somebody who can still sign in has this id. */
export async function isActiveUser(tx: Executor, id: UserId): Promise<boolean> {
  const rows = await tx.orm
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, id), isNull(users.disabledAt)));
  return rows.length > 0;
}

import { and, eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { clientSearch, contactPoints, identityLedger } from '../../db/schema/index.ts';
import type { ClientId, ContactPointId, InteractionId, UserId } from '../kernel/ids.ts';
import { responsibleOf } from './card-rows.ts';
import type { NewContactPoint, StoredCard } from './client.ts';

/** The card that has a number or address which somebody wants for another card. */
export interface Owner {
  readonly pointId: ContactPointId;
  readonly clientId: ClientId;
  readonly name: string;
  readonly kind: StoredCard['kind'];
  readonly responsible: StoredCard['responsible'];
  /** Calls on its timeline. */
  readonly calls: number;
  /** Contact points of that card besides this one. */
  readonly otherPoints: number;
  /** What an undo puts back. */
  readonly before: { readonly isPrimary: boolean; readonly label: string };
}

interface OwnerRow {
  point_id: ContactPointId;
  client_id: ClientId;
  name: string;
  kind: StoredCard['kind'];
  responsible_id: UserId | null;
  responsible_name: string | null;
  calls: number;
  other_points: number;
  is_primary: boolean;
  label: string;
}

/** Who has a value, or null. */
export async function ownerOf(
  tx: Executor,
  { kind, value, extension }: Pick<NewContactPoint, 'kind' | 'value' | 'extension'>,
): Promise<Owner | null> {
  const [row] = await tx.run<OwnerRow>({
    name: 'contact_point_owner',
    text: `SELECT p.id AS point_id, p.client_id, p.is_primary, p.label, c.name, c.kind, c.responsible_id, u.name AS responsible_name,
             (SELECT count(*)::int FROM timeline_entries t WHERE t.client_id = c.id AND t.kind IN ('call', 'voicemail')) AS calls,
             (SELECT count(*)::int FROM contact_points o WHERE o.client_id = c.id AND o.id <> p.id) AS other_points
           FROM contact_points p JOIN clients c ON c.id = p.client_id LEFT JOIN users u ON u.id = c.responsible_id
           WHERE p.kind = $1 AND p.value = $2 AND p.extension = $3`,
    values: [kind, value, extension],
  });
  if (!row) return null;
  const { point_id, client_id, responsible_id, responsible_name, other_points, is_primary, label, ...same } = row;
  return {
    ...same,
    pointId: point_id,
    clientId: client_id,
    responsible: responsibleOf({ responsible_id, responsible_name }),
    otherPoints: other_points,
    before: { isPrimary: is_primary, label },
  };
}

/** Nobody else changes these cards until the transaction ends. In the order of ids, so that two never wait for each other. */
export async function lockCards(tx: Executor, ids: readonly ClientId[]): Promise<void> {
  await tx.run({
    name: 'client_lock_several',
    text: 'SELECT id FROM clients WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE',
    values: [ids],
  });
}

/** One line of the identity ledger: why a value belongs to a card, or no longer does. Its id. */
export async function recordIdentity(
  tx: Executor,
  line: {
    clientId: ClientId;
    contactPointId: ContactPointId;
    action: 'created' | 'added' | 'removed' | 'moved';
    evidence: string;
    userId: UserId | null;
    fromClientId?: ClientId;
    merged?: boolean;
    before?: { isPrimary: boolean; label: string };
    at?: Date;
  },
): Promise<number> {
  const [row] = await tx.orm.insert(identityLedger).values(line).returning({ id: identityLedger.id });
  if (!row) throw new Error('an inserted ledger line was not returned');
  return row.id;
}

/** Puts a contact point on another card, as a secondary one unless told otherwise. */
export async function movePoint(
  tx: Executor,
  id: ContactPointId,
  to: ClientId,
  { isPrimary, label }: { isPrimary: boolean; label: string },
): Promise<void> {
  await tx.orm.update(contactPoints).set({ clientId: to, isPrimary, label }).where(eq(contactPoints.id, id));
}

/** Writes that a card was emptied into another one, or (null) that it stands for itself again. Its new version. */
export async function setMergedInto(tx: Executor, id: ClientId, into: ClientId | null, at: Date): Promise<number> {
  const [row] = await tx.run<{ version: number }>({
    name: 'client_merged_into',
    text: 'UPDATE clients SET merged_into_id = $2, version = version + 1, updated_at = $3 WHERE id = $1 RETURNING version',
    values: [id, into, at],
  });
  return row?.version ?? 0;
}

/** Takes a card out of every search by text. */
export async function dropSearchText(tx: Executor, clientId: ClientId): Promise<void> {
  await tx.orm.delete(clientSearch).where(eq(clientSearch.clientId, clientId));
}

/** What a card's messages have left to say is nobody else's until the transaction ends: in the outbox's own order of locks. */
async function lockSent(tx: Executor, clientId: ClientId): Promise<void> {
  await tx.run({
    name: 'identity_lock_sent',
    text: `SELECT o.id FROM conversations k JOIN messages m ON m.conversation_id = k.id JOIN message_outbox o ON o.id = m.id
           WHERE k.client_id = $1 ORDER BY o.id FOR UPDATE OF o`,
    values: [clientId],
  });
}

/** Of a draft among the rows that the ledger keeps. */
const draftKey = `d.user_id || ' ' || d.channel`;

/** What was sent in conversations that go to card $2 goes along: the order to one client and what is noted of him follow it. */
const sentFollows = `UPDATE message_outbox o SET client_id = $2 FROM messages m JOIN written w ON w.id = m.conversation_id
             WHERE o.id = m.id`;

/**
 * Moves everything of one card's timeline and what is being written to another card and keeps in the ledger which rows. A draft
 * stays behind where its writer has one for the other card too. Returns the interactions.
 */
export async function moveTimeline(
  tx: Executor,
  { from, to, ledgerId }: { from: ClientId; to: ClientId; ledgerId: number },
): Promise<InteractionId[]> {
  await lockSent(tx, from);
  const rows = await tx.run<{ id: InteractionId }>({
    name: 'identity_move_timeline',
    text: `WITH entries AS (
             UPDATE timeline_entries SET client_id = $2 WHERE client_id = $1 RETURNING id
           ), calls AS (
             UPDATE interactions SET client_id = $2 WHERE client_id = $1 RETURNING id
           ), written AS (
             UPDATE conversations SET client_id = $2, version = version + 1 WHERE client_id = $1 RETURNING id
           ), sent AS (
             ${sentFollows}
           ), drafts AS (
             UPDATE message_drafts d SET client_id = $2
             WHERE d.client_id = $1 AND NOT EXISTS (SELECT FROM message_drafts o
               WHERE o.user_id = d.user_id AND o.client_id = $2 AND o.channel = d.channel)
             RETURNING ${draftKey} AS id
           ), kept AS (
             INSERT INTO identity_moves (ledger_id, kind, row_id)
             SELECT $3::bigint, 'timeline_entry', id FROM entries UNION ALL SELECT $3::bigint, 'interaction', id FROM calls
             UNION ALL SELECT $3::bigint, 'conversation', id FROM written UNION ALL SELECT $3::bigint, 'draft', id FROM drafts
           )
           SELECT id FROM calls`,
    values: [from, to, ledgerId],
  });
  return rows.map(({ id }) => id);
}

/**
 * Moves back what a line of the ledger moved, as far as it still lies where it was put, and what came by the number or address
 * since then. A message stands on the card of its conversation. Returns the interactions.
 */
export async function returnTimeline(
  tx: Executor,
  back: { from: ClientId; to: ClientId; ledgerId: number; since: Date; value: string | null },
): Promise<InteractionId[]> {
  await lockSent(tx, back.from);
  const rows = await tx.run<{ id: InteractionId }>({
    name: 'identity_return_timeline',
    text: `WITH written AS (
             UPDATE conversations k SET client_id = $2, version = version + 1
             WHERE k.client_id = $1
               AND (k.id IN (SELECT row_id FROM identity_moves WHERE ledger_id = $3 AND kind = 'conversation')
                    OR (k.peer = $5 AND k.opened_at >= $4))
             RETURNING k.id
           ), sent AS (
             ${sentFollows}
           ), drafts AS (
             UPDATE message_drafts d SET client_id = $2
             WHERE d.client_id = $1
               AND ${draftKey} IN (SELECT row_id FROM identity_moves WHERE ledger_id = $3 AND kind = 'draft')
               AND NOT EXISTS (SELECT FROM message_drafts o
                 WHERE o.user_id = d.user_id AND o.client_id = $2 AND o.channel = d.channel)
           ), entries AS (
             UPDATE timeline_entries t SET client_id = $2
             WHERE t.client_id = $1
               AND CASE WHEN t.kind IN ('email', 'sms', 'chat')
                        THEN t.id IN (SELECT m.id FROM messages m JOIN written w ON w.id = m.conversation_id)
                        ELSE t.id IN (SELECT row_id FROM identity_moves WHERE ledger_id = $3 AND kind = 'timeline_entry')
                             OR (t.kind IN ('call', 'voicemail') AND t.peer = $5 AND t.at >= $4) END
             RETURNING interaction_id
           )
           UPDATE interactions i SET client_id = $2
           WHERE i.client_id = $1
             AND (i.id IN (SELECT row_id FROM identity_moves WHERE ledger_id = $3 AND kind = 'interaction')
                  OR i.id IN (SELECT interaction_id FROM entries))
           RETURNING i.id`,
    values: [back.from, back.to, back.ledgerId, back.since, back.value],
  });
  return rows.map(({ id }) => id);
}

/** A line that moved a number, with where the number is now. */
export interface MoveLine {
  readonly id: number;
  readonly at: Date;
  readonly clientId: ClientId;
  readonly fromClientId: ClientId;
  readonly merged: boolean;
  readonly before: { readonly isPrimary: boolean; readonly label: string } | null;
  readonly userId: UserId | null;
  readonly undoneAt: Date | null;
  readonly contactPointId: ContactPointId;
  /** The contact point's present card; null when it was taken off. */
  readonly heldBy: ClientId | null;
  readonly kind: 'phone' | 'email';
  readonly value: string;
  /** The card that it came from was itself emptied into another one by a later line. */
  readonly fromMergedLater: boolean;
  /** It is where the line put it by a later line. */
  readonly movedLater: boolean;
}

/**
 * Whether the number of line `l`, though it is on that line's card, went away and came back by later lines: the last of those
 * put it there too.
 */
const cameBack = `EXISTS (
  SELECT FROM identity_ledger n
  WHERE n.client_id = l.client_id AND n.contact_point_id = l.contact_point_id AND n.id > l.id AND n.action = 'moved'
    AND n.undone_at IS NULL)`;

/** The line of a move and what stands in the way of its undo; null when there is no such line. */
export async function readMove(tx: Executor, ledgerId: number): Promise<MoveLine | null> {
  const [row] = await tx.run<MoveLine>({
    name: 'identity_move',
    text: `SELECT l.id, l.at, l.client_id AS "clientId", l.from_client_id AS "fromClientId", l.merged, l.before,
             l.user_id AS "userId", l.undone_at AS "undoneAt", l.contact_point_id AS "contactPointId",
             p.client_id AS "heldBy", p.kind, p.value,
             NOT l.merged AND f.merged_into_id IS NOT NULL AS "fromMergedLater", ${cameBack} AS "movedLater"
           FROM identity_ledger l JOIN clients f ON f.id = l.from_client_id
           LEFT JOIN contact_points p ON p.id = l.contact_point_id
           WHERE l.id = $1 AND l.action = 'moved'`,
    values: [ledgerId],
  });
  return row ?? null;
}

/** Whether another contact point of the card has the same value (behind another extension). */
export async function hasValueTwice(tx: Executor, clientId: ClientId, value: string): Promise<boolean> {
  return (
    (await tx.orm.$count(contactPoints, and(eq(contactPoints.clientId, clientId), eq(contactPoints.value, value)))) > 1
  );
}

export async function markUndone(tx: Executor, ledgerId: number, userId: UserId, at: Date): Promise<void> {
  await tx.orm.update(identityLedger).set({ undoneAt: at, undoneBy: userId }).where(eq(identityLedger.id, ledgerId));
}

/** A line of the ledger as it is shown. */
export interface LedgerRow {
  readonly id: number;
  readonly at: Date;
  readonly action: 'created' | 'added' | 'removed' | 'moved';
  readonly evidence: string;
  readonly userId: UserId | null;
  readonly user: { id: number; name: string } | null;
  readonly card: { id: number; name: string };
  readonly from: { id: number; name: string } | null;
  readonly merged: boolean;
  readonly movedEntries: number;
  readonly undoneAt: Date | null;
  readonly undoneUser: { id: number; name: string } | null;
  /** The number is still where this line put it, and the card it came from can take it back. */
  readonly isLast: boolean;
}

const person = (user: string): string =>
  `CASE WHEN ${user}.id IS NOT NULL THEN json_build_object('id', ${user}.id, 'name', ${user}.name) END`;

const ledgerText = `
  SELECT l.id, l.at, l.action, l.evidence, l.merged, l.user_id AS "userId", l.undone_at AS "undoneAt",
    ${person('u')} AS "user", ${person('n')} AS "undoneUser", ${person('f')} AS "from", ${person('c')} AS card,
    (SELECT count(*)::int FROM identity_moves m WHERE m.ledger_id = l.id AND m.kind = 'timeline_entry') AS "movedEntries",
    coalesce(l.action = 'moved' AND l.undone_at IS NULL AND p.client_id = l.client_id
             AND (l.merged OR f.merged_into_id IS NULL) AND NOT ${cameBack}, false) AS "isLast"
  FROM identity_ledger l JOIN clients c ON c.id = l.client_id LEFT JOIN clients f ON f.id = l.from_client_id
  LEFT JOIN contact_points p ON p.id = l.contact_point_id
  LEFT JOIN users u ON u.id = l.user_id LEFT JOIN users n ON n.id = l.undone_by
  WHERE l.client_id = $1 OR l.from_client_id = $1
  ORDER BY l.id DESC LIMIT $2`;

/** Lines about a card, or about what was taken from it, newest first. */
export async function readLedger(db: Executor, clientId: ClientId, limit: number): Promise<LedgerRow[]> {
  return db.run<LedgerRow>({ name: 'identity_ledger', text: ledgerText, values: [clientId, limit] });
}

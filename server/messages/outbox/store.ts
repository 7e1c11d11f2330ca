import type { DeliveryReported } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import type { MessageChannelName, OutboxState } from '../../contract/messages-words.ts';
import type { AccountId, AddressId, ClientId, ConversationId, MessageId } from '../../kernel/ids.ts';
import {
  type JournalEntry,
  type JournalEvent,
  journalColumns,
  journalEntries,
  journalInsert,
} from '../../kernel/journal.ts';
import { outboxLimits } from './limits.ts';
import type { PartStep } from './state.ts';
import type { Change, StoredMessage, StoredPart } from './stored.ts';

/**
 * The rows of the outbox. Everything that changes rows takes many of them at once: a statement costs the embedded engine a
 * third of a millisecond and a commit one, whatever is in it.
 */

const ms = (date: Date | null): number | null => date?.getTime() ?? null;
const date = (at: number | null): Date | null => (at === null ? null : new Date(at));

export interface NewOutboxRow {
  readonly id: MessageId;
  readonly addressId: AddressId;
  readonly clientId: ClientId;
  readonly conversationId: ConversationId;
  readonly idempotencyKey: string;
  readonly state: OutboxState;
  readonly priority: number;
  readonly nature: string;
  readonly notBefore: number;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly againOfId: MessageId | null;
}

/** Through the account that our address belongs to. */
export async function insertOutbox(tx: Executor, row: NewOutboxRow): Promise<void> {
  const inserted = await tx.run({
    name: 'outbox_insert',
    text: `INSERT INTO message_outbox (id, account_id, address_id, client_id, conversation_id, idempotency_key, state, priority,
             nature, not_before, expires_at, created_at, again_of_id)
           SELECT $1, a.account_id, a.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM channel_addresses a WHERE a.id = $2
           RETURNING id`,
    values: [
      row.id,
      row.addressId,
      row.clientId,
      row.conversationId,
      row.idempotencyKey,
      row.state,
      row.priority,
      row.nature,
      new Date(row.notBefore),
      date(row.expiresAt),
      new Date(row.createdAt),
      row.againOfId,
    ],
  });
  if (inserted.length === 0) throw new Error(`there is no address ${row.addressId}`);
}

/**
 * The message that has this key; whoever asks with the same key at the same time waits until this transaction ends.
 */
export async function findByKey(tx: Executor, key: string): Promise<MessageId | null> {
  await tx.run({
    name: 'outbox_key_lock',
    text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 20))',
    values: [key],
  });
  const [row] = await tx.run<{ id: MessageId }>({
    name: 'outbox_by_key',
    text: 'SELECT id FROM message_outbox WHERE idempotency_key = $1',
    values: [key],
  });
  return row?.id ?? null;
}

interface OutboxColumns {
  readonly id: MessageId;
  readonly account_id: AccountId;
  readonly address_id: AddressId;
  readonly client_id: ClientId;
  readonly conversation_id: ConversationId;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly not_before: Date;
  readonly expires_at: Date | null;
  readonly lease_until: Date | null;
  readonly blocks_until: Date | null;
  readonly provider_id: string | null;
  readonly segments: number | null;
  readonly last_error: string;
  readonly last_error_kind: string | null;
  readonly accepted_at: Date | null;
  readonly done_at: Date | null;
  readonly channel: MessageChannelName;
  readonly recipient: string | null;
  readonly parts: readonly PartColumns[] | null;
}

interface PartColumns {
  readonly part: number;
  readonly providerId: string;
  readonly step: PartStep;
  readonly stepAt: string;
  readonly error: string;
}

const partsOf = (rows: readonly PartColumns[] | null): Map<number, StoredPart> =>
  new Map(
    (rows ?? []).map(({ part, providerId, step, stepAt, error }) => [
      part,
      { providerId, step, stepAt: Date.parse(stepAt), error },
    ]),
  );

const messageOf = (row: OutboxColumns): StoredMessage => ({
  id: row.id,
  accountId: row.account_id,
  addressId: row.address_id,
  clientId: row.client_id,
  conversationId: row.conversation_id,
  channel: row.channel,
  state: row.state,
  attempts: row.attempts,
  notBefore: row.not_before.getTime(),
  expiresAt: ms(row.expires_at),
  leaseUntil: ms(row.lease_until),
  blocksUntil: ms(row.blocks_until),
  providerId: row.provider_id,
  segments: row.segments,
  lastError: row.last_error,
  lastErrorKind: row.last_error_kind,
  acceptedAt: ms(row.accepted_at),
  doneAt: ms(row.done_at),
  parts: partsOf(row.parts),
  recipient: row.recipient,
});

/** Parts of message `o` as JSON; null when it has none. */
export const partsJson = `(SELECT json_agg(json_build_object('part', p.part, 'providerId', p.provider_id, 'step', p.step,
    'stepAt', p.step_at, 'error', p.error)) FROM message_parts p WHERE p.message_id = o.id)`;

const storedColumns = `o.id, o.account_id, o.address_id, o.client_id, o.conversation_id, o.state, o.attempts, o.not_before,
  o.expires_at, o.lease_until, o.blocks_until, o.provider_id, o.segments, o.last_error, o.last_error_kind, o.accepted_at,
  o.done_at, m.channel,
  CASE WHEN jsonb_array_length(m."to") + jsonb_array_length(m.cc) = 1 THEN coalesce(m."to"->0, m.cc->0)->>'address' END AS recipient,
  ${partsJson} AS parts`;

/** These messages, locked in one order, so that two batches never wait for each other. */
export async function lockMessages(tx: Executor, ids: readonly MessageId[]): Promise<Map<MessageId, StoredMessage>> {
  const rows = await tx.run<OutboxColumns>({
    name: 'outbox_lock',
    text: `SELECT ${storedColumns} FROM message_outbox o JOIN messages m ON m.id = o.id
           WHERE o.id = ANY($1::text[]) ORDER BY o.id FOR UPDATE OF o`,
    values: [[...new Set(ids)]],
  });
  return new Map(rows.map((row) => [row.id, messageOf(row)]));
}

/** Messages of an account whose time has come, whatever it is; nobody else has them until the transaction ends. */
export async function lockOverdue(
  tx: Executor,
  account: AccountId,
  kind: 'lost' | 'expired',
  now: number,
  limit: number,
): Promise<StoredMessage[]> {
  const where =
    kind === 'lost'
      ? "o.state = 'sending' AND o.lease_until <= $2"
      : "o.state IN ('held', 'queued') AND o.expires_at <= $2";
  const rows = await tx.run<OutboxColumns>({
    name: `outbox_${kind}`,
    text: `SELECT ${storedColumns} FROM message_outbox o JOIN messages m ON m.id = o.id
           WHERE o.account_id = $1 AND ${where} ORDER BY o.id LIMIT $3 FOR UPDATE OF o SKIP LOCKED`,
    values: [account, new Date(now), limit],
  });
  return rows.map(messageOf);
}

/** A receipt of an account, and which message it is of, as far as anybody knows. */
export interface KnownReceipt {
  readonly index: number;
  readonly id: MessageId | null;
  readonly part: number | null;
}

/** Notes receipts once and finds their messages. Those that were noted before are left out. */
export async function takeReceipts(
  tx: Executor,
  events: readonly DeliveryReported[],
  now: number,
): Promise<KnownReceipt[]> {
  const rows = await tx.run<{ index: number; id: MessageId | null; part: number | null }>({
    name: 'outbox_take_receipts',
    text: `WITH given AS (
             SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::int[])
               AS g (channel, source_id, account_id, message_id, provider_id, index)
           ), fresh AS (
             INSERT INTO inbound_events (channel, source_id, at)
             SELECT DISTINCT channel, source_id, $7::timestamptz FROM given ON CONFLICT DO NOTHING
             RETURNING channel, source_id
           )
           SELECT g.index, coalesce(proven.id, p.message_id, (SELECT o.id FROM message_outbox o
                    WHERE o.account_id = g.account_id AND o.provider_id = g.provider_id
                    ORDER BY o.created_at DESC LIMIT 1)) AS id,
             CASE WHEN proven.id IS NULL OR proven.id = p.message_id THEN p.part END AS part
           FROM given g JOIN fresh USING (channel, source_id)
           LEFT JOIN message_outbox proven ON proven.id = g.message_id
           LEFT JOIN message_parts p ON p.account_id = g.account_id AND p.provider_id = g.provider_id
           ORDER BY g.index`,
    values: [
      events.map(({ channel }) => channel),
      events.map(({ sourceId }) => sourceId),
      events.map(({ accountId }) => accountId),
      events.map(({ messageId }) => messageId),
      events.map(({ providerId }) => providerId),
      events.map((_, index) => index),
      new Date(now),
    ],
  });
  return rows.map(({ index, id, part }) => ({ index, id, part }));
}

/** Keeps receipts whose message nobody knows yet. */
export async function parkReceipts(tx: Executor, events: readonly DeliveryReported[], now: number): Promise<void> {
  if (events.length === 0) return;
  await tx.run({
    name: 'outbox_park',
    text: `INSERT INTO parked_receipts (account_id, provider_id, at, event)
           SELECT g.account_id, g.provider_id, $4, g.event
           FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) AS g (account_id, provider_id, event)`,
    values: [
      events.map(({ accountId }) => accountId),
      events.map(({ providerId }) => providerId),
      events.map((event) => JSON.stringify(event)),
      new Date(now),
    ],
  });
}

/** Provider's ids that an account has just given to parts of its messages. */
export interface GivenId {
  readonly accountId: AccountId;
  readonly providerId: string;
  readonly messageId: MessageId;
}

/**
 * Takes the receipts that were kept for these ids. A provider that counts from one again gives ids twice: the newest message
 * has the id from now on.
 */
export async function claimIds(tx: Executor, ids: readonly GivenId[]): Promise<DeliveryReported[]> {
  if (ids.length === 0) return [];
  const rows = await tx.run<{ event: DeliveryReported }>({
    name: 'outbox_claim_ids',
    text: `WITH given AS (
             SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) AS g (account_id, provider_id, message_id)
           ), freed AS (
             UPDATE message_parts p SET provider_id = p.provider_id || '#' || p.message_id FROM given g
             WHERE p.account_id = g.account_id AND p.provider_id = g.provider_id AND p.message_id <> g.message_id
           )
           DELETE FROM parked_receipts r USING given g
           WHERE r.account_id = g.account_id AND r.provider_id = g.provider_id RETURNING r.event`,
    values: [
      ids.map(({ accountId }) => accountId),
      ids.map(({ providerId }) => providerId),
      ids.map(({ messageId }) => messageId),
    ],
  });
  return rows.map(({ event }) => event);
}

/** Takes kept receipts whose message is known by now, and throws away those that nobody will ask for any more. */
export async function takeParked(
  tx: Executor,
  now: number,
): Promise<{ readonly id: MessageId; readonly part: number; readonly event: DeliveryReported }[]> {
  const rows = await tx.run<{ id: MessageId; part: number; event: DeliveryReported }>({
    name: 'outbox_take_parked',
    text: `WITH old AS (DELETE FROM parked_receipts WHERE at < $1)
           DELETE FROM parked_receipts r USING message_parts p
           WHERE p.account_id = r.account_id AND p.provider_id = r.provider_id AND r.at >= $1
           RETURNING p.message_id AS id, p.part, r.event`,
    values: [new Date(now - outboxLimits.parkedMs)],
  });
  return rows;
}

const saveText = `
  WITH saved AS (
    UPDATE message_outbox o SET state = n.state, attempts = n.attempts, not_before = n.not_before, lease_until = n.lease_until,
      blocks_until = n.blocks_until, provider_id = n.provider_id, segments = n.segments, last_error = n.last_error,
      last_error_kind = n.last_error_kind, accepted_at = n.accepted_at, done_at = n.done_at
    FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::text[],
      $8::int[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[])
      AS n (id, state, attempts, not_before, lease_until, blocks_until, provider_id, segments, last_error, last_error_kind,
            accepted_at, done_at)
    WHERE o.id = n.id
  ), ended AS (
    UPDATE message_attempts a SET ended_at = n.ended_at, result = n.result, detail = n.detail
    FROM unnest($13::text[], $14::int[], $15::timestamptz[], $16::text[], $17::text[]) AS n (id, attempt, ended_at, result, detail)
    WHERE a.message_id = n.id AND a.attempt = n.attempt
  ), parted AS (
    INSERT INTO message_parts (message_id, part, account_id, provider_id, step, step_at, error)
    SELECT * FROM unnest($18::text[], $19::int[], $20::bigint[], $21::text[], $22::text[], $23::timestamptz[], $24::text[])
    ON CONFLICT (message_id, part) DO UPDATE SET provider_id = excluded.provider_id, step = excluded.step,
      step_at = excluded.step_at, error = excluded.error
  ), ${journalInsert(25).trim()}
  SELECT seq FROM appended ORDER BY seq`;

/** A change with the parts that are different. */
export interface SavedChange extends Change {
  readonly before: StoredMessage;
}

const partRows = (changes: readonly SavedChange[]) =>
  changes.flatMap(({ message, before }) =>
    [...message.parts]
      .filter(([part, stored]) => before.parts.get(part) !== stored)
      .map(([part, stored]) => ({ message, part, stored })),
  );

/** Writes changed messages with their attempts, parts and journal: ONE statement. The rows are locked. */
export async function saveChanges(
  tx: Executor,
  changes: readonly SavedChange[],
  ends: readonly { readonly id: MessageId; readonly end: NonNullable<Change['attempt']> }[],
  events: readonly JournalEvent[],
): Promise<JournalEntry[]> {
  const rows = changes.filter(({ message, before }) => message !== before).map(({ message }) => message);
  const parts = partRows(changes);
  const appended = await tx.run<{ seq: number | string }>({
    name: 'outbox_save',
    text: saveText,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ state }) => state),
      rows.map(({ attempts }) => attempts),
      rows.map(({ notBefore }) => date(notBefore)),
      rows.map(({ leaseUntil }) => date(leaseUntil)),
      rows.map(({ blocksUntil }) => date(blocksUntil)),
      rows.map(({ providerId }) => providerId),
      rows.map(({ segments }) => segments),
      rows.map(({ lastError }) => lastError),
      rows.map(({ lastErrorKind }) => lastErrorKind),
      rows.map(({ acceptedAt }) => date(acceptedAt)),
      rows.map(({ doneAt }) => date(doneAt)),
      ends.map(({ id }) => id),
      ends.map(({ end }) => end.attempt),
      ends.map(({ end }) => date(end.endedAt)),
      ends.map(({ end }) => end.result),
      ends.map(({ end }) => end.detail),
      parts.map(({ message }) => message.id),
      parts.map(({ part }) => part),
      parts.map(({ message }) => message.accountId),
      parts.map(({ stored }) => stored.providerId),
      parts.map(({ stored }) => stored.step),
      parts.map(({ stored }) => date(stored.stepAt)),
      parts.map(({ stored }) => stored.error),
      ...journalColumns(events),
    ],
  });
  return journalEntries(
    events,
    appended.map(({ seq }) => Number(seq)),
  );
}

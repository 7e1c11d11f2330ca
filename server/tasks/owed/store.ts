import type { Executor } from '../../../db/client.ts';
import type { OwedClosing, OwedKind, OwnerReason } from '../../contract/tasks-words.ts';
import type { ClientId, ConversationId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import type { Debt } from './debt.ts';
import type { Held, Owner } from './owner.ts';

/** Any number that no other two-part lock of this database takes: "swow" in ASCII. */
const lockKey = 0x73776f77;

/** A row as the ledger works with it. */
export interface LedgerRow extends Held {
  readonly id: number;
  readonly clientId: ClientId;
  readonly queueId: QueueId | null;
  readonly kind: OwedKind;
  readonly lastAt: number;
  readonly times: number;
  readonly dueAt: number;
  readonly interactionIds: readonly InteractionId[];
  readonly conversationIds: readonly ConversationId[];
  readonly version: number;
}

interface Row {
  id: number;
  client_id: ClientId;
  queue_id: QueueId | null;
  kind: OwedKind;
  last_at: Date;
  times: number;
  due_at: Date;
  interaction_ids: InteractionId[];
  conversation_ids: ConversationId[];
  owner_id: UserId | null;
  owner_reason: OwnerReason | null;
  owner_until: Date | null;
  version: number;
}

const rowColumns = `id, client_id, queue_id, kind, last_at, times, due_at, interaction_ids, conversation_ids,
  owner_id, owner_reason, owner_until, version`;

const rowOf = (row: Row): LedgerRow => ({
  id: row.id,
  clientId: row.client_id,
  queueId: row.queue_id,
  kind: row.kind,
  lastAt: row.last_at.getTime(),
  times: row.times,
  dueAt: row.due_at.getTime(),
  interactionIds: row.interaction_ids,
  conversationIds: row.conversation_ids,
  ownerId: row.owner_id,
  reason: row.owner_reason,
  until: row.owner_until?.getTime() ?? null,
  version: row.version,
});

/** Nobody else works on this client's rows until the transaction ends. */
export async function lockClient(tx: Executor, clientId: ClientId): Promise<void> {
  // two 32 bit keys: cards are numbered far below
  const values = [lockKey, clientId % 2 ** 31];
  await tx.run({ name: 'owed_lock', text: 'SELECT pg_advisory_xact_lock($1::int, $2::int)', values });
}

/** The open row of a client. */
export async function readOpen(tx: Executor, clientId: ClientId): Promise<LedgerRow | null> {
  const text = `SELECT ${rowColumns} FROM owed WHERE client_id = $1 AND closed_at IS NULL`;
  const [row] = await tx.run<Row>({ name: 'owed_open', text, values: [clientId] });
  return row ? rowOf(row) : null;
}

const at = (ms: number): Date => new Date(ms);

const debtValues = (debt: Debt): unknown[] => [
  debt.kind,
  at(debt.firstAt),
  at(debt.lastAt),
  debt.times,
  debt.number,
  debt.lineName,
  debt.queueId,
  debt.interactionIds,
  debt.conversationIds,
  debt.channels,
  at(debt.dueAt),
];

/** Opens a row; the caller holds the client's lock and knows that there is none. */
export async function insertRow(tx: Executor, clientId: ClientId, debt: Debt, now: number): Promise<LedgerRow> {
  const [row] = await tx.run<Row>({
    name: 'owed_insert',
    text: `INSERT INTO owed (client_id, opened_at, kind, first_at, last_at, times, number, line_name, queue_id,
             interaction_ids, conversation_ids, channels, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING ${rowColumns}`,
    values: [clientId, at(now), ...debtValues(debt)],
  });
  if (!row) throw new Error('an inserted row of the ledger was not returned');
  return rowOf(row);
}

/**
 * Opens the client's last row again when it is about the same calls or the same wait: the talk or the letter that closed it
 * was with somebody else, or did not leave. null when it is not.
 */
export async function reopenRow(tx: Executor, clientId: ClientId, debt: Debt): Promise<LedgerRow | null> {
  const [row] = await tx.run<Row>({
    name: 'owed_reopen',
    text: `UPDATE owed SET closed_at = NULL, closed_because = NULL, closed_by_interaction_id = NULL, closed_by_id = NULL,
             closed_note = '', version = version + 1
           WHERE id = (SELECT id FROM owed WHERE client_id = $1 ORDER BY opened_at DESC, id DESC LIMIT 1)
             AND closed_because IN ('talked', 'written', 'moved')
             AND (interaction_ids[1] = $2
               OR (interaction_ids = '{}' AND first_at = $3 AND conversation_ids && $4::text[]))
           RETURNING ${rowColumns}`,
    values: [clientId, debt.interactionIds[0] ?? null, at(debt.firstAt), debt.conversationIds],
  });
  return row ? rowOf(row) : null;
}

export async function updateDebt(tx: Executor, id: number, debt: Debt): Promise<void> {
  await tx.run({
    name: 'owed_update',
    text: `UPDATE owed SET kind = $2, first_at = $3, last_at = $4, times = $5, number = $6, line_name = $7,
             queue_id = $8, interaction_ids = $9, conversation_ids = $10, channels = $11, due_at = $12, version = version + 1
           WHERE id = $1`,
    values: [id, ...debtValues(debt)],
  });
}

export async function updateOwner(tx: Executor, id: number, owner: Owner | null, now: number): Promise<void> {
  await tx.run({
    name: 'owed_owner',
    text: `UPDATE owed SET owner_id = $2, owner_reason = $3, owner_until = $4, owned_at = $5, version = version + 1
           WHERE id = $1`,
    values: [id, owner?.userId ?? null, owner?.reason ?? null, owner ? at(owner.until) : null, owner ? at(now) : null],
  });
}

/** Only the end of the shift is another one: not a change that anybody sees. */
export async function updateUntil(tx: Executor, id: number, until: number): Promise<void> {
  await tx.run({ name: 'owed_until', text: 'UPDATE owed SET owner_until = $2 WHERE id = $1', values: [id, at(until)] });
}

export interface Closing {
  readonly at: number;
  readonly because: OwedClosing;
  readonly interactionId?: InteractionId | null;
  readonly userId?: UserId | null;
  readonly note?: string;
}

export async function closeRow(tx: Executor, id: number, closing: Closing): Promise<void> {
  const { because, interactionId = null, userId = null, note = '' } = closing;
  await tx.run({
    name: 'owed_close',
    text: `UPDATE owed SET closed_at = $2, closed_because = $3, closed_by_interaction_id = $4, closed_by_id = $5,
             closed_note = $6, version = version + 1
           WHERE id = $1 AND closed_at IS NULL`,
    values: [id, at(closing.at), because, interactionId, userId, note],
  });
}

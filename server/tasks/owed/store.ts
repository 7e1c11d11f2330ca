import type { Executor } from '../../../db/client.ts';
import type { OwedClosing, OwedKind, OwnerReason } from '../../contract/tasks-words.ts';
import type { ClientId, ConversationId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import type { Debt } from './debt.ts';
import type { Held, Owner, OwnerChange } from './owner.ts';

/** Any number that no other two-part lock of this database takes: "swow" in ASCII. */
const lockKey = 0x73776f77;

/** A row as the ledger works with it. */
export interface LedgerRow extends Held {
  readonly id: number;
  readonly clientId: ClientId;
  readonly isOpen: boolean;
  readonly queueId: QueueId | null;
  readonly kind: OwedKind;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly times: number;
  readonly dueAt: number;
  readonly interactionIds: readonly InteractionId[];
  readonly conversationIds: readonly ConversationId[];
}

interface Row {
  id: number;
  client_id: ClientId;
  is_open: boolean;
  queue_id: QueueId | null;
  kind: OwedKind;
  first_at: Date;
  last_at: Date;
  times: number;
  due_at: Date;
  interaction_ids: InteractionId[];
  conversation_ids: ConversationId[];
  owner_id: UserId | null;
  owner_reason: OwnerReason | null;
  owner_until: Date | null;
}

const rowColumns = `id, client_id, closed_at IS NULL AS is_open, queue_id, kind, first_at, last_at, times, due_at,
  interaction_ids, conversation_ids, owner_id, owner_reason, owner_until`;

const rowOf = (row: Row): LedgerRow => ({
  id: row.id,
  clientId: row.client_id,
  isOpen: row.is_open,
  queueId: row.queue_id,
  kind: row.kind,
  firstAt: row.first_at.getTime(),
  lastAt: row.last_at.getTime(),
  times: row.times,
  dueAt: row.due_at.getTime(),
  interactionIds: row.interaction_ids,
  conversationIds: row.conversation_ids,
  ownerId: row.owner_id,
  reason: row.owner_reason,
  until: row.owner_until?.getTime() ?? null,
});

/** Nobody else works on these clients' rows until the transaction ends. Always in one order, so that nobody waits in a circle. */
export async function lockClients(tx: Executor, clientIds: readonly ClientId[]): Promise<void> {
  // two 32 bit keys: cards are numbered far below
  const keys = clientIds.map((id) => id % 2 ** 31).toSorted((a, b) => a - b);
  await tx.run({
    name: 'owed_lock',
    text: 'SELECT count(pg_advisory_xact_lock($1::int, key)) FROM unnest($2::int[]) AS key',
    values: [lockKey, keys],
  });
}

/** The open row of each client; of whom has none, his last one, if it may be opened again. */
export async function readRows(tx: Executor, clientIds: readonly ClientId[]): Promise<Map<ClientId, LedgerRow>> {
  const rows = await tx.run<Row>({
    name: 'owed_rows',
    text: `SELECT ${rowColumns} FROM owed WHERE client_id = ANY($1::bigint[]) AND closed_at IS NULL
           UNION ALL
           SELECT ${rowColumns} FROM unnest($1::bigint[]) AS asked(id_of_client) CROSS JOIN LATERAL (
             SELECT * FROM owed WHERE client_id = id_of_client ORDER BY opened_at DESC, id DESC LIMIT 1
           ) newest
           WHERE closed_because IN ('talked', 'written', 'moved')`,
    values: [clientIds],
  });
  const newestFirst = rows.map(rowOf).toSorted((a, b) => Number(a.isOpen) - Number(b.isOpen));
  return new Map(newestFirst.map((row) => [row.clientId, row]));
}

const iso = (ms: number): string => new Date(ms).toISOString();

const debtColumns = `kind text, first_at timestamptz, last_at timestamptz, times int, number text, line_name text,
  queue_id bigint, interaction_ids text[], conversation_ids text[], channels text[], due_at timestamptz`;

const debtFields = (debt: Debt) => ({
  kind: debt.kind,
  first_at: iso(debt.firstAt),
  last_at: iso(debt.lastAt),
  times: debt.times,
  number: debt.number,
  line_name: debt.lineName,
  queue_id: debt.queueId,
  interaction_ids: debt.interactionIds,
  conversation_ids: debt.conversationIds,
  channels: debt.channels,
  due_at: iso(debt.dueAt),
});

const ownerColumns = 'owner_id bigint, owner_reason text, owner_until timestamptz';

const ownerFields = (owner: Owner | null) => ({
  owner_id: owner?.userId ?? null,
  owner_reason: owner?.reason ?? null,
  owner_until: owner ? iso(owner.until) : null,
});

export interface NewRow {
  readonly clientId: ClientId;
  readonly debt: Debt;
  readonly owner: Owner | null;
}

/**
 * Opens rows, numbered in this order; the caller holds the clients' locks and knows that they have none. Cards are held
 * in the order in which whoever moves what belongs to cards holds them.
 * @returns their ids
 */
export async function insertRows(tx: Executor, rows: readonly NewRow[], now: number): Promise<Map<ClientId, number>> {
  if (rows.length === 0) return new Map();
  const fields = rows.map(({ clientId, debt, owner }) => ({
    client_id: clientId,
    ...debtFields(debt),
    ...ownerFields(owner),
  }));
  const inserted = await tx.run<{ id: number; client_id: ClientId }>({
    name: 'owed_insert',
    text: `WITH cards AS MATERIALIZED (
             SELECT id FROM clients WHERE id = ANY($3::bigint[]) ORDER BY id FOR KEY SHARE
           )
           INSERT INTO owed (client_id, opened_at, kind, first_at, last_at, times, number, line_name, queue_id,
             interaction_ids, conversation_ids, channels, due_at, owner_id, owner_reason, owner_until, owned_at)
           SELECT client_id, $2, kind, first_at, last_at, times, number, line_name, queue_id,
             interaction_ids, conversation_ids, channels, due_at, owner_id, owner_reason, owner_until,
             CASE WHEN owner_id IS NOT NULL THEN $2::timestamptz END
           FROM json_to_recordset($1::json) AS given(client_id bigint, ${debtColumns}, ${ownerColumns})
           WHERE (SELECT count(*) FROM cards) > 0
           RETURNING id, client_id`,
    values: [JSON.stringify(fields), new Date(now), rows.map(({ clientId }) => clientId)],
  });
  return new Map(inserted.map((row) => [row.client_id, row.id]));
}

/** What is owed is something else; what was closed is open again. */
export async function updateDebts(
  tx: Executor,
  rows: readonly { readonly id: number; readonly debt: Debt }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.run({
    name: 'owed_update',
    text: `UPDATE owed SET kind = given.kind, first_at = given.first_at, last_at = given.last_at, times = given.times,
             number = given.number, line_name = given.line_name, queue_id = given.queue_id,
             interaction_ids = given.interaction_ids, conversation_ids = given.conversation_ids,
             channels = given.channels, due_at = given.due_at, closed_at = NULL, closed_because = NULL,
             closed_by_interaction_id = NULL, closed_by_id = NULL, closed_note = '', version = version + 1
           FROM json_to_recordset($1::json) AS given(id bigint, ${debtColumns})
           WHERE owed.id = given.id`,
    values: [JSON.stringify(rows.map(({ id, debt }) => ({ id, ...debtFields(debt) })))],
  });
}

/** Only the end of the shift: not a change that anybody sees, and no new version. */
export async function updateOwners(
  tx: Executor,
  rows: readonly { readonly id: number; readonly change: OwnerChange }[],
  now: number,
): Promise<void> {
  if (rows.length === 0) return;
  const fields = rows.map(({ id, change }) =>
    'owner' in change ? { id, is_given: true, ...ownerFields(change.owner) } : { id, owner_until: iso(change.until) },
  );
  await tx.run({
    name: 'owed_owners',
    text: `UPDATE owed SET owner_id = CASE WHEN is_given THEN given.owner_id ELSE owed.owner_id END,
             owner_reason = CASE WHEN is_given THEN given.owner_reason ELSE owed.owner_reason END,
             owner_until = given.owner_until,
             owned_at = CASE WHEN NOT is_given THEN owned_at WHEN given.owner_id IS NOT NULL THEN $2::timestamptz END,
             version = version + CASE WHEN is_given THEN 1 ELSE 0 END
           FROM (SELECT id, coalesce(is_given, false) AS is_given, owner_id, owner_reason, owner_until
                 FROM json_to_recordset($1::json) AS sent(id bigint, is_given boolean, ${ownerColumns})) AS given
           WHERE owed.id = given.id`,
    values: [JSON.stringify(fields), new Date(now)],
  });
}

export interface Closing {
  readonly at: number;
  readonly because: OwedClosing;
  readonly interactionId?: InteractionId | null;
  readonly userId?: UserId | null;
  readonly note?: string;
}

export async function closeRows(
  tx: Executor,
  rows: readonly { readonly id: number; readonly closing: Closing }[],
): Promise<void> {
  if (rows.length === 0) return;
  const fields = rows.map(({ id, closing: { at, because, interactionId = null, userId = null, note = '' } }) => ({
    id,
    at: iso(at),
    because,
    interaction_id: interactionId,
    user_id: userId,
    note,
  }));
  await tx.run({
    name: 'owed_close',
    text: `UPDATE owed SET closed_at = given.at, closed_because = given.because,
             closed_by_interaction_id = given.interaction_id, closed_by_id = given.user_id, closed_note = given.note,
             version = version + 1
           FROM json_to_recordset($1::json)
             AS given(id bigint, at timestamptz, because text, interaction_id text, user_id bigint, note text)
           WHERE owed.id = given.id AND owed.closed_at IS NULL`,
    values: [JSON.stringify(fields)],
  });
}

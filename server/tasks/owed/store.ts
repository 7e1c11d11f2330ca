import type { Executor } from '../../../db/client.ts';
import type { OwedClosing, OwedKind, OwnerReason } from '../../contract/tasks-words.ts';
import type { ClientId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import { type Debt, type StoredCall, strongest } from './debt.ts';
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
  owner_id: UserId | null;
  owner_reason: OwnerReason | null;
  owner_until: Date | null;
  version: number;
}

const rowColumns = `id, client_id, queue_id, kind, last_at, times, due_at, interaction_ids, owner_id, owner_reason,
  owner_until, version`;

const rowOf = (row: Row): LedgerRow => ({
  id: row.id,
  clientId: row.client_id,
  queueId: row.queue_id,
  kind: row.kind,
  lastAt: row.last_at.getTime(),
  times: row.times,
  dueAt: row.due_at.getTime(),
  interactionIds: row.interaction_ids,
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

/** The last talk with a client: `until` is null while it goes on. */
export interface Talk {
  readonly interactionId: InteractionId | null;
  readonly userId: UserId | null;
  readonly answeredAt: number;
  readonly until: number | null;
}

/** What the timeline says of a client. */
export interface Facts {
  readonly responsibleId: UserId | null;
  readonly talk: Talk | null;
  /** Nobody took them since he was last talked to, or since somebody said that nothing is owed; in order. */
  readonly calls: readonly StoredCall[];
}

interface FactsRow {
  responsible_id: UserId | null;
  talk_id: InteractionId | null;
  talk_user: UserId | null;
  talk_answered: Date | null;
  talk_until: Date | null;
  settled_at: Date | null;
}

/** The live talk goes before those that are over. */
const factsText = `
  SELECT c.responsible_id, talk.id AS talk_id, talk.user_id AS talk_user, talk.answered_at AS talk_answered,
         talk.until AS talk_until,
         (SELECT max(o.last_at) FROM owed o WHERE o.client_id = c.id AND o.closed_because = 'by_hand') AS settled_at
  FROM clients c
  LEFT JOIN LATERAL (
    SELECT * FROM (
      (SELECT i.id, i.user_id, i.answered_at, NULL::timestamptz AS until
       FROM interactions i
       WHERE i.client_id = c.id AND i.state <> 'closed' AND i.answered_at IS NOT NULL AND i.ended_at IS NULL
       ORDER BY i.answered_at DESC LIMIT 1)
      UNION ALL
      (SELECT a.interaction_id, a.user_id, a.at + make_interval(secs => coalesce(a.wait_seconds, 0)),
              a.at + make_interval(secs => coalesce(a.wait_seconds, 0) + coalesce(a.talk_seconds, 0))
       FROM timeline_entries a
       WHERE a.client_id = c.id AND a.kind = 'call' AND a.status = 'answered'
       ORDER BY a.at DESC, a.id DESC LIMIT 1)
    ) talks ORDER BY until DESC NULLS FIRST LIMIT 1
  ) talk ON true
  WHERE c.id = $1`;

/** Callers who hide their number and names in SIP addresses are left out: nobody can call them back. */
const callsText = `
  SELECT t.at, t.interaction_id, t.peer, t.line_name, coalesce(i.queue_id, q.id) AS queue_id,
         raised.voicemail OR t.kind = 'voicemail' AS voicemail, raised.callback, raised.asked_at
  FROM timeline_entries t
  LEFT JOIN interactions i ON i.id = t.interaction_id
  LEFT JOIN queues q ON i.id IS NULL AND q.name = t.queue_name
  LEFT JOIN LATERAL (
    SELECT coalesce(bool_or(j.type = 'interaction.voicemail'), false) AS voicemail,
           coalesce(bool_or(j.type = 'interaction.callback_requested'), false) AS callback,
           (array_agg(j.data->>'callAt' ORDER BY j.seq DESC) FILTER (WHERE j.data->>'callAt' IS NOT NULL))[1] AS asked_at
    FROM journal j
    WHERE j.interaction_id = t.interaction_id
      AND j.type IN ('interaction.voicemail', 'interaction.callback_requested')
  ) raised ON true
  WHERE t.client_id = $1 AND t.kind IN ('call', 'voicemail') AND t.direction = 'in' AND t.peer ~ '^[+*#0-9]'
    AND t.at > $2
    AND (t.kind = 'voicemail' OR t.status IN ('missed', 'abandoned') OR raised.voicemail OR raised.callback)
  ORDER BY t.at DESC, t.id DESC LIMIT $3`;

interface CallRow {
  at: Date;
  interaction_id: InteractionId | null;
  peer: string;
  line_name: string;
  queue_id: QueueId | null;
  voicemail: boolean;
  callback: boolean;
  asked_at: string | null;
}

function callOf(row: CallRow): StoredCall {
  const asked = Date.parse(row.asked_at ?? '');
  return {
    at: row.at.getTime(),
    kind: row.callback ? 'callback' : row.voicemail ? 'voicemail' : 'missed',
    askedAt: row.callback && !Number.isNaN(asked) ? asked : null,
    interactionId: row.interaction_id,
    number: row.peer,
    lineName: row.line_name,
    queueId: row.queue_id,
  };
}

/** Reads what the timeline says; null when there is no such card. */
export async function readFacts(tx: Executor, clientId: ClientId): Promise<Facts | null> {
  const [row] = await tx.run<FactsRow>({ name: 'owed_facts', text: factsText, values: [clientId] });
  if (!row) return null;
  const { talk_id: interactionId, talk_user: userId, talk_answered: answeredAt } = row;
  const until = row.talk_until?.getTime() ?? null;
  const talk = answeredAt && { interactionId, userId, answeredAt: answeredAt.getTime(), until };
  const responsibleId = row.responsible_id;
  // whoever is being talked to is owed nothing
  if (talk && until === null) return { responsibleId, talk, calls: [] };
  const since = Math.max(until ?? 0, row.settled_at?.getTime() ?? 0);
  const values = [clientId, new Date(since), owedLimits.calls];
  const calls = await tx.run<CallRow>({ name: 'owed_calls', text: callsText, values });
  return { responsibleId, talk, calls: oncePerInteraction(calls.reverse().map(callOf)) };
}

/** A call and the message left in it are one. */
function oncePerInteraction(calls: readonly StoredCall[]): StoredCall[] {
  const byInteraction = new Map<InteractionId | StoredCall, StoredCall>();
  for (const call of calls) {
    const key = call.interactionId ?? call;
    const known = byInteraction.get(key);
    const kind = known ? strongest([known.kind, call.kind]) : call.kind;
    byInteraction.set(key, { ...(known ?? call), kind, askedAt: call.askedAt ?? known?.askedAt ?? null });
  }
  return [...byInteraction.values()];
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
  at(debt.dueAt),
];

/** Opens a row; the caller holds the client's lock and knows that there is none. */
export async function insertRow(tx: Executor, clientId: ClientId, debt: Debt, now: number): Promise<LedgerRow> {
  const [row] = await tx.run<Row>({
    name: 'owed_insert',
    text: `INSERT INTO owed (client_id, opened_at, kind, first_at, last_at, times, number, line_name, queue_id,
             interaction_ids, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${rowColumns}`,
    values: [clientId, at(now), ...debtValues(debt)],
  });
  if (!row) throw new Error('an inserted row of the ledger was not returned');
  return rowOf(row);
}

/**
 * Opens the client's last row again when it is about the same calls: the talk that closed it was with somebody else.
 * null when it is not.
 */
export async function reopenRow(tx: Executor, clientId: ClientId, debt: Debt): Promise<LedgerRow | null> {
  const [row] = await tx.run<Row>({
    name: 'owed_reopen',
    text: `UPDATE owed SET closed_at = NULL, closed_because = NULL, closed_by_interaction_id = NULL, closed_by_id = NULL,
             closed_note = '', version = version + 1
           WHERE id = (SELECT id FROM owed WHERE client_id = $1 ORDER BY opened_at DESC, id DESC LIMIT 1)
             AND closed_because IN ('talked', 'moved') AND interaction_ids[1] = $2
           RETURNING ${rowColumns}`,
    values: [clientId, debt.interactionIds[0] ?? null],
  });
  return row ? rowOf(row) : null;
}

export async function updateDebt(tx: Executor, id: number, debt: Debt): Promise<void> {
  await tx.run({
    name: 'owed_update',
    text: `UPDATE owed SET kind = $2, first_at = $3, last_at = $4, times = $5, number = $6, line_name = $7,
             queue_id = $8, interaction_ids = $9, due_at = $10, version = version + 1
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

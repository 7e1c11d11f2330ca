import type { Executor } from '../../../db/client.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { ClientId, ConversationId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import { type StoredCall, type StoredWait, strongest } from './debt.ts';

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
  /**
   * Nobody took them since he was last talked to, or since somebody said that nothing is owed, and missed ones since we
   * and he wrote to each other; in order.
   */
  readonly calls: readonly StoredCall[];
  /** What he wrote and nobody answered, as far as it is owed. */
  readonly waits: readonly StoredWait[];
  /** Since then both of us have written. */
  readonly exchange: Exchange | null;
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

/**
 * Owed is what nobody on shift had, what is past its time, and what was owed before and is not answered yet.
 * Conversations of nobody are owed to nobody: one that nobody waits in has no row here.
 */
const waitsText = `
  SELECT c.id, c.channel, c.waiting_since, c.due_at, c.peer, c.queue_id, a.name, a.value,
         CASE WHEN c.state = 'assigned' THEN c.owner_id END AS holder_id
  FROM conversations c JOIN channel_addresses a ON a.id = c.address_id
  WHERE c.client_id = $1 AND c.state IN ('waiting', 'assigned') AND c.joined_into_id IS NULL AND c.waiting_since > $2
    AND (c.due_at <= $3 OR (c.state = 'waiting' AND c.assigned_because = 'nobody_on_shift')
      OR EXISTS (SELECT FROM owed o WHERE o.client_id = $1 AND o.closed_at IS NULL AND c.id = ANY(o.conversation_ids)))
  ORDER BY c.waiting_since LIMIT $4`;

interface WaitRow {
  id: ConversationId;
  channel: MessageChannelName;
  waiting_since: Date;
  due_at: Date | null;
  peer: string;
  queue_id: QueueId;
  name: string;
  value: string;
  holder_id: UserId | null;
}

const waitOf = (row: WaitRow): StoredWait => ({
  conversationId: row.id,
  channel: row.channel,
  at: row.waiting_since.getTime(),
  dueAt: row.due_at?.getTime() ?? null,
  holderId: row.holder_id,
  number: row.channel === 'sms' ? row.peer : '',
  addressName: row.name || row.value,
  queueId: row.queue_id,
});

/** Both have written after `at`; who of us did, last. */
export interface Exchange {
  readonly at: number;
  readonly userId: UserId | null;
}

/** The last words of people, one each way: what was undone or never arrived is none. */
const exchangeText = `
  SELECT max(m.at) FILTER (WHERE m.direction = 'in' AND m.nature = 'human') AS theirs,
         max(m.at) FILTER (WHERE is_ours) AS ours,
         (array_agg(m.user_id ORDER BY m.at DESC) FILTER (WHERE is_ours))[1] AS user_id
  FROM conversations c JOIN messages m ON m.conversation_id = c.id
  LEFT JOIN message_outbox x ON x.id = m.id
  CROSS JOIN LATERAL (SELECT m.direction = 'out' AND m.origin IN ('agent', 'echo')
    AND coalesce(x.state NOT IN ('undone', 'failed', 'dead'), true) AS is_ours) of
  WHERE c.client_id = $1 AND m.at > $2`;

/** @param since nothing before is looked at */
async function readExchange(tx: Executor, clientId: ClientId, since: number): Promise<Exchange | null> {
  const [row] = await tx.run<{ theirs: Date | null; ours: Date | null; user_id: UserId | null }>({
    name: 'owed_exchange',
    text: exchangeText,
    values: [clientId, new Date(since)],
  });
  if (!row?.theirs || !row.ours) return null;
  return { at: Math.min(row.theirs.getTime(), row.ours.getTime()), userId: row.user_id };
}

/** What became of conversations that were owed. */
export async function readAnswered(
  tx: Executor,
  clientId: ClientId,
  ids: readonly ConversationId[],
): Promise<'written' | 'by_hand' | null> {
  if (ids.length === 0) return null;
  const [row] = await tx.run<{ answered: boolean; closed: boolean }>({
    name: 'owed_answered',
    text: `SELECT coalesce(bool_or(state = 'answered'), false) AS answered,
                  coalesce(bool_or(state = 'closed'), false) AS closed
           FROM conversations WHERE client_id = $1 AND id = ANY($2::text[])`,
    values: [clientId, ids],
  });
  if (row?.answered) return 'written';
  return row?.closed ? 'by_hand' : null;
}

/** A request to be called is not answered by letters. */
const isWrittenOff = (call: StoredCall, exchange: Exchange | null): boolean =>
  exchange !== null && call.kind !== 'callback' && call.at < exchange.at;

/** Reads what the timeline says; null when there is no such card. */
export async function readFacts(tx: Executor, clientId: ClientId, now: number): Promise<Facts | null> {
  const [row] = await tx.run<FactsRow>({ name: 'owed_facts', text: factsText, values: [clientId] });
  if (!row) return null;
  const { talk_id: interactionId, talk_user: userId, talk_answered: answeredAt } = row;
  const until = row.talk_until?.getTime() ?? null;
  const talk = answeredAt && { interactionId, userId, answeredAt: answeredAt.getTime(), until };
  const responsibleId = row.responsible_id;
  const settledAt = row.settled_at?.getTime() ?? 0;
  const waitValues = [clientId, new Date(settledAt), new Date(now), owedLimits.conversations];
  const waits = (await tx.run<WaitRow>({ name: 'owed_waits', text: waitsText, values: waitValues })).map(waitOf);
  // whoever is being talked to is owed no call; what he wrote is answered when the talk was long enough to be an answer
  if (talk && until === null) return { responsibleId, talk, calls: [], waits, exchange: null };
  const since = Math.max(until ?? 0, settledAt);
  const values = [clientId, new Date(since), owedLimits.calls];
  const found = await tx.run<CallRow>({ name: 'owed_calls', text: callsText, values });
  const calls = oncePerInteraction(found.reverse().map(callOf));
  const exchange = calls[0] ? await readExchange(tx, clientId, calls[0].at) : null;
  return { responsibleId, talk, calls: calls.filter((call) => !isWrittenOff(call, exchange)), waits, exchange };
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

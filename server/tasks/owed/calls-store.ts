import type { Executor } from '../../../db/client.ts';
import type { ClientId, InteractionId, QueueId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import { type StoredCall, strongest } from './debt.ts';
import { byClient, type Since, sinceValues } from './many.ts';

const hasNumber = `t.peer ~ '^[+*#0-9]'`;

/**
 * Call `t` is of somebody whom we can reach: by the number that he called from; or he called from a page, and his card has an
 * address or his chat. Callers who hide their number and names in SIP addresses are left out: nobody can call them back.
 */
export const isReachable = `(${hasNumber} OR (t.data->>'visitor' IS NOT NULL
  AND (EXISTS (SELECT FROM contact_points p WHERE p.client_id = t.client_id)
    OR EXISTS (SELECT FROM conversations k WHERE k.client_id = t.client_id))))`;

/** Where he is called back: a visitor of a page has a number when his card has one. */
const number = `CASE WHEN ${hasNumber} THEN t.peer ELSE coalesce((SELECT p.value FROM contact_points p
  WHERE p.client_id = t.client_id AND p.kind = 'phone' ORDER BY p.is_primary DESC, p.id LIMIT 1), '') END`;

const callsText = `
  SELECT asked.client_id, found.* FROM unnest($1::bigint[], $2::timestamptz[]) AS asked(client_id, since)
  CROSS JOIN LATERAL (
    SELECT t.at, t.id, t.interaction_id, ${number} AS number, t.line_name, coalesce(i.queue_id, q.id) AS queue_id,
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
    WHERE t.client_id = asked.client_id AND t.kind IN ('call', 'voicemail') AND t.direction = 'in'
      AND ${isReachable} AND t.at > asked.since
      AND (t.kind = 'voicemail' OR t.status IN ('missed', 'abandoned') OR raised.voicemail OR raised.callback)
    ORDER BY t.at DESC, t.id DESC LIMIT $3
  ) found
  ORDER BY found.at, found.id`;

interface CallRow {
  client_id: ClientId;
  at: Date;
  interaction_id: InteractionId | null;
  number: string;
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
    number: row.number,
    lineName: row.line_name,
    queueId: row.queue_id,
  };
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

/** Calls that nobody took and messages left in them, in the order of time. */
export async function readCalls(tx: Executor, since: Since): Promise<Map<ClientId, StoredCall[]>> {
  if (since.size === 0) return new Map();
  const values = [...sinceValues(since), owedLimits.calls];
  const rows = byClient(await tx.run<CallRow>({ name: 'owed_calls', text: callsText, values }));
  return new Map([...rows].map(([clientId, found]) => [clientId, oncePerInteraction(found.map(callOf))]));
}

import type { Executor } from '../../../db/client.ts';
import type { ClientId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import { isReachable } from './calls-store.ts';

interface ClientRow {
  client_id: ClientId;
}

const idsOf = (rows: readonly ClientRow[]): ClientId[] => rows.map((row) => row.client_id);

/** The cards of interactions as they are now, and whether we owe them something. */
export async function clientsOfInteractions(
  db: Executor,
  ids: readonly InteractionId[],
): Promise<Map<InteractionId, { readonly clientId: ClientId; readonly isOwed: boolean }>> {
  if (ids.length === 0) return new Map();
  const rows = await db.run<ClientRow & { id: InteractionId; is_owed: boolean }>({
    name: 'owed_clients_of_interactions',
    text: `SELECT i.id, i.client_id,
                  EXISTS (SELECT FROM owed o WHERE o.client_id = i.client_id AND o.closed_at IS NULL) AS is_owed
           FROM interactions i WHERE i.id = ANY($1::text[])`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, { clientId: row.client_id, isOwed: row.is_owed }]));
}

/** Clients whose rows these interactions opened or closed: those they belonged to before. */
export async function clientsNaming(
  db: Executor,
  ids: readonly InteractionId[],
): Promise<{ readonly id: InteractionId; readonly clientId: ClientId }[]> {
  if (ids.length === 0) return [];
  const rows = await db.run<ClientRow & { id: InteractionId }>({
    name: 'owed_naming',
    text: `SELECT n.id, o.client_id FROM unnest($1::text[]) AS n(id)
           JOIN owed o ON o.closed_at IS NULL AND n.id = ANY(o.interaction_ids)
           UNION SELECT closed_by_interaction_id, client_id FROM owed WHERE closed_by_interaction_id = ANY($1::text[])`,
    values: [ids],
  });
  return rows.map((row) => ({ id: row.id, clientId: row.client_id }));
}

/** Everybody whom a rebuild must look at: open rows, callers and writers nobody answered whom the ledger may have missed. */
export async function suspects(db: Executor, now: number): Promise<ClientId[]> {
  return idsOf(
    await db.run<ClientRow>({
      name: 'owed_suspects',
      text: `WITH callers AS MATERIALIZED (
               SELECT t.client_id, max(t.at) AS last FROM timeline_entries t
               WHERE t.kind = 'call' AND t.direction = 'in' AND t.status IN ('missed', 'abandoned')
                 AND t.at >= $1 AND ${isReachable}
               GROUP BY t.client_id
               UNION ALL
               SELECT i.client_id, i.arrived_at FROM journal j JOIN interactions i ON i.id = j.interaction_id
               WHERE j.at >= $1 AND j.type IN ('interaction.voicemail', 'interaction.callback_requested')
             )
             SELECT client_id FROM owed WHERE closed_at IS NULL
             UNION
             SELECT client_id FROM conversations
             WHERE state IN ('waiting', 'assigned') AND joined_into_id IS NULL
               AND (due_at <= $2 OR (state = 'waiting' AND assigned_because = 'nobody_on_shift'))
             UNION
             SELECT callers.client_id FROM callers LEFT JOIN LATERAL (
               SELECT a.at FROM timeline_entries a
               WHERE a.client_id = callers.client_id AND a.kind = 'call' AND a.status = 'answered'
               ORDER BY a.at DESC, a.id DESC LIMIT 1
             ) talk ON true
             WHERE callers.last > coalesce(talk.at, '-infinity')`,
      values: [new Date(now - owedLimits.tooOldMs), new Date(now)],
    }),
  );
}

/** Clients whose row needs a look: no owner, an owner who is gone or whose shift is over, or too old. */
export async function staleClients(db: Executor, now: number): Promise<ClientId[]> {
  return idsOf(
    await db.run<ClientRow>({
      name: 'owed_stale',
      text: `SELECT o.client_id FROM owed o LEFT JOIN users u ON u.id = o.owner_id
             WHERE o.closed_at IS NULL AND (o.owner_id IS NULL OR u.disabled_at IS NOT NULL OR o.owner_until <= $1
               OR o.last_at < $2)
             ORDER BY o.due_at`,
      values: [new Date(now), new Date(now - owedLimits.tooOldMs)],
    }),
  );
}

/** Which of these clients we owe something. */
export async function owedAmong(db: Executor, ids: readonly ClientId[]): Promise<Set<ClientId>> {
  if (ids.length === 0) return new Set();
  const text = 'SELECT client_id FROM owed WHERE client_id = ANY($1::bigint[]) AND closed_at IS NULL';
  return new Set(idsOf(await db.run<ClientRow>({ name: 'owed_among', text, values: [ids] })));
}

/** Whether nothing was ever written to the ledger: an older version kept none. */
export async function isNew(db: Executor): Promise<boolean> {
  const text = 'SELECT NOT EXISTS (SELECT FROM owed) AS is_new';
  const [row] = await db.run<{ is_new: boolean }>({ name: 'owed_is_new', text, values: [] });
  return row?.is_new ?? false;
}

export async function openClients(db: Executor): Promise<ClientId[]> {
  const text = 'SELECT client_id FROM owed WHERE closed_at IS NULL ORDER BY due_at';
  return idsOf(await db.run<ClientRow>({ name: 'owed_open_clients', text, values: [] }));
}

/** When the first owner's shift ends; null = nobody owns anything. */
export async function firstShiftEnd(db: Executor): Promise<number | null> {
  const text = 'SELECT min(owner_until) AS at FROM owed WHERE closed_at IS NULL';
  const [row] = await db.run<{ at: Date | null }>({ name: 'owed_first_end', text, values: [] });
  return row?.at?.getTime() ?? null;
}

/** Who of each queue got a client in turn last. */
export async function lastInTurn(db: Executor): Promise<Map<QueueId | null, UserId>> {
  const rows = await db.run<{ queue_id: QueueId | null; owner_id: UserId }>({
    name: 'owed_last_in_turn',
    text: `SELECT DISTINCT ON (queue_id) queue_id, owner_id FROM owed WHERE owner_reason = 'round_robin'
           ORDER BY queue_id, owned_at DESC, id DESC`,
    values: [],
  });
  return new Map(rows.map((row) => [row.queue_id, row.owner_id]));
}

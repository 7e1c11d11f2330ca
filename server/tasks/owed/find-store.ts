import type { Executor } from '../../../db/client.ts';
import type { ClientId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';

interface ClientRow {
  client_id: ClientId;
}

const idsOf = (rows: readonly ClientRow[]): ClientId[] => rows.map((row) => row.client_id);

/** The card of an interaction as it is now, and whether we owe him something. */
export async function clientOfInteraction(
  db: Executor,
  interactionId: InteractionId,
): Promise<{ clientId: ClientId; isOpen: boolean } | null> {
  const [row] = await db.run<{ client_id: ClientId; is_open: boolean }>({
    name: 'owed_client_of_interaction',
    text: `SELECT i.client_id,
                  EXISTS (SELECT FROM owed o WHERE o.client_id = i.client_id AND o.closed_at IS NULL) AS is_open
           FROM interactions i WHERE i.id = $1`,
    values: [interactionId],
  });
  return row ? { clientId: row.client_id, isOpen: row.is_open } : null;
}

/** Clients whose rows this interaction opened or closed: those it belonged to before. */
export async function clientsNaming(db: Executor, interactionId: InteractionId): Promise<ClientId[]> {
  return idsOf(
    await db.run<ClientRow>({
      name: 'owed_naming',
      text: `SELECT client_id FROM owed WHERE closed_at IS NULL AND $1 = ANY(interaction_ids)
             UNION SELECT client_id FROM owed WHERE closed_by_interaction_id = $1`,
      values: [interactionId],
    }),
  );
}

/** Everybody whom a rebuild must look at: open rows, callers and writers nobody answered whom the ledger may have missed. */
export async function suspects(db: Executor, now: number): Promise<ClientId[]> {
  return idsOf(
    await db.run<ClientRow>({
      name: 'owed_suspects',
      text: `WITH callers AS MATERIALIZED (
               SELECT t.client_id, max(t.at) AS last FROM timeline_entries t
               WHERE t.kind = 'call' AND t.direction = 'in' AND t.status IN ('missed', 'abandoned')
                 AND t.at >= $1 AND t.peer ~ '^[+*#0-9]'
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

/** Whether we owe this client something. */
export async function isOwed(db: Executor, clientId: ClientId): Promise<boolean> {
  const text = 'SELECT EXISTS (SELECT FROM owed WHERE client_id = $1 AND closed_at IS NULL) AS is_owed';
  const [row] = await db.run<{ is_owed: boolean }>({ name: 'owed_is_open', text, values: [clientId] });
  return row?.is_owed ?? false;
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

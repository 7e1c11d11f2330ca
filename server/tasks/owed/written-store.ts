import type { Executor } from '../../../db/client.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { ClientId, ConversationId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import type { StoredWait } from './debt.ts';
import { byClient, type Since, sinceValues } from './many.ts';

/**
 * Owed is what nobody on shift had, what is past its time, and what was owed before and is not answered yet.
 * Conversations of nobody are owed to nobody: one that nobody waits in has no row here.
 */
const waitsText = `
  SELECT asked.client_id, found.* FROM unnest($1::bigint[], $2::timestamptz[]) AS asked(client_id, since)
  CROSS JOIN LATERAL (
    SELECT c.id, c.channel, c.waiting_since, c.due_at, c.peer, c.queue_id, a.name, a.value,
           CASE WHEN c.state = 'assigned' THEN c.owner_id END AS holder_id
    FROM conversations c JOIN channel_addresses a ON a.id = c.address_id
    WHERE c.client_id = asked.client_id AND c.state IN ('waiting', 'assigned') AND c.joined_into_id IS NULL
      AND c.waiting_since > asked.since
      AND (c.due_at <= $3 OR (c.state = 'waiting' AND c.assigned_because = 'nobody_on_shift')
        OR EXISTS (SELECT FROM owed o
                   WHERE o.client_id = asked.client_id AND o.closed_at IS NULL AND c.id = ANY(o.conversation_ids)))
    ORDER BY c.waiting_since, c.id LIMIT $4
  ) found
  ORDER BY found.waiting_since, found.id`;

interface WaitRow {
  client_id: ClientId;
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
  SELECT asked.client_id, found.* FROM unnest($1::bigint[], $2::timestamptz[]) AS asked(client_id, since)
  CROSS JOIN LATERAL (
    SELECT max(m.at) FILTER (WHERE m.direction = 'in' AND m.nature = 'human') AS theirs,
           max(m.at) FILTER (WHERE is_ours) AS ours,
           (array_agg(m.user_id ORDER BY m.at DESC) FILTER (WHERE is_ours))[1] AS user_id
    FROM conversations c JOIN messages m ON m.conversation_id = c.id
    LEFT JOIN message_outbox x ON x.id = m.id
    CROSS JOIN LATERAL (SELECT m.direction = 'out' AND m.origin IN ('agent', 'echo')
      AND coalesce(x.state NOT IN ('undone', 'failed', 'dead'), true) AS is_ours) of
    WHERE c.client_id = asked.client_id AND m.at > asked.since
  ) found
  WHERE found.theirs IS NOT NULL AND found.ours IS NOT NULL`;

interface ExchangeRow {
  client_id: ClientId;
  theirs: Date;
  ours: Date;
  user_id: UserId | null;
}

const exchangeOf = ({ theirs, ours, user_id: userId }: ExchangeRow): Exchange => ({
  at: Math.min(theirs.getTime(), ours.getTime()),
  userId,
});

/** What clients wrote and nobody answered, as far as it is owed. */
export async function readWaits(tx: Executor, since: Since, now: number): Promise<Map<ClientId, StoredWait[]>> {
  const values = [...sinceValues(since), new Date(now), owedLimits.conversations];
  const rows = byClient(await tx.run<WaitRow>({ name: 'owed_waits', text: waitsText, values }));
  return new Map([...rows].map(([clientId, found]) => [clientId, found.map(waitOf)]));
}

/** With whom we wrote to and fro since then. */
export async function readExchanges(tx: Executor, since: Since): Promise<Map<ClientId, Exchange>> {
  if (since.size === 0) return new Map();
  const rows = await tx.run<ExchangeRow>({ name: 'owed_exchange', text: exchangeText, values: sinceValues(since) });
  return new Map(rows.map((row) => [row.client_id, exchangeOf(row)]));
}

/** What became of conversations that were owed, of each client. Who has none of his own among them is not in it. */
export async function readAnswered(
  tx: Executor,
  owed: readonly { readonly clientId: ClientId; readonly conversationIds: readonly ConversationId[] }[],
): Promise<Map<ClientId, 'written' | 'by_hand' | null>> {
  const pairs = owed.flatMap(({ clientId, conversationIds }) => conversationIds.map((id) => ({ clientId, id })));
  if (pairs.length === 0) return new Map();
  const rows = await tx.run<{ client_id: ClientId; answered: boolean; closed: boolean }>({
    name: 'owed_answered',
    text: `SELECT c.client_id, bool_or(c.state = 'answered') AS answered, bool_or(c.state = 'closed') AS closed
           FROM unnest($1::bigint[], $2::text[]) AS asked(client_id, id)
           JOIN conversations c ON c.id = asked.id AND c.client_id = asked.client_id
           GROUP BY c.client_id`,
    values: [pairs.map(({ clientId }) => clientId), pairs.map(({ id }) => id)],
  });
  return new Map(rows.map((row) => [row.client_id, row.answered ? 'written' : row.closed ? 'by_hand' : null]));
}

import type { Executor } from '../../../db/client.ts';
import type { AssignmentReason, MessageChannelName } from '../../contract/messages-words.ts';
import type { ClientId, ConversationId, QueueId, UserId } from '../../kernel/ids.ts';
import type { Capacity } from './decide.ts';

/** A conversation in which the client waits, as the assignment keeps it in memory. Times in milliseconds since the epoch. */
export interface OpenConversation {
  readonly id: ConversationId;
  readonly channel: MessageChannelName;
  readonly queueId: QueueId;
  readonly clientId: ClientId;
  readonly responsibleId: UserId | null;
  readonly state: 'waiting' | 'assigned';
  /** `waiting`: who had it before. */
  readonly ownerId: UserId | null;
  readonly assignedAt: number | null;
  readonly because: AssignmentReason | null;
  readonly waitingSince: number;
  /** Infinity = there is no target. */
  readonly dueAt: number;
  readonly isNotedOverdue: boolean;
}

interface Row {
  id: ConversationId;
  channel: MessageChannelName;
  queue_id: QueueId;
  client_id: ClientId;
  responsible_id: UserId | null;
  state: 'waiting' | 'assigned';
  owner_id: UserId | null;
  assigned_at: Date | null;
  assigned_because: AssignmentReason | null;
  waiting_since: Date;
  due_at: Date | null;
  is_noted: boolean;
}

const openText = `
  SELECT c.id, c.channel, c.queue_id, c.client_id, k.responsible_id, c.state, c.owner_id, c.assigned_at, c.assigned_because,
         c.waiting_since, c.due_at, coalesce(c.overdue_at >= c.due_at, false) AS is_noted
  FROM conversations c JOIN clients k ON k.id = c.client_id
  WHERE c.state IN ('waiting', 'assigned') AND c.joined_into_id IS NULL`;

const openOf = (row: Row): OpenConversation => ({
  id: row.id,
  channel: row.channel,
  queueId: row.queue_id,
  clientId: row.client_id,
  responsibleId: row.responsible_id,
  state: row.state,
  ownerId: row.owner_id,
  assignedAt: row.assigned_at?.getTime() ?? null,
  because: row.assigned_because,
  waitingSince: row.waiting_since.getTime(),
  dueAt: row.due_at?.getTime() ?? Number.POSITIVE_INFINITY,
  isNotedOverdue: row.is_noted,
});

/** All conversations in which somebody waits. */
export async function readAllOpen(db: Executor): Promise<OpenConversation[]> {
  return (await db.run<Row>({ name: 'assignment_all', text: openText, values: [] })).map(openOf);
}

/** Those of them in which somebody waits. */
export async function readOpen(db: Executor, ids: readonly ConversationId[]): Promise<OpenConversation[]> {
  const text = `${openText} AND c.id = ANY($1::text[])`;
  return (await db.run<Row>({ name: 'assignment_some', text, values: [ids] })).map(openOf);
}

/** In which this client waits. */
export async function readOpenOf(db: Executor, clientId: ClientId): Promise<OpenConversation[]> {
  const text = `${openText} AND c.client_id = $1`;
  return (await db.run<Row>({ name: 'assignment_of', text, values: [clientId] })).map(openOf);
}

export async function readCapacity(db: Executor): Promise<Capacity> {
  const [row] = await db.run<{ capacity: number; email: number; sms: number; chat: number }>({
    name: 'assignment_capacity',
    text: `SELECT capacity, weight_email AS email, weight_sms AS sms, weight_chat AS chat FROM message_settings`,
    values: [],
  });
  if (!row) throw new Error('the database has no settings of messages');
  const { capacity: points, ...weights } = row;
  return { points, weights };
}

/** When everybody was given a conversation last. */
export async function readLastGiven(db: Executor): Promise<Map<UserId, number>> {
  const rows = await db.run<{ owner_id: UserId; at: Date }>({
    name: 'assignment_last_given',
    text: `SELECT owner_id, max(assigned_at) AS at FROM conversations
           WHERE owner_id IS NOT NULL AND assigned_at IS NOT NULL GROUP BY owner_id`,
    values: [],
  });
  return new Map(rows.map((row) => [row.owner_id, row.at.getTime()]));
}

/** Notes that the time of waits is over; nothing that anybody sees of the conversations is different. */
export async function noteOverdue(tx: Executor, ids: readonly ConversationId[], at: number): Promise<void> {
  const text = 'UPDATE conversations SET overdue_at = $2 WHERE id = ANY($1::text[])';
  await tx.run({ name: 'assignment_overdue', text, values: [ids, new Date(at)] });
}

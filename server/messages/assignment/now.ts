import type { QueueId, UserId } from '../../kernel/ids.ts';
import type { Book } from './book.ts';

/** Clients of a queue who wait for an answer to what they wrote. */
export interface QueueWaits {
  readonly waiting: number;
  /** Of these: nobody has them. */
  readonly unassigned: number;
  readonly overdue: number;
  /** The first time to run out, milliseconds since the epoch; null = nobody waits, or without a target. */
  readonly firstDueAt: number | null;
}

/** What one agent has. */
export interface AgentLoad {
  readonly conversations: number;
  /** Of the capacity that everybody has. */
  readonly points: number;
}

/** Who waits now, and who has how much to do. */
export interface MessagesNow {
  readonly capacity: number;
  readonly queues: ReadonlyMap<QueueId, QueueWaits>;
  readonly agents: ReadonlyMap<UserId, AgentLoad>;
}

export const noMessagesNow: MessagesNow = { capacity: 0, queues: new Map(), agents: new Map() };

const nobody: QueueWaits = { waiting: 0, unassigned: 0, overdue: 0, firstDueAt: null };

/** @param now for what is overdue */
export function messagesNow(book: Book, now: number): MessagesNow {
  const queues = new Map<QueueId, QueueWaits>();
  const agents = new Map<UserId, AgentLoad>();
  for (const { queueId, state, ownerId, dueAt, channel } of book.all()) {
    const sum = queues.get(queueId) ?? nobody;
    const first = Math.min(sum.firstDueAt ?? Number.POSITIVE_INFINITY, dueAt);
    queues.set(queueId, {
      waiting: sum.waiting + 1,
      unassigned: sum.unassigned + (state === 'waiting' ? 1 : 0),
      overdue: sum.overdue + (dueAt <= now ? 1 : 0),
      firstDueAt: Number.isFinite(first) ? first : null,
    });
    if (state !== 'assigned' || ownerId === null) continue;
    const load = agents.get(ownerId) ?? { conversations: 0, points: 0 };
    agents.set(ownerId, {
      conversations: load.conversations + 1,
      points: load.points + book.capacity.weights[channel],
    });
  }
  return { capacity: book.capacity.points, queues, agents };
}

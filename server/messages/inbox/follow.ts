import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import type { MessageId, QueueId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { closedEvents, waitingEvent } from '../conversation-events.ts';
import {
  type ConversationMove,
  type ConversationRow,
  lockConversation,
  moveConversations,
} from '../conversation-store.ts';
import { answered } from '../conversations/open.ts';
import { dueOf } from '../due.ts';
import type { Automatic } from './automatic.ts';

/** What a message means for its conversation besides standing in it. */
export interface Following {
  readonly event: MessageArrived;
  readonly messageId: MessageId;
  /** Locked; the message stands in it already. */
  readonly conversation: ConversationRow;
  readonly automatic: Automatic;
}

/** The conversation as it is then, and what is told of it. */
export interface Followed {
  readonly conversation: ConversationRow;
  readonly events: readonly JournalEvent[];
}

/** Whether a person owes an answer: a person wrote, and no rule has dealt with it. */
export const isOwed = ({ event, automatic }: Pick<Following, 'event' | 'automatic'>): boolean =>
  event.direction === 'in' && event.nature === 'human' && automatic.word === null && automatic.ruling.close === null;

/** Moves conversations on. @param all no conversation twice @returns in the order of `all` */
export async function follow(context: MessagesContext, tx: Executor, all: readonly Following[]): Promise<Followed[]> {
  const moves = all.map((following) => moveOf(context, following));
  const rows = await moveConversations(
    tx,
    moves.filter((move) => move !== null),
  );
  const followed: Followed[] = [];
  for (const [index, following] of all.entries()) {
    const conversation = moves[index] ? rows.shift() : undefined;
    if (following.event.direction === 'echo') followed.push(await answeredElsewhere(tx, following));
    else if (!conversation) followed.push({ conversation: following.conversation, events: [] });
    else followed.push({ conversation, events: eventsOf(following, conversation) });
  }
  return followed;
}

/** One of us answered past the house. */
async function answeredElsewhere(tx: Executor, { event, messageId, conversation }: Following): Promise<Followed> {
  const events = await answered(tx, conversation.id, { userId: null, messageId, at: event.at });
  return { conversation: await lockConversation(tx, conversation.id), events };
}

/** How a conversation moves by what the client wrote; null = it stays as it is. */
function moveOf(context: MessagesContext, following: Following): ConversationMove | null {
  const { event, conversation: row, automatic } = following;
  if (isOwed(following)) return arrival(context, following);
  // only what a rule dealt with: whoever waits because of something else goes on waiting
  if (event.direction === 'echo' || automatic.ruling.close === null || row.state !== 'answered') return null;
  return { row, input: 'close', changes: { closedAt: new Date(event.at) } };
}

function arrival({ setup }: MessagesContext, { event, conversation: row, automatic }: Following): ConversationMove {
  const queueId = routed(row, automatic.ruling.queue?.queueId ?? null);
  const waitingSince = row.waitingSince ?? new Date(event.at);
  const isDueAnew = row.waitingSince === null || queueId !== row.queueId;
  const due = isDueAnew ? { dueAt: dueOf(setup, queueId, waitingSince) } : {};
  return { row, input: 'arrive', changes: { queueId, unread: row.unread + 1, waitingSince, closedAt: null, ...due } };
}

/** A rule sends it to another queue; not away from somebody who has it. */
const routed = (row: ConversationRow, queueId: QueueId | null): QueueId =>
  queueId === null || row.state === 'assigned' ? row.queueId : queueId;

function eventsOf(following: Following, row: ConversationRow): JournalEvent[] {
  const { event, conversation: before } = following;
  if (!isOwed(following)) return closedEvents(before, { userId: null, at: event.at, because: 'rule' });
  return before.waitingSince === null ? [waitingEvent(row)] : [];
}

import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import type { MessageId, QueueId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { closedEvents, waitingEvent } from '../conversation-events.ts';
import { type ConversationRow, changeConversation, lockConversation, moveConversation } from '../conversation-store.ts';
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
  /** What is told of it is added here. */
  readonly events: JournalEvent[];
}

/** Whether a person owes an answer: a person wrote, and no rule has dealt with it. */
export const isOwed = ({ event, automatic }: Pick<Following, 'event' | 'automatic'>): boolean =>
  event.direction === 'in' && event.nature === 'human' && automatic.word === null && automatic.ruling.close === null;

/** Moves the conversation on. @returns it as it is then */
export async function follow(context: MessagesContext, tx: Executor, following: Following): Promise<ConversationRow> {
  const { event, messageId, conversation: before, automatic, events } = following;
  const { at, direction } = event;
  if (direction === 'echo') {
    events.push(...(await answered(tx, before.id, { userId: null, messageId, at })));
    return lockConversation(tx, before.id);
  }
  if (isOwed(following)) return arrive(context, tx, following);
  // only what a rule dealt with: whoever waits because of something else goes on waiting
  if (automatic.ruling.close === null || before.state !== 'answered') return before;
  events.push(...closedEvents(before, { userId: null, at, because: 'rule' }));
  return moveConversation(tx, before, 'close', { closedAt: new Date(at) });
}

async function arrive(context: MessagesContext, tx: Executor, following: Following): Promise<ConversationRow> {
  const { event, conversation, automatic, events } = following;
  const before = await routed(tx, conversation, automatic.ruling.queue?.queueId ?? null);
  const isNewWait = before.waitingSince === null;
  const waitingSince = before.waitingSince ?? new Date(event.at);
  const isMoved = before.queueId !== conversation.queueId;
  const due = isNewWait || isMoved ? { dueAt: dueOf(context.setup, before.queueId, waitingSince) } : {};
  const changes = { unread: before.unread + 1, waitingSince, closedAt: null, ...due };
  const row = await moveConversation(tx, before, 'arrive', changes);
  if (isNewWait) events.push(waitingEvent(row));
  return row;
}

/** A rule sends it to another queue; not away from somebody who has it. */
async function routed(tx: Executor, row: ConversationRow, queueId: QueueId | null): Promise<ConversationRow> {
  if (queueId === null || queueId === row.queueId || row.state === 'assigned') return row;
  return changeConversation(tx, row, { queueId });
}

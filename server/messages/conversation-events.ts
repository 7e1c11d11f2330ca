import type { AssignmentReason, MessageChannelName } from '../contract/messages-words.ts';
import type { ConversationId, MessageId, UserId } from '../kernel/ids.ts';
import type { JournalEvent } from '../kernel/journal.ts';
import type { ConversationRow } from './conversation-store.ts';
import type { MessageRow } from './rooms.ts';

/**
 * What the journal says of conversations: one shape for whoever writes it, one for whoever counts it (docs/metrics.md). Every
 * event says whose wait it is about (`waitingSince`, `dueAt`, milliseconds since the epoch), so that it stands alone.
 */

/** In every event of a conversation. */
export interface ConversationData {
  readonly conversationId: ConversationId;
  readonly channel: MessageChannelName;
  readonly queueId: number;
  /** null = nobody waits. */
  readonly waitingSince: number | null;
  readonly dueAt: number | null;
}

const dataOf = (row: ConversationRow): ConversationData => ({
  conversationId: row.id,
  channel: row.channel,
  queueId: row.queueId,
  waitingSince: row.waitingSince?.getTime() ?? null,
  dueAt: row.dueAt?.getTime() ?? null,
});

const eventOf = (type: string, row: ConversationRow, data: object, userId?: UserId | null): JournalEvent => ({
  type,
  clientId: row.clientId,
  userId: userId ?? undefined,
  data: { ...dataOf(row), ...data },
});

/** A new one. @param by who of us began it; null = the client, or a program */
export const openedEvent = (row: ConversationRow, by: UserId | null): JournalEvent =>
  eventOf('conversation.opened', row, { direction: row.lastDirection, continuesId: row.continuesId }, by);

/** Messages came to it or went from it, or it went to another card: whoever follows it reads it anew. */
export const changedEvent = (
  row: ConversationRow,
  data: { readonly because: 'split' | 'join' | 'placed' | 'undone' },
  by: UserId,
): JournalEvent => eventOf('conversation.changed', row, data, by);

/** The client waits from now on: he wrote, or somebody opened it again. Once for each wait. @param row as it is after it */
export const waitingEvent = (row: ConversationRow): JournalEvent => eventOf('conversation.waiting', row, {});

/** Its time is over and nobody answered. Once for each wait. */
export const overdueEvent = (row: ConversationRow): JournalEvent =>
  eventOf('conversation.overdue', row, {}, row.state === 'assigned' ? row.ownerId : null);

/** Whether this wait was noted as overdue. */
export const isNotedOverdue = ({ overdueAt, dueAt }: Pick<ConversationRow, 'overdueAt' | 'dueAt'>): boolean =>
  overdueAt !== null && dueAt !== null && overdueAt >= dueAt;

interface WaitEnd {
  readonly userId: UserId | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A wait that ends late is overdue, even if nobody was there to note it. */
function lateEvents(before: ConversationRow, at: number): JournalEvent[] {
  const isLate = before.waitingSince !== null && before.dueAt !== null && at > before.dueAt.getTime();
  return isLate && !isNotedOverdue(before) ? [overdueEvent(before)] : [];
}

/**
 * One of us answered, by a message, by telephone (`messageId` null) or by saying so.
 * @param before the row before it: a conversation in which nobody waited has no events
 */
export function answeredEvents(
  before: ConversationRow,
  { userId, messageId, at }: WaitEnd & { readonly messageId: MessageId | null },
): JournalEvent[] {
  if (before.waitingSince === null) return [];
  const inTime = before.dueAt === null || at <= before.dueAt.getTime();
  const data = { at, messageId, inTime, waitMs: Math.max(0, at - before.waitingSince.getTime()) };
  return [...lateEvents(before, at), eventOf('conversation.answered', before, data, userId)];
}

/** It is done, or went into another one: who waited waits no more. @param before the row before it */
export const closedEvents = (
  before: ConversationRow,
  { userId, at, because = 'closed' }: WaitEnd & { readonly because?: 'closed' | 'joined' | 'silence' | 'rule' },
): JournalEvent[] => [
  ...lateEvents(before, at),
  eventOf('conversation.closed', before, { at, because, wasWaiting: before.waitingSince !== null }, userId),
];

/** Somebody has it now. @param row as it is after it */
export const assignedEvent = (
  row: ConversationRow,
  data: { readonly because: AssignmentReason; readonly from: UserId | null; readonly by?: UserId },
): JournalEvent => eventOf('conversation.assigned', row, data, row.ownerId);

/** Nobody has it, or nobody can. @param row as it is after it */
export const unassignedEvent = (
  row: ConversationRow,
  data: { readonly because: AssignmentReason; readonly from: UserId | null; readonly by?: UserId },
): JournalEvent => eventOf('conversation.unassigned', row, data);

/** A message of the client's, or of ours, was stored. Automatic answers and what programs wrote are told apart by `origin` and `nature`. */
export const messageEvent = (
  row: ConversationRow,
  message: Pick<MessageRow, 'id' | 'direction' | 'at' | 'origin' | 'nature' | 'userId'>,
): JournalEvent => ({
  type: message.direction === 'in' ? 'message.received' : 'message.written',
  clientId: row.clientId,
  userId: message.userId ?? undefined,
  data: {
    ...dataOf(row),
    messageId: message.id,
    at: message.at.getTime(),
    origin: message.origin,
    nature: message.nature,
  },
});

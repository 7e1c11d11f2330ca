import type { ConversationRow } from '../conversation-store.ts';
import type { MovedMessage } from './move-store.ts';

/** What of a conversation follows from its messages, and from which of them nobody answered. */
export type Standing = Pick<
  ConversationRow,
  | 'state'
  | 'ownerId'
  | 'assignedAt'
  | 'assignedBecause'
  | 'waitingSince'
  | 'dueAt'
  | 'unread'
  | 'messages'
  | 'lastMessageAt'
  | 'lastDirection'
  | 'closedAt'
>;

type WaitingRow = Pick<ConversationRow, 'waitingSince' | 'unread'>;

const isPersons = ({ direction, nature }: MovedMessage): boolean => direction === 'in' && nature === 'human';

/** Those of a person that nobody answered: all since the wait began. */
export const unanswered = (all: readonly MovedMessage[], { waitingSince }: WaitingRow): MovedMessage[] =>
  waitingSince === null ? [] : all.filter((message) => isPersons(message) && message.at >= waitingSince);

/** Those that nobody has seen: the last ones of a person. */
const unseen = (all: readonly MovedMessage[], { unread }: WaitingRow): MovedMessage[] =>
  unread === 0 ? [] : all.filter(isPersons).slice(-unread);

/** Messages that go from one conversation to another, and what both were before. */
export interface Parting {
  readonly moved: readonly MovedMessage[];
  readonly from: ConversationRow;
  /** All of `from` before, oldest first. */
  readonly fromMessages: readonly MovedMessage[];
  readonly to: ConversationRow;
  readonly toMessages: readonly MovedMessage[];
  /** When an answer to a wait since then is in time. */
  readonly dueOf: (row: Pick<ConversationRow, 'queueId'>, since: Date) => Date | null;
}

const byTime = (one: MovedMessage, other: MovedMessage): number =>
  one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1);

function counted(
  row: ConversationRow,
  all: readonly MovedMessage[],
): Pick<Standing, 'messages' | 'lastMessageAt' | 'lastDirection'> {
  const last = all.at(-1);
  return {
    messages: all.length,
    lastMessageAt: last?.at ?? row.lastMessageAt,
    lastDirection: last?.direction ?? row.lastDirection,
  };
}

/** Nobody waits there any more; what was closed stays closed. */
const noWait = (row: ConversationRow): Pick<Standing, 'state' | 'waitingSince' | 'dueAt'> => ({
  state: row.state === 'closed' ? 'closed' : 'answered',
  waitingSince: null,
  dueAt: null,
});

const holding = ({ ownerId, assignedAt, assignedBecause }: ConversationRow) => ({
  ownerId,
  assignedAt,
  assignedBecause,
});

/** How both stand after the move. Who waits goes on waiting, where his unanswered words are, since the first of them. */
export function partedStandings(parting: Parting): { from: Standing; to: Standing } {
  const { moved, from, fromMessages, to, toMessages, dueOf } = parting;
  const movedIds = new Set(moved.map(({ id }) => id));
  const isMoved = ({ id }: MovedMessage): boolean => movedIds.has(id);
  const left = fromMessages.filter((message) => !isMoved(message));
  const together = [...toMessages, ...fromMessages.filter(isMoved)].sort(byTime);
  const owed = unanswered(fromMessages, from);
  const unseenMoved = unseen(fromMessages, from).filter(isMoved).length;

  const stays = owed.find((message) => !isMoved(message));
  const goes = owed.find(isMoved);
  const waitIn = (row: ConversationRow, since: Date) => ({
    waitingSince: since,
    dueAt: since.getTime() === row.waitingSince?.getTime() ? row.dueAt : dueOf(row, since),
  });
  const fromWait = stays ? { state: from.state, ...waitIn(from, stays.at) } : noWait(from);
  const { closedAt } = to;
  // one that was joined into another is closed as long as it is
  const revived = closedAt === null ? 'answered' : 'closed';
  const state = to.joinedIntoId === null ? to.state : revived;
  let toWait: Omit<Standing, 'messages' | 'lastMessageAt' | 'lastDirection' | 'unread'>;
  if (!goes) toWait = { state, closedAt, ...holding(to), waitingSince: to.waitingSince, dueAt: to.dueAt };
  else if (to.waitingSince === null)
    toWait = { state: from.state, closedAt: null, ...holding(from), ...waitIn(to, goes.at) };
  else {
    const since = goes.at < to.waitingSince ? goes.at : to.waitingSince;
    toWait = { state, closedAt, ...holding(to), ...waitIn(to, since) };
  }
  return {
    from: {
      ...holding(from),
      closedAt: from.closedAt,
      ...fromWait,
      ...counted(from, left),
      unread: from.unread - unseenMoved,
    },
    to: { ...toWait, ...counted(to, together), unread: to.unread + unseenMoved },
  };
}

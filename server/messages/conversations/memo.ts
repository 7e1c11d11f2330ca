import type { ConversationRow } from '../conversation-store.ts';
import type { Standing } from './wait.ts';

/**
 * How two conversations stood before messages went from one to the other, kept as JSON with the change. As long as neither has a
 * newer version, an undo puts exactly this back; later what follows from the messages counts.
 */

interface Pair<T> {
  readonly from: T;
  readonly to: T;
}

const kept = (row: ConversationRow) => ({
  state: row.state,
  ownerId: row.ownerId,
  assignedAt: row.assignedAt?.toISOString() ?? null,
  assignedBecause: row.assignedBecause,
  waitingSince: row.waitingSince?.toISOString() ?? null,
  dueAt: row.dueAt?.toISOString() ?? null,
  unread: row.unread,
  messages: row.messages,
  lastMessageAt: row.lastMessageAt.toISOString(),
  lastDirection: row.lastDirection,
  closedAt: row.closedAt?.toISOString() ?? null,
});

/** What is kept with a change. */
export const memoOf = (before: Pair<ConversationRow>, after: Pair<ConversationRow>) => ({
  from: kept(before.from),
  to: kept(before.to),
  fromVersion: after.from.version,
  toVersion: after.to.version,
});

type Memo = ReturnType<typeof memoOf>;
type Kept = ReturnType<typeof kept>;

/** Of these, what a wait is: a conversation that nobody joined any more has no messages to stand by. */
type Back = Pick<
  Standing,
  'state' | 'ownerId' | 'assignedAt' | 'assignedBecause' | 'waitingSince' | 'dueAt' | 'unread' | 'closedAt'
>;

const date = (iso: string | null): Date | null => (iso === null ? null : new Date(iso));

const backOf = (memo: Kept): Back => ({
  state: memo.state,
  ownerId: memo.ownerId,
  assignedAt: date(memo.assignedAt),
  assignedBecause: memo.assignedBecause,
  waitingSince: date(memo.waitingSince),
  dueAt: date(memo.dueAt),
  unread: memo.unread,
  closedAt: date(memo.closedAt),
});

/** How both stood, or null when something has happened to one of them since. @param now the two as they are */
export function standingsBefore(
  stored: Readonly<Record<string, unknown>> | null,
  now: Pair<ConversationRow>,
): Pair<Partial<Standing>> | null {
  const memo = stored as Memo | null;
  if (memo?.fromVersion !== now.from.version || memo.toVersion !== now.to.version) return null;
  return { from: backOf(memo.from), to: backOf(memo.to) };
}

import type { AssignmentReason, MessageChannelName } from '../../contract/messages-words.ts';
import type { UserId } from '../../kernel/ids.ts';

/** What an agent can take of each channel's conversations. */
export interface Capacity {
  /** Points of work that one agent has at once. */
  readonly points: number;
  /** What one conversation costs of them. */
  readonly weights: Readonly<Record<MessageChannelName, number>>;
}

/** All that the decision knows of an agent. */
export interface Taker {
  readonly id: UserId;
  readonly isOnShift: boolean;
  /** His browser is connected; a phone is not needed to write. */
  readonly isOnline: boolean;
  readonly isAvailable: boolean;
  /** What calls keep him busy with. */
  readonly work: 'ringing' | 'on_call' | 'wrap_up' | null;
  /** Points of the conversations that wait for his answer. */
  readonly load: number;
  /** When he was last given one, milliseconds since the epoch; 0 = never. */
  readonly lastGivenAt: number;
}

export interface AssignmentQuestion {
  readonly channel: MessageChannelName;
  /** Members of the queue in schedule order, and whoever else is to be asked first. */
  readonly takers: readonly Taker[];
  /** Who had this conversation before. */
  readonly formerOwnerId: UserId | null;
  /** The client's responsible manager. */
  readonly responsibleId: UserId | null;
  /** Who has just given it back to its queue: he does not want it. */
  readonly gaveBackId?: UserId | null;
  /** Others are given only what these two have: they serve other queues. */
  readonly outsiders: ReadonlySet<UserId>;
  readonly capacity: Capacity;
}

export const passedReasons = [
  'off_shift',
  'offline',
  'not_ready',
  'ringing',
  'on_call',
  'wrap_up',
  'no_room',
  'gave_back',
  'other_queue',
  'later_in_turn',
] as const;
/** Why somebody was not given it. */
export type PassedReason = (typeof passedReasons)[number];

export type GivenReason = Extract<AssignmentReason, 'same_agent' | 'responsible' | 'round_robin'>;

/** One agent with the reason why he was or was not chosen. */
export type TakerRow = readonly [UserId, GivenReason | PassedReason];

export type AssignmentDecision =
  | {
      readonly kind: 'give';
      readonly userId: UserId;
      readonly because: GivenReason;
      readonly candidates: readonly TakerRow[];
    }
  | {
      readonly kind: 'wait';
      readonly because: Extract<AssignmentReason, 'nobody_on_shift' | 'nobody_free'>;
      readonly candidates: readonly TakerRow[];
    };

/**
 * Why this agent cannot be given a conversation now; null = he can. While a call is being offered to him he gets nothing,
 * whatever it is; while he talks or wraps up, a letter or a short message may be put on his list, but nobody chats and
 * talks at once.
 */
export function hindrance(taker: Taker, channel: MessageChannelName, capacity: Capacity): PassedReason | null {
  if (!taker.isOnShift) return 'off_shift';
  if (!taker.isAvailable) return 'not_ready';
  if (!taker.isOnline) return 'offline';
  if (taker.work === 'ringing') return 'ringing';
  if (taker.work !== null && channel === 'chat') return taker.work;
  return taker.load + costOf(channel, capacity) > capacity.points ? 'no_room' : null;
}

/** A weight above the whole capacity takes all of it: else nobody ever had room for it. */
const costOf = (channel: MessageChannelName, { points, weights }: Capacity): number =>
  Math.min(weights[channel], Math.max(points, 1));

/**
 * Who gets this conversation now, and one reason for every candidate. Pure: the same question has the same answer. Whoever
 * had it before comes first, then the responsible manager, then who of the queue has the most free points; of several
 * who was given one longest ago, then the first in schedule order.
 */
export function decide(question: AssignmentQuestion): AssignmentDecision {
  const chosen = choose(question);
  const candidates = question.takers.map((taker): TakerRow => {
    if (taker.id === chosen?.userId) return [taker.id, chosen.because];
    const barred = taker.id === question.gaveBackId ? ('gave_back' as const) : null;
    const why = hindrance(taker, question.channel, question.capacity) ?? barred;
    return [taker.id, why ?? (question.outsiders.has(taker.id) ? 'other_queue' : 'later_in_turn')];
  });
  if (chosen) return { kind: 'give', ...chosen, candidates };
  const isAnybodyThere = question.takers.some(({ id, isOnShift }) => isOnShift && !question.outsiders.has(id));
  return { kind: 'wait', because: isAnybodyThere ? 'nobody_free' : 'nobody_on_shift', candidates };
}

function choose(question: AssignmentQuestion): { userId: UserId; because: GivenReason } | null {
  const { takers, channel, capacity, formerOwnerId, responsibleId, outsiders } = question;
  const able = takers.filter(
    (taker) => taker.id !== question.gaveBackId && hindrance(taker, channel, capacity) === null,
  );
  const isAble = (id: UserId | null): id is UserId => id !== null && able.some((taker) => taker.id === id);
  if (isAble(formerOwnerId)) return { userId: formerOwnerId, because: 'same_agent' };
  if (isAble(responsibleId)) return { userId: responsibleId, because: 'responsible' };
  let best: Taker | null = null;
  for (const taker of able) if (!outsiders.has(taker.id) && (!best || isBefore(taker, best))) best = taker;
  return best && { userId: best.id, because: 'round_robin' };
}

const isBefore = (one: Taker, other: Taker): boolean =>
  one.load < other.load || (one.load === other.load && one.lastGivenAt < other.lastGivenAt);

import type { MessageChannelName } from '../../contract/messages-words.ts';
import { type OwedChannel, type OwedKind, owedKinds } from '../../contract/tasks-words.ts';
import type { ConversationId, InteractionId, QueueId, UserId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import { afterWorkingTime, dueAt, type UnansweredCall, type Workers } from './due.ts';

/** A call of a client that nobody took, as it is stored. */
export interface StoredCall extends UnansweredCall {
  readonly interactionId: InteractionId | null;
  readonly number: string;
  readonly lineName: string;
  readonly queueId: QueueId | null;
}

/** A conversation in which a client waits for our answer, and that is owed: nobody had it in time. */
export interface StoredWait {
  readonly conversationId: ConversationId;
  readonly channel: MessageChannelName;
  /** Since when he waits. */
  readonly at: number;
  readonly dueAt: number | null;
  /** Who has it now. */
  readonly holderId: UserId | null;
  /** His number; empty where he wrote from something else. */
  readonly number: string;
  readonly addressName: string;
  readonly queueId: QueueId;
}

/** What we owe a client. */
export interface Debt {
  readonly kind: OwedKind;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly times: number;
  readonly number: string;
  readonly lineName: string;
  readonly queueId: QueueId | null;
  readonly interactionIds: readonly InteractionId[];
  readonly conversationIds: readonly ConversationId[];
  readonly channels: readonly OwedChannel[];
  readonly dueAt: number;
  /** Who has the conversation with the least time left. */
  readonly holderId: UserId | null;
}

/** The strongest of several: a request to be called before a message, a message before a call that was not taken. */
export const strongest = (kinds: readonly OwedKind[]): OwedKind =>
  kinds.reduce((best, kind) => (owedKinds.indexOf(kind) > owedKinds.indexOf(best) ? kind : best), 'missed');

/** The first one names the debt, the latest ones are what is asked for. */
function keptIds(ids: readonly InteractionId[]): InteractionId[] {
  const [first] = ids;
  if (first === undefined || ids.length <= owedLimits.interactionIds) return [...ids];
  return [first, ...ids.slice(1 - owedLimits.interactionIds)];
}

interface Latest {
  readonly at: number;
  readonly number: string;
  readonly lineName: string;
  readonly queueId: QueueId | null;
}

const latestOfCall = ({ at, number, lineName, queueId }: StoredCall): Latest => ({ at, number, lineName, queueId });
const latestOfWait = ({ at, number, addressName, queueId }: StoredWait): Latest => ({
  at,
  number,
  lineName: addressName,
  queueId,
});

export interface Unanswered {
  /** That nobody took since the client was last talked to, or written with; in the order of time. */
  readonly calls: readonly StoredCall[];
  /** In any order. */
  readonly waits: readonly StoredWait[];
}

/**
 * What we owe for calls that nobody took and for messages that nobody answered. Pure.
 * @param workers of the queue that was called or written to last
 * @returns null when there is none, or the last one is too old
 */
export function debtOf(
  { calls, waits }: Unanswered,
  now: number,
  workers: (queueId: QueueId | null) => Workers,
): Debt | null {
  const all = [...calls.map(latestOfCall), ...waits.map(latestOfWait)].sort((a, b) => a.at - b.at);
  const [first] = all;
  const last = all.at(-1);
  if (!first || !last || last.at < now - owedLimits.tooOldMs) return null;
  const working = workers(last.queueId);
  const waitDue = ({ at, dueAt: own }: StoredWait): number =>
    own ?? afterWorkingTime(at, owedLimits.answerMs.message, working);
  const written = waits.toSorted((a, b) => waitDue(a) - waitDue(b));
  const dues = [...(calls.length > 0 ? [dueAt(calls, working)] : []), ...written.slice(0, 1).map(waitDue)];
  const channels = [...(calls.length > 0 ? (['call'] as const) : []), ...written.map(({ channel }) => channel)];
  return {
    kind: strongest([...calls.map(({ kind }) => kind), ...written.map(() => 'message' as const)]),
    firstAt: first.at,
    lastAt: last.at,
    times: all.length,
    number: all.findLast(({ number }) => number !== '')?.number ?? '',
    lineName: last.lineName,
    queueId: last.queueId,
    interactionIds: keptIds(calls.flatMap(({ interactionId }) => (interactionId === null ? [] : [interactionId]))),
    conversationIds: written.map(({ conversationId }) => conversationId),
    channels: [...new Set(channels)],
    dueAt: Math.min(...dues),
    holderId: written.find(({ holderId }) => holderId !== null)?.holderId ?? null,
  };
}

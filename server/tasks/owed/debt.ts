import { type OwedKind, owedKinds } from '../../contract/tasks-words.ts';
import type { InteractionId, QueueId } from '../../kernel/ids.ts';
import { owedLimits } from '../limits.ts';
import { dueAt, type UnansweredCall, type Workers } from './due.ts';

/** A call of a client that nobody took, as it is stored. */
export interface StoredCall extends UnansweredCall {
  readonly interactionId: InteractionId | null;
  readonly number: string;
  readonly lineName: string;
  readonly queueId: QueueId | null;
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
  readonly dueAt: number;
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

/**
 * What we owe for calls that nobody took since the client was last talked to. Pure.
 * @param calls in the order of time
 * @param workers of the queue that was called last
 * @returns null when there is none, or the last one is too old
 */
export function debtOf(
  calls: readonly StoredCall[],
  now: number,
  workers: (queueId: QueueId | null) => Workers,
): Debt | null {
  const [first] = calls;
  const last = calls.at(-1);
  if (!first || !last || last.at < now - owedLimits.tooOldMs) return null;
  const ids = calls.flatMap(({ interactionId }) => (interactionId === null ? [] : [interactionId]));
  return {
    kind: strongest(calls.map(({ kind }) => kind)),
    firstAt: first.at,
    lastAt: last.at,
    times: calls.length,
    number: last.number,
    lineName: last.lineName,
    queueId: last.queueId,
    interactionIds: keptIds(ids),
    dueAt: dueAt(calls, workers(last.queueId)),
  };
}

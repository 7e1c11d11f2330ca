import type { OwedKind } from '../../contract/tasks-words.ts';
import type { Shift } from '../../routing/work-schedule.ts';
import { owedLimits } from '../limits.ts';

/** One call that nobody took. Times in milliseconds since the epoch. */
export interface UnansweredCall {
  readonly at: number;
  readonly kind: OwedKind;
  /** `callback`: when he asked to be called. */
  readonly askedAt: number | null;
}

/** Shifts of all who could answer within a span; cut off at both ends, in any order. */
export type Workers = (from: number, to: number) => readonly Shift[];

const dayMs = 24 * 60 * 60_000;

/** How much of `needed` is left after these shifts, or when it was used up. */
function workThrough(shifts: readonly Shift[], from: number, needed: number): { at: number } | { left: number } {
  let left = needed;
  let at = from;
  for (const { startsAt, endsAt } of shifts.toSorted((a, b) => a.startsAt - b.startsAt)) {
    if (endsAt <= at) continue;
    const start = Math.max(startsAt, at);
    if (endsAt - start >= left) return { at: start + left };
    left -= endsAt - start;
    at = endsAt;
  }
  return { left };
}

/** The instant at which that much working time has passed; where there is none ahead, plain time. */
export function afterWorkingTime(from: number, ms: number, workers: Workers): number {
  let left = ms;
  for (let at = from; at < from + owedLimits.workingAheadMs; at += dayMs) {
    const worked = workThrough(workers(at, at + dayMs), at, left);
    if ('at' in worked) return worked.at;
    left = worked.left;
  }
  return from + ms;
}

/**
 * By when we owe the answer. A time that the client asked for stands for everything before it; else each call has the
 * limit of its kind and the first one to run out counts.
 * @param calls in the order of time, at least one
 */
export function dueAt(calls: readonly UnansweredCall[], workers: Workers): number {
  let due: number | null = null;
  const seen = new Set<OwedKind>();
  for (const { at, kind, askedAt } of calls) {
    if (askedAt !== null) {
      due = askedAt;
      seen.clear();
    } else if (!seen.has(kind)) {
      // a later call of the same kind cannot run out sooner
      seen.add(kind);
      const own = afterWorkingTime(at, owedLimits.answerMs[kind], workers);
      due = due === null ? own : Math.min(due, own);
    }
  }
  if (due === null) throw new Error('nothing is owed for no call');
  return due;
}

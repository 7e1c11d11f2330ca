import type { BoardView } from '../contract/board.ts';
import type { Clock } from '../kernel/clock.ts';

export type OwedCount = BoardView['owed'];

/** A row falls overdue without anybody's doing: no count is older than this. */
const freshMs = 15_000;

/** Counts of people we owe: counted when somebody looks and the ledger is different since, not for every look. */
export interface OwedCounts {
  now(): Promise<OwedCount>;
  forget(): void;
}

export function createOwedCounts(clock: Clock, count: (now: number) => Promise<OwedCount>): OwedCounts {
  let kept: { readonly at: number; readonly owed: Promise<OwedCount> } | null = null;
  return {
    now() {
      const at = clock.now();
      if (kept && at - kept.at < freshMs) return kept.owed;
      const counting = { at, owed: count(at) };
      kept = counting;
      counting.owed.catch(() => {
        if (kept === counting) kept = null;
      });
      return counting.owed;
    },
    forget() {
      kept = null;
    },
  };
}

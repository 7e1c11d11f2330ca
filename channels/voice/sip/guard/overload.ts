/** Notices when there is more work than time (RFC 6357: overload shows in the server's own queue first). */
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';

export interface OverloadWatch {
  /** New work is to be refused with 503. */
  readonly overloaded: boolean;
  start(): void;
  close(): void;
}

const sampleMs = 100;

export function createOverloadWatch(clock: Clock, openTransactions: () => number): OverloadWatch {
  let lagMs = 0;
  let timer: TimerHandle | undefined;
  const sample = (): void => {
    const dueAt = clock.now() + sampleMs;
    timer = clock.after(sampleMs, () => {
      lagMs = clock.now() - dueAt;
      sample();
    });
  };
  return {
    get overloaded() {
      return lagMs > limits.eventLoopLagMs || openTransactions() > limits.openServerTransactions;
    },
    start: sample,
    close: () => timer?.cancel(),
  };
}

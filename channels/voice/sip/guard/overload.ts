/** Notices when there is more work than time (RFC 6357: overload shows in the server's own queue first). */
import { performance } from 'node:perf_hooks';
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';

export interface OverloadWatch {
  /** New work is to be refused with 503. */
  readonly overloaded: boolean;
  start(): void;
  close(): void;
}

export interface OverloadOptions {
  readonly clock: Clock;
  /** Server transactions whose final response is ours to decide. */
  readonly openTransactions: () => number;
  /** Part of the time since the last call that the event loop was busy, 0 to 1. */
  readonly utilization?: () => number;
}

const sampleMs = 250;

/**
 * Three signs: too many open transactions, timers that come late, and an event loop that has not been idle for a
 * second. The last is the one that shows a flood over UDP, whose queue is in the kernel: timers are on time then, and
 * every answer is seconds late.
 */
export function createOverloadWatch(options: OverloadOptions): OverloadWatch {
  const { clock, openTransactions, utilization = loopUtilization() } = options;
  let lagMs = 0;
  let busySamples = 0;
  let saturated = false;
  let timer: TimerHandle | undefined;

  const look = (): void => {
    const busy = utilization();
    busySamples = busy > limits.busyLoop ? busySamples + 1 : 0;
    if (busySamples >= limits.busySamples) saturated = true;
    else if (busy < limits.relaxedLoop) saturated = false;
  };
  const sample = (): void => {
    const dueAt = clock.now() + sampleMs;
    timer = clock.after(sampleMs, () => {
      lagMs = clock.now() - dueAt;
      look();
      sample();
    });
  };
  return {
    get overloaded() {
      return saturated || lagMs > limits.eventLoopLagMs || openTransactions() > limits.openServerTransactions;
    },
    start: sample,
    close: () => timer?.cancel(),
  };
}

/** 0 when less than half a sample of real time has passed: then the clock is a test's, and the figure means nothing. */
function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { idle, active, utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return idle + active < sampleMs / 2 ? 0 : utilization;
  };
}

/** Notices when there is more work than time (RFC 6357: overload shows in the server's own queue first). */
import { performance } from 'node:perf_hooks';
import type { Clock, TimerHandle } from '../../../../server/kernel/clock.ts';
import type { Log } from '../../../../server/kernel/log.ts';
import { limits } from '../limits.ts';
import type { ReceiveProbe } from '../transport/probe.ts';

export interface OverloadWatch {
  /** New work is to be refused with 503. */
  readonly overloaded: boolean;
  /** One request was refused: the log tells of the first, and of how many there were when it is over. */
  refuse(): void;
  /** How many there were since the start. */
  readonly refused: number;
  /** @param probe of the queue that requests wait in; without one, it is taken for short */
  start(probe?: Pick<ReceiveProbe, 'send' | 'unreadMs'>): void;
  close(): void;
}

export interface OverloadOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Server transactions whose final response is ours to decide. */
  readonly openTransactions: () => number;
  /** Part of the time since the last call that the event loop was busy, 0 to 1. */
  readonly utilization?: () => number;
  /** Calls back when some of what waits has been read. */
  readonly afterReading?: (look: () => void) => void;
}

const sampleMs = 250;

/**
 * Two signs: too many open transactions, and a queue that stands: for a second the event loop had no rest, and what had
 * come was still not read. Either alone is none. A hundred calls at once keep the loop busy for seconds on a small machine
 * and are all served; whatever waited through a pause is read right after it. Refused are only those whom waiting
 * would not help.
 */
export function createOverloadWatch(options: OverloadOptions): OverloadWatch {
  const { clock, log, openTransactions, utilization = loopUtilization(), afterReading = setImmediate } = options;
  let probe: Pick<ReceiveProbe, 'send' | 'unreadMs'> | undefined;
  /** Samples in a row that say: behind, or up with the work. */
  let behind = 0;
  let level = 0;
  let stands = false;
  let refused = 0;
  /** `refused` when the overload that is told of began; undefined = none is. */
  let toldAt: number | undefined;
  let timer: TimerHandle | undefined;

  const look = (): void => {
    const busy = utilization();
    const isUnread = (probe?.unreadMs ?? 0) > limits.unreadMs;
    behind = isUnread && busy > limits.busyLoop ? behind + 1 : 0;
    level = isUnread ? 0 : level + 1;
    if (behind >= limits.overloadSamples) stands = true;
    else if (busy < limits.relaxedLoop || level >= limits.overloadSamples) stands = false;
    tellEnd();
  };
  const isOverloaded = (): boolean => stands || openTransactions() > limits.openServerTransactions;

  const tellEnd = (): void => {
    if (toldAt === undefined || isOverloaded()) return;
    log.warn({ refused: refused - toldAt }, 'no longer overloaded');
    toldAt = undefined;
  };

  const sample = (): void => {
    probe?.send();
    timer = clock.after(sampleMs, () => {
      // after a pause timers come first: what is unread now may be read in a moment
      afterReading(look);
      sample();
    });
  };
  return {
    get overloaded() {
      return isOverloaded();
    },
    refuse() {
      // callers are turned away: whoever runs the house has to see it
      if (toldAt === undefined)
        log.warn({ openTransactions: openTransactions() }, 'overloaded: calls refused with 503');
      toldAt ??= refused;
      refused++;
    },
    get refused() {
      return refused;
    },
    start(watched) {
      probe = watched;
      sample();
    },
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

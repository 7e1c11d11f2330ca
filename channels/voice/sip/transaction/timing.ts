/** The clock as the transactions need it: three queues for the long waits, single timers for retransmissions. */
import type { Clock } from '../../../../server/kernel/clock.ts';
import { T4, transactionTimeoutMs } from '../limits.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';

export interface Timing {
  readonly clock: Clock;
  /** 64*T1: timers B, D, F, H, J, L and M. */
  readonly long: Deadlines;
  /** T4: timers I and K. */
  readonly short: Deadlines;
}

export const createTiming = (clock: Clock): Timing => ({
  clock,
  long: createDeadlines(clock, transactionTimeoutMs),
  short: createDeadlines(clock, T4),
});

import type { Clock } from '../server/kernel/clock.ts';
import { AppError } from '../server/kernel/errors.ts';
import type { AccountHealth, DeliveryProblem, SendResult } from './message-channel.ts';
import { untilAborted } from './until-aborted.ts';

/** Whether an adapter without a wire of its own is up: it opens, closes, and does not open again. */
export interface OnceOpen {
  readonly isUp: boolean;
  /** @throws AppError `unavailable` after `close` */
  open(): void;
  close(): void;
  health(): AccountHealth;
  /**
   * One attempt to send: not begun (`retry`) when this is not up, in doubt when it fails or its signal comes first. For wires on
   * which the same id twice is one message.
   */
  attempt(signal: AbortSignal, problem: DeliveryProblem, send: () => Promise<SendResult>): Promise<SendResult>;
}

export function createOnceOpen(clock: Pick<Clock, 'now'>): OnceOpen {
  let state: 'made' | 'up' | 'closed' = 'made';
  let since = clock.now();
  return {
    get isUp() {
      return state === 'up';
    },
    open() {
      if (state === 'closed') throw new AppError('unavailable', 'an account that was closed does not open again');
      if (state === 'made') since = clock.now();
      state = 'up';
    },
    close() {
      state = 'closed';
    },
    health: () => ({ state: state === 'up' ? 'up' : 'off', since, problem: '', catchUp: null }),
    async attempt(signal, problem, send) {
      if (state !== 'up' || signal.aborted) return { kind: 'retry', problem };
      const doubt: SendResult = { kind: 'unknown', problem };
      return untilAborted(
        send().catch(() => doubt),
        signal,
        doubt,
      );
    },
  };
}

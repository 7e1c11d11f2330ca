import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';

/** Refuses a key (a login, an address) after so many failures a minute. */
export interface AttemptLimit {
  /**
   * Begins an attempt. While those that have begun could use up the limit by failing, it waits for them: a burst of
   * guesses cannot slip through, and four hundred people behind one address who know their passwords are not refused.
   * @returns 0 = go on, then `leave`; otherwise the seconds after which it may be tried again
   * @throws AppError `overloaded` when too many wait
   */
  enter(key: string): Promise<number>;
  leave(key: string, hasFailed: boolean): void;
}

export interface AttemptLimitOptions {
  readonly clock: Clock;
  readonly failuresPerMinute: number;
  /** Keys that are remembered; past that the one that was first seen is forgotten. */
  readonly maxKeys: number;
  readonly maxWaiting: number;
}

interface Attempts {
  /** The minute begins with the first attempt of the key. */
  endsAt: number;
  failures: number;
  running: number;
  waiting: (() => void)[];
}

const windowMs = 60_000;

export function createAttemptLimit(options: AttemptLimitOptions): AttemptLimit {
  const { clock, failuresPerMinute, maxKeys, maxWaiting } = options;
  const known = new Map<string, Attempts>();
  let waiting = 0;

  function attemptsOf(key: string): Attempts {
    let attempts = known.get(key);
    if (attempts === undefined) {
      if (known.size >= maxKeys) forgetOne();
      attempts = { endsAt: clock.now() + windowMs, failures: 0, running: 0, waiting: [] };
      known.set(key, attempts);
    }
    if (attempts.endsAt <= clock.now()) {
      attempts.endsAt = clock.now() + windowMs;
      attempts.failures = 0;
    }
    return attempts;
  }

  function forgetOne(): void {
    for (const [key, { running, waiting }] of known) {
      if (running > 0 || waiting.length > 0) continue;
      known.delete(key);
      return;
    }
  }

  async function turn(attempts: Attempts): Promise<void> {
    if (waiting >= maxWaiting) throw new AppError('overloaded', 'too many sign-ins at once', { retryable: true });
    waiting++;
    await new Promise<void>((resolve) => attempts.waiting.push(resolve));
    waiting--;
  }

  return {
    async enter(key) {
      for (;;) {
        const attempts = attemptsOf(key);
        const { failures, running } = attempts;
        if (failures >= failuresPerMinute) return Math.max(1, Math.ceil((attempts.endsAt - clock.now()) / 1000));
        if (failures + running < failuresPerMinute) {
          attempts.running++;
          return 0;
        }
        await turn(attempts);
      }
    },
    leave(key, hasFailed) {
      const attempts = attemptsOf(key);
      attempts.running = Math.max(0, attempts.running - 1);
      if (hasFailed) attempts.failures++;
      for (const proceed of attempts.waiting.splice(0)) proceed();
    },
  };
}

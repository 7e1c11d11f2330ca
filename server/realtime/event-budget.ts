import type { Clock } from '../kernel/clock.ts';

/** How many events one socket may send: a token bucket. */
export interface EventBudget {
  /** Takes one event. False = over the rate. */
  take(): boolean;
}

export interface EventBudgetOptions {
  readonly clock: Clock;
  readonly perSecond: number;
  readonly burst: number;
}

export function createEventBudget({ clock, perSecond, burst }: EventBudgetOptions): EventBudget {
  let left = burst;
  let filledAt = clock.now();
  return {
    take() {
      const now = clock.now();
      left = Math.min(burst, left + (Math.max(0, now - filledAt) / 1000) * perSecond);
      filledAt = now;
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}

/** Permits that refill with time: so many a second, saved up for a quarter of one. */
export interface Rate {
  /** Whole permits that are there now. */
  available(now: number): number;
  take(count: number): void;
  /** Milliseconds until there is one. */
  waitMs(now: number): number;
}

export function createRate(perSecond: number, startAt: number): Rate {
  const most = Math.max(1, perSecond / 4);
  let permits = most;
  let at = startAt;
  const refill = (now: number): void => {
    permits = Math.min(most, permits + (Math.max(0, now - at) * perSecond) / 1000);
    at = now;
  };
  return {
    available(now) {
      refill(now);
      return Math.floor(permits + 1e-9);
    },
    take(count) {
      permits -= count;
    },
    waitMs(now) {
      refill(now);
      return permits >= 1 ? 0 : Math.ceil(((1 - permits) * 1000) / perSecond);
    },
  };
}

/** Time is a port: rules and use cases never call Date.now() or setTimeout themselves, so that tests own the clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once after `ms`; the handle cancels it. Never keeps the process alive. */
  after(ms: number, fn: () => void): TimerHandle;
}

export interface TimerHandle {
  /** Idempotent; harmless after the timer has fired. */
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A clock that stands still until it is moved. For tests. */
export interface FakeClock extends Clock {
  /** Moves time on and fires what falls due, in order of time; timers set meanwhile fire too. */
  advance(ms: number): void;
}

/** @param startAt milliseconds since the epoch */
export function createFakeClock(startAt = Date.UTC(2026, 0, 12, 9, 0, 0)): FakeClock {
  let now = startAt;
  const timers = new Set<{ dueAt: number; fn: () => void }>();
  return {
    now: () => now,
    after(ms, fn) {
      const timer = { dueAt: now + ms, fn };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        let next: { dueAt: number; fn: () => void } | undefined;
        for (const timer of timers) if (timer.dueAt <= end && (!next || timer.dueAt < next.dueAt)) next = timer;
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.dueAt);
        next.fn();
      }
      now = end;
    },
  };
}

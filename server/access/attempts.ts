import type { Clock } from '../kernel/clock.ts';

/** Counts failures per key (a login, an address) and refuses more than so many a minute. */
export interface AttemptLimit {
  /** Counts one attempt. @returns seconds to wait when it is refused (it is not counted then), 0 when it may go on */
  take(key: string): number;
  /** The attempt did not fail after all. */
  giveBack(key: string): void;
}

export interface AttemptLimitOptions {
  readonly clock: Clock;
  readonly perMinute: number;
  /** Keys that are remembered; past that the one that was first seen is forgotten. */
  readonly maxKeys: number;
}

const windowMs = 60_000;

/** A minute starts with the first attempt of a key. Attempts count when they start, so that a burst cannot slip through. */
export function createAttemptLimit({ clock, perMinute, maxKeys }: AttemptLimitOptions): AttemptLimit {
  const windows = new Map<string, { endsAt: number; used: number }>();

  function open(key: string): { endsAt: number; used: number } {
    const known = windows.get(key);
    if (known !== undefined && known.endsAt > clock.now()) return known;
    windows.delete(key);
    const oldest = windows.keys().next();
    if (windows.size >= maxKeys && !oldest.done) windows.delete(oldest.value);
    const fresh = { endsAt: clock.now() + windowMs, used: 0 };
    windows.set(key, fresh);
    return fresh;
  }

  return {
    take(key) {
      const window = open(key);
      if (window.used >= perMinute) return Math.max(1, Math.ceil((window.endsAt - clock.now()) / 1000));
      window.used++;
      return 0;
    },
    giveBack(key) {
      const window = windows.get(key);
      if (window !== undefined && window.used > 0) window.used--;
    },
  };
}

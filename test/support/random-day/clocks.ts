import type { Clock, TimerHandle } from '../../../server/kernel/clock.ts';

/** A clock whose timers can be counted, asked for, and taken away when their process dies. */
export interface WatchedClock extends Clock {
  isPending(handle: TimerHandle | null): boolean;
  /** When the next one falls due; Infinity = none is set. */
  nextAt(): number;
  pending(): number;
  /** Nothing that was set fires any more, and nothing new is set. */
  stop(): void;
}

export function watchClock(clock: Clock): WatchedClock {
  const dueAt = new Map<TimerHandle, number>();
  let isStopped = false;
  return {
    now: () => clock.now(),
    after(ms, fn) {
      const timer = clock.after(ms, () => {
        if (dueAt.delete(handle) && !isStopped) fn();
      });
      const handle: TimerHandle = {
        cancel() {
          dueAt.delete(handle);
          timer.cancel();
        },
      };
      if (isStopped) timer.cancel();
      else dueAt.set(handle, clock.now() + ms);
      return handle;
    },
    isPending: (handle) => handle !== null && dueAt.has(handle),
    nextAt: () => Math.min(Number.POSITIVE_INFINITY, ...dueAt.values()),
    pending: () => dueAt.size,
    stop() {
      isStopped = true;
      for (const handle of [...dueAt.keys()]) handle.cancel();
    },
  };
}

import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { assignmentLimits } from './limits.ts';

export interface WorkTimer {
  /** Asks anew when it is due. */
  set(): void;
  /** It is due then at the latest. */
  by(at: number): void;
}

/** Work of one process, one thing after another. */
export interface Line {
  /** After all earlier work; rejects as the work does. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The same for work that nobody waits for: a failure is logged and tried again a little later. */
  tried(work: () => Promise<void>): Promise<void>;
  /** Work that is asked for many times and done once, after the asking. */
  once(work: () => Promise<void>): () => Promise<void>;
  /** Runs `work` in the line when `dueAt` (milliseconds since the epoch; Infinity = not now) has come, again and again. */
  timer(dueAt: () => number, work: () => Promise<void>): WorkTimer;
  /** Waits for what has begun. */
  idle(): Promise<void>;
  /** Timers stop, what has begun is waited for. Idempotent. */
  close(): Promise<void>;
}

export function createLine({ clock, log }: { clock: Clock; log: Log }): Line {
  let last: Promise<unknown> = Promise.resolve();
  const timers = new Set<TimerHandle>();
  let isClosed = false;

  function run<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  function later(ms: number, work: () => void): TimerHandle {
    const timer = clock.after(ms, () => {
      timers.delete(timer);
      work();
    });
    timers.add(timer);
    return timer;
  }

  const tried = (work: () => Promise<void>): Promise<void> =>
    run(work).catch((error: unknown) => {
      log.warn({ err: error }, 'conversations could not be assigned yet');
      if (!isClosed) later(assignmentLimits.againMs, () => void tried(work));
    });

  function timer(dueAt: () => number, work: () => Promise<void>): WorkTimer {
    let handle: TimerHandle | undefined;
    let wakesAt = Number.POSITIVE_INFINITY;
    const set = (): void => wake(dueAt());
    function wake(at: number): void {
      if (handle) {
        handle.cancel();
        timers.delete(handle);
      }
      if (isClosed) return;
      const ms = Math.min(Math.max(0, at - clock.now()), assignmentLimits.sleepMs);
      wakesAt = clock.now() + ms;
      handle = later(ms, () => {
        run(work).then(set, (error: unknown) => {
          log.warn({ err: error }, 'conversations could not be looked after yet');
          if (!isClosed) handle = later(assignmentLimits.againMs, set);
        });
      });
    }
    return {
      set,
      by(at) {
        if (at < wakesAt) wake(at);
      },
    };
  }

  return {
    run,
    tried,
    once(work) {
      let asked: Promise<void> | null = null;
      return () => {
        asked ??= tried(async () => {
          asked = null;
          await work();
        });
        return asked;
      };
    },
    timer,
    async idle() {
      let seen: unknown;
      while (seen !== last) {
        seen = last;
        await last;
      }
    },
    async close() {
      isClosed = true;
      for (const handle of timers) handle.cancel();
      await last;
    },
  };
}

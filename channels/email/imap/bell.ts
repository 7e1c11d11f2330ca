import type { Clock } from '../../../server/kernel/clock.ts';

/** Something to do, and waiting for it. */
export interface Bell {
  ring(): void;
  /** Takes the ring. @returns whether there was one */
  answer(): boolean;
  /** Until it rings, or `ms` are over, or everything stops. A ring that was not answered yet ends it at once. */
  wait(ms: number): Promise<void>;
  /** `ms` long, however often it rings; ends early when everything stops, or when a ring finds that it is over. */
  rest(ms: number, isOver?: () => boolean): Promise<void>;
}

/** @param stop aborted when everything stops */
export function createBell(clock: Clock, stop: AbortSignal): Bell {
  let hasRung = false;
  let wake = (): void => undefined;
  stop.addEventListener('abort', () => wake());

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = clock.after(ms, resolve);
      wake = () => {
        timer.cancel();
        resolve();
      };
    });

  return {
    ring() {
      hasRung = true;
      wake();
    },
    answer() {
      const had = hasRung;
      hasRung = false;
      return had;
    },
    async wait(ms) {
      if (!hasRung && !stop.aborted) await pause(ms);
    },
    async rest(ms, isOver = () => false) {
      const until = clock.now() + ms;
      for (let left = ms; left > 0 && !stop.aborted && !isOver(); left = until - clock.now()) await pause(left);
    },
  };
}

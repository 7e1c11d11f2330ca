/**
 * Many timers of one duration behind a single one of the clock. At 500 calls a second some ten thousand transactions
 * wait out their 32 seconds: here each costs one place in a Set, which iterates in the order of the deadlines.
 */
import type { Clock } from '../../../../server/kernel/clock.ts';

/** Somebody who waits. The deadline is kept in the object itself; it may wait in one queue at a time. */
export interface Waiting {
  dueAt: number;
  onDue(): void;
}

export interface Deadlines {
  /** Calls `onDue` once after the queue's duration. Adding again starts over. */
  add(waiting: Waiting): void;
  delete(waiting: Waiting): void;
  clear(): void;
  readonly size: number;
}

/** One wake-up serves everything that falls due within so many milliseconds after the first. */
const batchMs = 20;

export function createDeadlines(clock: Clock, durationMs: number): Deadlines {
  const queue = new Set<Waiting>();
  let armed = false;

  const arm = (): void => {
    const [first] = queue;
    armed = first !== undefined;
    if (first) clock.after(Math.max(first.dueAt - clock.now(), Math.min(batchMs, durationMs)), expire);
  };
  const expire = (): void => {
    const now = clock.now();
    try {
      for (const waiting of queue) {
        if (waiting.dueAt > now) break;
        queue.delete(waiting);
        waiting.onDue();
      }
    } finally {
      // one that throws must not stop the time of all others
      arm();
    }
  };

  return {
    add(waiting) {
      queue.delete(waiting);
      waiting.dueAt = clock.now() + durationMs;
      queue.add(waiting);
      if (!armed) arm();
    },
    delete: (waiting) => void queue.delete(waiting),
    clear: () => queue.clear(),
    get size() {
      return queue.size;
    },
  };
}

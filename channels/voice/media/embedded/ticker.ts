/** Calls back every 4 ms with the number of a slot, each slot every 20 ms, catching up when the thread was busy. */
export interface Ticker {
  /** Idempotent. */
  start(): void;
  /** Idempotent; start() may follow. */
  stop(): void;
  /** Ticks so far, and how many of them ran more than 5 ms late. */
  readonly counts: { ticks: number; late: number };
}

/**
 * The calls of a worker are spread over these, so that a thousand frames do not go out in one burst. More of them would wake
 * the thread more often, which is what a few calls cost most.
 */
export const tickSlots = 5;
const slotMs = 20 / tickSlots;
const lateMs = 5;
/** Beyond this the thread was asleep (a suspended machine), and catching up would only send a burst. */
const giveUpMs = 200;

/**
 * @param now monotonic milliseconds
 * @param onSlot called with the slot and the time
 */
export function createTicker(now: () => number, onSlot: (slot: number, nowMs: number) => void): Ticker {
  const counts = { ticks: 0, late: 0 };
  let timer: NodeJS.Timeout | undefined;
  let dueAt = 0;
  let slot = 0;

  function run(): void {
    const nowMs = now();
    if (nowMs - dueAt > giveUpMs) dueAt = nowMs;
    while (dueAt <= nowMs) {
      counts.ticks++;
      if (nowMs - dueAt > lateMs) counts.late++;
      onSlot(slot, nowMs);
      slot = (slot + 1) % tickSlots;
      dueAt += slotMs;
    }
    // Node cuts fractions off: it would wake us early, for nothing, and once more.
    if (timer) timer = setTimeout(run, Math.max(1, Math.ceil(dueAt - now())));
  }

  return {
    counts,
    start() {
      if (timer) return;
      dueAt = now() + slotMs;
      timer = setTimeout(run, slotMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

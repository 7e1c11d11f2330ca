import { systemClock } from '../../server/kernel/clock.ts';

/**
 * The system's clock, which can be moved on: half a minute of waiting that proves nothing is over at once. Loaded before
 * a server, also into one of its own process (`NODE_OPTIONS: preloadClock`), where SIGUSR2 moves it by `signalSkipMs`.
 * Sound keeps the real time.
 */
export const preloadClock = `--import=${import.meta.url}`;
/** Longer than any wait of SIP (64*T1). */
export const signalSkipMs = 33_000;

interface Waiting {
  dueAt: number;
  fn: () => void;
  timer: NodeJS.Timeout;
}

const { now: realNow } = systemClock;
const waiting = new Set<Waiting>();
let ahead = 0;

systemClock.now = () => realNow() + ahead;
systemClock.after = (ms, fn) => {
  const entry: Waiting = { dueAt: systemClock.now() + ms, fn, timer: setTimeout(() => fire(entry), ms).unref() };
  waiting.add(entry);
  return { cancel: () => drop(entry) };
};

function drop(entry: Waiting): void {
  waiting.delete(entry);
  clearTimeout(entry.timer);
}

function fire(entry: Waiting): void {
  drop(entry);
  entry.fn();
}

/** Moves the time of this process on; what falls due meanwhile happens now, in order of time. */
export function skipTime(ms: number): void {
  const end = ahead + ms;
  for (;;) {
    const [first] = [...waiting].sort((a, b) => a.dueAt - b.dueAt);
    if (!first || first.dueAt > realNow() + end) break;
    ahead = Math.max(ahead, first.dueAt - realNow());
    fire(first);
  }
  ahead = end;
  for (const entry of waiting) {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => fire(entry), Math.max(0, entry.dueAt - systemClock.now())).unref();
  }
}

process.on('SIGUSR2', () => skipTime(signalSkipMs));

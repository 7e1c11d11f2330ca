import { useSyncExternalStore } from 'react';
import { useWorkspaceStore } from '../state/stores.ts';

const TICK_MS = 250;
const SECOND_MS = 1000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** One interval for all timers on the screen: they change in the same moment. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const serverNow = (): number => {
  const present = timer === undefined ? Date.now() : now;
  const offset = useWorkspaceStore.getState().state?.clockOffsetMs ?? 0;
  return Math.floor((present + offset) / SECOND_MS) * SECOND_MS;
};

/** The server's time in whole seconds (ms since the epoch); draws the component again each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, serverNow);
}

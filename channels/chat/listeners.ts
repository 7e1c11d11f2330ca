import type { Clock } from '../../server/kernel/clock.ts';
import { limits } from './limits.ts';

/** Browsers that wait for news of their visitor. */
export interface Listeners {
  /** Resolves when there is news, the time is over, nobody waits any more, or the chat ends. */
  wait(visitorId: string, ms: number, signal: AbortSignal): Promise<void>;
  wake(visitorId: string): void;
  /** Lets everybody go. */
  close(): void;
}

export function createListeners(clock: Clock): Listeners {
  const waiting = new Map<string, Set<() => void>>();

  function wake(visitorId: string): void {
    for (const go of [...(waiting.get(visitorId) ?? [])]) go();
  }

  return {
    wait(visitorId, ms, signal) {
      if (signal.aborted) return Promise.resolve();
      const own = waiting.get(visitorId) ?? new Set();
      waiting.set(visitorId, own);
      // more tabs than anybody reads: the one that has waited longest asks again
      if (own.size >= limits.listeners) [...own][0]?.();
      return new Promise((resolve) => {
        const go = (): void => {
          own.delete(go);
          if (own.size === 0 && waiting.get(visitorId) === own) waiting.delete(visitorId);
          timer.cancel();
          signal.removeEventListener('abort', go);
          resolve();
        };
        const timer = clock.after(ms, go);
        signal.addEventListener('abort', go);
        own.add(go);
        waiting.set(visitorId, own);
      });
    },
    wake,
    close() {
      for (const visitorId of [...waiting.keys()]) wake(visitorId);
    },
  };
}

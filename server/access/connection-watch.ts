import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';

/**
 * Ties an open connection to its session: `onEnd` is called once when the session ends, by sign-out, expiry or a
 * disabled account. @returns release, to be called when the connection is gone; idempotent
 */
export type SessionHold = (sessionId: string, onEnd: () => void) => () => void;

export interface ConnectionWatch {
  readonly hold: SessionHold;
  /** The session has just ended: its connections hear it at once. */
  end(sessionId: string): void;
  close(): void;
}

export interface ConnectionWatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** Which of these sessions are still valid. */
  readonly findAlive: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** A socket is let in once and may stay for days; so the sessions of open sockets are asked for again and again. */
export function createConnectionWatch({ clock, log, everyMs, findAlive }: ConnectionWatchOptions): ConnectionWatch {
  const holders = new Map<string, Set<() => void>>();
  let timer: TimerHandle | undefined;
  let isClosed = false;

  function end(sessionId: string): void {
    const listeners = holders.get(sessionId);
    holders.delete(sessionId);
    for (const onEnd of listeners ?? []) onEnd();
  }

  async function sweep(): Promise<void> {
    const ids = [...holders.keys()];
    try {
      const alive = ids.length === 0 ? new Set<string>() : await findAlive(ids);
      for (const id of ids) if (!alive.has(id)) end(id);
    } catch (error) {
      // a database that is away for a moment signs nobody out
      log.warn({ err: error }, 'open sessions could not be checked');
    }
    schedule();
  }

  function schedule(): void {
    if (!isClosed) timer = clock.after(everyMs, () => void sweep());
  }
  schedule();

  return {
    hold(sessionId, onEnd) {
      const listeners = holders.get(sessionId) ?? new Set();
      holders.set(sessionId, listeners.add(onEnd));
      return () => {
        listeners.delete(onEnd);
        if (listeners.size === 0 && holders.get(sessionId) === listeners) holders.delete(sessionId);
      };
    },
    end,
    close() {
      isClosed = true;
      timer?.cancel();
      holders.clear();
    },
  };
}

import type { Clock, TimerHandle } from '../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import type { BuiltMail } from './compose.ts';
import { createLink, type LinkOptions, type LinkResult, type SmtpLink } from './link.ts';

/** Links to one server: kept, used again, closed when idle. */
export interface SmtpPool {
  /** One attempt over a free link; waits for one when all limits.smtpLinks are busy. Never rejects. */
  send(mail: BuiltMail, signal: AbortSignal): Promise<LinkResult>;
  /** Ends all links, also those in use. Idempotent. */
  close(): void;
}

interface Place {
  readonly link: SmtpLink;
  carried: number;
  idle: TimerHandle | undefined;
}

const givenUp: LinkResult = {
  ok: false,
  failure: { stage: 'connect', code: null, text: 'the attempt was given up before it began', isTls: false },
};

export function createPool(options: LinkOptions, clock: Clock): SmtpPool {
  const free: Place[] = [];
  const busy = new Set<Place>();
  const waiting = new Set<() => void>();
  let isClosed = false;

  /** Until a link comes free, or the attempt is given up. */
  async function turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    waiting.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
    waiting.delete(wake);
  }

  function wakeNext(): void {
    const [wake] = waiting;
    if (!wake) return;
    waiting.delete(wake);
    wake();
  }

  async function place(signal: AbortSignal): Promise<Place | null> {
    while (busy.size >= limits.smtpLinks && !signal.aborted && !isClosed) await turn(signal);
    if (signal.aborted || isClosed) {
      // it may have been woken for a link that it does not need any more
      wakeNext();
      return null;
    }
    const taken = free.pop() ?? { link: createLink(options), carried: 0, idle: undefined };
    taken.idle?.cancel();
    busy.add(taken);
    return taken;
  }

  function giveBack(used: Place): void {
    busy.delete(used);
    if (isClosed || !used.link.isOpen() || used.carried >= limits.smtpMailsPerLink) used.link.close();
    else {
      free.push(used);
      used.idle = clock.after(options.timing.idleMs, () => {
        free.splice(free.indexOf(used), 1);
        used.link.close();
      });
    }
    wakeNext();
  }

  return {
    async send(mail, signal) {
      const taken = await place(signal);
      if (!taken) return givenUp;
      try {
        const wasUsed = taken.link.isUsed();
        const result = await taken.link.send(mail, signal);
        taken.carried++;
        const isStale = wasUsed && !result.ok && result.failure.code === null && result.failure.stage !== 'handed';
        // the server had closed the link meanwhile: surely not handed over, so a fresh one belongs to the same attempt
        return isStale && !signal.aborted ? await taken.link.send(mail, signal) : result;
      } finally {
        giveBack(taken);
      }
    },
    close() {
      isClosed = true;
      for (const { link, idle } of free.splice(0)) {
        idle?.cancel();
        link.close();
      }
      for (const { link } of busy) link.close();
      for (const wake of waiting) wake();
    },
  };
}

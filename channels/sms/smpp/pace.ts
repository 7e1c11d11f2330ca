/**
 * How fast submissions leave: at most `window` unanswered ones (SMPP 3.4 section 2.9), at most `perSecond` in a second,
 * and slower when the SMSC says that it is too much.
 */
import type { Clock, TimerHandle } from '../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';

/** Why somebody was not let through: nothing of his has been written. */
export type Refusal = 'not_bound' | 'queue_full' | 'waited_too_long' | 'aborted';

export interface Pace {
  /** Resolves when a submission may be written: null. Whoever got null calls `leave` once. */
  enter(signal: AbortSignal): Promise<Refusal | null>;
  /** Frees the place in the window. */
  leave(answer: 'clean' | 'throttled' | 'none'): void;
  /** Lets submissions through, or sends all waiting ones away as `not_bound`. */
  open(): void;
  shut(): void;
  /** Milliseconds until sending goes on after a refusal for speed; 0 = it goes on. */
  pausedMs(): number;
  /** Submissions that are being answered. */
  inFlight(): number;
  /** Submissions a second as of now. */
  rate(): number;
}

interface Waiting {
  readonly resolve: (refusal: Refusal | null) => void;
  readonly since: number;
}

export interface PaceOptions {
  readonly window: number;
  readonly perSecond: number;
  readonly clock: Clock;
}

/** A full second's worth at once would be refused by SMSCs that count whole seconds. */
const burstOf = (rate: number): number => Math.max(1, rate / 10);

export function createPace({ window, perSecond, clock }: PaceOptions): Pace {
  const waiting = new Set<Waiting>();
  let isOpen = false;
  let inFlight = 0;
  let rate = perSecond;
  let tokens = burstOf(rate);
  let filledAt = clock.now();
  let pausedUntil = 0;
  let cleanAnswers = 0;
  let timer: TimerHandle | null = null;

  function fill(now: number): void {
    tokens = Math.min(burstOf(rate), tokens + (Math.max(0, now - filledAt) * rate) / 1000);
    filledAt = now;
  }

  function sendAway(refusal: Refusal, which: (one: Waiting) => boolean): void {
    for (const one of waiting) {
      if (!which(one)) continue;
      waiting.delete(one);
      one.resolve(refusal);
    }
  }

  /** When somebody may go next, milliseconds from now; at least one, because tokens are counted in fractions. */
  const nextIn = (now: number): number =>
    Math.max(1, pausedUntil - now, tokens < 1 ? Math.ceil(((1 - tokens) * 1000) / rate) : 0);

  function pump(): void {
    timer?.cancel();
    timer = null;
    const now = clock.now();
    fill(now);
    sendAway('waited_too_long', (one) => now - one.since >= limits.windowWaitMs);
    for (const one of waiting) {
      if (!isOpen || inFlight >= window || now < pausedUntil || tokens < 1) break;
      waiting.delete(one);
      tokens--;
      // counted here and not by the one let through: he runs only after this loop
      inFlight++;
      one.resolve(null);
    }
    if (waiting.size === 0) return;
    const oldest = waiting.values().next().value;
    const patience = limits.windowWaitMs - (now - (oldest?.since ?? now));
    const mayGo = isOpen && inFlight < window;
    timer = clock.after(mayGo ? Math.min(nextIn(now), patience) : patience, pump);
  }

  /** Once for a whole window of refusals, not once for each of them. */
  function slowDown(): void {
    const now = clock.now();
    cleanAnswers = 0;
    if (now < pausedUntil) return;
    pausedUntil = now + limits.throttledMs;
    rate = Math.max(1, rate * 0.8);
  }

  function speedUp(): void {
    if (rate >= perSecond || ++cleanAnswers < rate * 2) return;
    cleanAnswers = 0;
    rate = Math.min(perSecond, rate + Math.max(1, perSecond * 0.05));
  }

  return {
    enter(signal) {
      if (!isOpen) return Promise.resolve('not_bound');
      if (signal.aborted) return Promise.resolve('aborted');
      if (waiting.size >= limits.waitingSubmits) return Promise.resolve('queue_full');
      const { promise, resolve } = Promise.withResolvers<Refusal | null>();
      const one: Waiting = { resolve, since: clock.now() };
      waiting.add(one);
      const giveUp = (): void => sendAway('aborted', (other) => other === one);
      signal.addEventListener('abort', giveUp, { once: true });
      void promise.then(() => signal.removeEventListener('abort', giveUp));
      pump();
      return promise;
    },
    leave(answer) {
      inFlight--;
      if (answer === 'throttled') slowDown();
      else if (answer === 'clean') speedUp();
      pump();
    },
    open() {
      isOpen = true;
      pump();
    },
    shut() {
      isOpen = false;
      sendAway('not_bound', () => true);
      pump();
    },
    pausedMs: () => Math.max(0, pausedUntil - clock.now()),
    inFlight: () => inFlight,
    rate: () => rate,
  };
}

import type { Database } from '../../../db/client.ts';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import type { Journal } from '../../kernel/journal.ts';
import type { Log } from '../../kernel/log.ts';
import { createRounds } from '../../kernel/rounds.ts';
import { owedLimits } from '../limits.ts';
import type { Rota } from '../rota.ts';
import { type Concern, concernOf, concernOfClients } from './concern.ts';
import { concernedClients } from './concerned.ts';
import { firstShiftEnd, isNew, openClients, staleClients, suspects } from './find-store.ts';
import { createReviewer } from './reviewer.ts';

export interface LedgerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Pick<Journal, 'append' | 'published' | 'subscribe'>;
  readonly rota: Rota;
  /** After the commit: whose lists are different now; null = everybody's. */
  readonly onChanged: (userIds: readonly (UserId | null)[]) => void;
}

/** The ledger of people we owe: follows the journal, and the shifts of those who own its rows. */
export interface Ledger {
  /** Makes every row what the timelines say. @returns how many clients were looked at */
  rebuild(): Promise<number>;
  /** Somebody else may have to own what nobody on shift owns: people, queues or schedules are different. */
  settingChanged(): void;
  /** Runs work on the ledger after all earlier work. */
  inLine<T>(work: () => Promise<T>): Promise<T>;
  /** Fills a ledger that is new, gives every row an owner, and watches their shifts. */
  start(): Promise<void>;
  /** Sets the timer anew: an owner was changed elsewhere. */
  watch(): Promise<void>;
  /** Waits for what has begun. */
  idle(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Wires the ledger to the journal: readers hear before the journal replays, so make it before. Entries that come while
 * others are followed are followed together, and each is told when all its clients were reviewed.
 */
export function createLedger(options: LedgerOptions): Ledger {
  const { db, clock, log, journal } = options;
  let line: Promise<unknown> = Promise.resolve();
  let timer: { readonly handle: TimerHandle; readonly at: number } | undefined;
  let again: TimerHandle | undefined;
  let failed: Concern[] = [];
  let isRunning = false;
  let isClosed = false;
  const reviewer = createReviewer({ ...options, onUntil: wakeBy });
  const rounds = createRounds<Concern, void>({ atOnce: owedLimits.round, inTurn: inLine, work: follow });

  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const run = line.then(work);
    line = run.catch(() => undefined);
    return run;
  }

  async function idle(): Promise<void> {
    let seen: unknown;
    while (seen !== line) {
      seen = line;
      await line;
    }
  }

  /** The journal tells a reader that failed at the next start only; nobody shall wait for his call that long. */
  function tryAgain(concerns: readonly Concern[]): void {
    if (isClosed || concerns.length === 0) return;
    failed.push(...concerns);
    again ??= clock.after(owedLimits.againMs, () => {
      again = undefined;
      const late = failed;
      failed = [];
      // what fails once more is said where it fails, and tried again
      for (const concern of late) rounds.add(concern).catch(() => undefined);
    });
  }

  async function follow(concerns: readonly Concern[]): Promise<PromiseSettledResult<void>[]> {
    const found = await concernedClients(db, concerns).catch((error: unknown) => {
      log.warn({ err: error, entries: concerns.length }, 'people we owe could not be looked up');
      tryAgain(concerns);
      throw error;
    });
    const handed = new Set(found.filter((_, index) => concerns[index]?.isHandedToResponsible).flat());
    const clients = [...new Set(found.flat())];
    const errors = await reviewer.review(
      clients.map((clientId) => ({ clientId, isHandedToResponsible: handed.has(clientId) })),
    );
    tryAgain([...errors.keys()].map((id) => ({ ...concernOfClients([id]), isHandedToResponsible: handed.has(id) })));
    return found.map((ids) => {
      const failed = ids.find((id) => errors.has(id));
      return failed === undefined
        ? { status: 'fulfilled', value: undefined }
        : { status: 'rejected', reason: errors.get(failed) };
    });
  }

  /** One that fails is tried again and does not keep the others from it. */
  async function reviewAll(clients: readonly ClientId[]): Promise<void> {
    const looks = clients.map((clientId) => ({ clientId, isHandedToResponsible: false }));
    const errors = await reviewer.review(looks, () => isClosed);
    tryAgain([...errors.keys()].map((id) => concernOfClients([id])));
  }

  // also when it is closed already: an event that is told is not told again, and calls end while the house closes
  journal.subscribe((entry) => {
    const concern = concernOf(entry, clock.now());
    return concern ? rounds.add(concern) : undefined;
  });

  const wake = (): Promise<void> =>
    inLine(async () => {
      await reviewAll(await staleClients(db, clock.now()));
      await setTimer();
    });

  function wakeAt(at: number): void {
    if (!isRunning || isClosed) return;
    timer?.handle.cancel();
    timer = { at, handle: clock.after(at - clock.now(), () => void wake().catch(overslept)) };
  }

  /** When to look at owners again, if the first shift ends then. */
  function wakingTime(end: number): number {
    const now = clock.now();
    return now + Math.min(Math.max(end - now, 0) || owedLimits.againMs, owedLimits.sleepMs);
  }

  /** A timer that is too early does no harm: whoever wakes asks when the first shift ends. */
  function wakeBy(end: number): void {
    const at = wakingTime(end);
    if (!timer || at < timer.at) wakeAt(at);
  }

  async function setTimer(): Promise<void> {
    if (!isRunning || isClosed) return;
    wakeAt(wakingTime((await firstShiftEnd(db)) ?? Number.POSITIVE_INFINITY));
  }

  function overslept(error: unknown): void {
    log.warn({ err: error }, 'owners of people we owe could not be looked at');
    wakeAt(clock.now() + owedLimits.againMs);
  }

  const rebuild = () =>
    inLine(async () => {
      const clients = await suspects(db, clock.now());
      await reviewAll(clients);
      return clients.length;
    });

  return {
    rebuild,
    inLine,
    idle,
    watch: () => inLine(setTimer),
    settingChanged() {
      if (!isRunning || isClosed) return;
      inLine(async () => {
        await reviewAll(await openClients(db));
        await setTimer();
      }).catch(overslept);
    },
    async start() {
      await reviewer.start();
      isRunning = true;
      if (await isNew(db)) await rebuild();
      await wake();
    },
    async close() {
      isClosed = true;
      timer?.handle.cancel();
      again?.cancel();
      await idle();
    },
  };
}

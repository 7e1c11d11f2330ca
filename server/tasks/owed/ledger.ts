import type { Database } from '../../../db/client.ts';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { ClientId, QueueId, UserId } from '../../kernel/ids.ts';
import type { Journal, JournalEntry } from '../../kernel/journal.ts';
import type { Log } from '../../kernel/log.ts';
import { owedLimits } from '../limits.ts';
import type { Rota } from '../rota.ts';
import {
  clientOfInteraction,
  clientsNaming,
  firstShiftEnd,
  isNew,
  isOwed,
  lastInTurn,
  openClients,
  staleClients,
  suspects,
} from './find-store.ts';
import { type Reviewed, review, type Turn } from './review.ts';

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

/** A call nobody took; a message; a request; what a crash left. */
const openingEvents = new Set([
  'interaction.abandoned',
  'interaction.voicemail',
  'interaction.callback_requested',
  'interaction.recovered',
]);

/** What was written may be owed from now on. */
const isOwedFromNow = ({ type, data }: JournalEntry, now: number): boolean =>
  type === 'conversation.overdue' ||
  (type === 'conversation.unassigned' && data?.['because'] === 'nobody_on_shift') ||
  // it waits again, and its time was over before
  (type === 'conversation.waiting' && typeof data?.['dueAt'] === 'number' && data['dueAt'] <= now);

/** Who is owed something may be owed it no more, or by somebody else. */
const writingEvents = new Set([
  'conversation.waiting',
  'conversation.assigned',
  'conversation.answered',
  'conversation.closed',
  'conversation.changed',
  'message.received',
  'message.written',
]);

const changedFields = ({ data }: JournalEntry): readonly unknown[] => (data?.['fields'] ?? []) as readonly unknown[];

/** Wires the ledger to the journal: readers hear before the journal replays, so make it before. */
export function createLedger(options: LedgerOptions): Ledger {
  const { db, clock, log, journal, rota, onChanged } = options;
  let line: Promise<unknown> = Promise.resolve();
  let turns = new Map<QueueId | null, UserId>();
  let timer: TimerHandle | undefined;
  let again: TimerHandle | undefined;
  const failed = new Set<ClientId>();
  let isRunning = false;
  let changes = 0;
  let isClosed = false;

  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const run = line.then(work);
    line = run.catch(() => undefined);
    return run;
  }

  async function reviewClient(clientId: ClientId, isHandedToResponsible = false): Promise<void> {
    const lastOf = (queueId: QueueId | null) => turns.get(queueId) ?? null;
    try {
      const { done, entries } = await db.transaction(async (tx) => {
        const turn: Turn = { tx, now: clock.now(), rota, lastOf, isHandedToResponsible };
        const done: Reviewed = await review(turn, clientId);
        return { done, entries: await journal.append(tx, done.events) };
      });
      if (done.turn) turns.set(done.turn.queueId, done.turn.userId);
      journal.published(entries);
      if (done.users.length > 0) {
        changes++;
        onChanged(done.users);
      }
    } catch (error) {
      tryAgain(clientId);
      throw error;
    }
  }

  /** The journal tells a reader that failed at the next start only; nobody shall wait for his call that long. */
  function tryAgain(clientId: ClientId): void {
    if (isClosed) return;
    failed.add(clientId);
    again ??= clock.after(owedLimits.againMs, () => {
      again = undefined;
      const clients = [...failed];
      failed.clear();
      void inLine(() => reviewAll(clients));
    });
  }

  /** One that fails is tried again and does not keep the others from it. */
  async function reviewAll(clients: readonly ClientId[]): Promise<void> {
    for (const clientId of clients) {
      if (isClosed) return;
      await reviewClient(clientId).catch((error: unknown) =>
        log.warn({ err: error, clientId }, 'a row of the ledger could not be reviewed'),
      );
    }
  }

  async function follow(entry: JournalEntry): Promise<void> {
    const { type, interactionId, clientId, data } = entry;
    const other = data?.['to'] ?? data?.['from'];
    if (interactionId) {
      if (typeof other === 'number') await reviewClient(other as ClientId);
      const found = await clientOfInteraction(db, interactionId);
      const isMoved = type === 'interaction.edited';
      if (isMoved) for (const named of await clientsNaming(db, interactionId)) await reviewClient(named);
      // who owes nothing owes nothing after a talk
      if (found && (found.isOpen || isMoved || openingEvents.has(type))) await reviewClient(found.clientId);
    } else if (clientId && writingEvents.has(type) && !isOwedFromNow(entry, clock.now())) {
      if (await isOwed(db, clientId)) await reviewClient(clientId);
    } else if (clientId) {
      await reviewClient(clientId, type === 'client.changed');
      if (typeof other === 'number') await reviewClient(other as ClientId);
    }
  }

  function concerns(entry: JournalEntry): boolean {
    const { type } = entry;
    if (type === 'interaction.edited') return changedFields(entry).includes('clientId');
    if (type === 'client.changed') return changedFields(entry).includes('responsibleId');
    return (
      openingEvents.has(type) ||
      writingEvents.has(type) ||
      isOwedFromNow(entry, clock.now()) ||
      type === 'interaction.answered' ||
      type === 'client.merged' ||
      type === 'client.restored'
    );
  }

  // also when it is closed already: an event that is told is not told again, and calls end while the house closes
  journal.subscribe(async (entry) => {
    if (!concerns(entry)) return;
    await inLine(async () => {
      const before = changes;
      await follow(entry);
      if (changes > before) await setTimer();
    });
  });

  const wake = (): Promise<void> =>
    inLine(async () => {
      await reviewAll(await staleClients(db, clock.now()));
      await setTimer();
    });

  async function setTimer(): Promise<void> {
    if (!isRunning || isClosed) return;
    const now = clock.now();
    const end = (await firstShiftEnd(db)) ?? Number.POSITIVE_INFINITY;
    if (isClosed) return;
    const sleepMs = Math.min(Math.max(end - now, 0) || owedLimits.againMs, owedLimits.sleepMs);
    timer?.cancel();
    timer = clock.after(sleepMs, () => void wake().catch(overslept));
  }

  function overslept(error: unknown): void {
    log.warn({ err: error }, 'owners of people we owe could not be looked at');
    if (!isClosed) timer = clock.after(owedLimits.againMs, () => void wake().catch(overslept));
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
    watch: () => inLine(setTimer),
    settingChanged() {
      if (!isRunning || isClosed) return;
      inLine(async () => {
        await reviewAll(await openClients(db));
        await setTimer();
      }).catch(overslept);
    },
    async start() {
      turns = await lastInTurn(db);
      isRunning = true;
      if (await isNew(db)) await rebuild();
      await wake();
    },
    async idle() {
      let seen: unknown;
      while (seen !== line) {
        seen = line;
        await line;
      }
    },
    async close() {
      isClosed = true;
      timer?.cancel();
      again?.cancel();
      await line;
    },
  };
}

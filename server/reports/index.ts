import type { Executor } from '../../db/client.ts';
import type { Teams } from '../access/index.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import { steers } from '../calls/rights.ts';
import type { BoardView } from '../contract/board.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import { type MessagesNow, noMessagesNow } from '../messages/assignment/now.ts';
import { knownZone } from '../tasks/local-time.ts';
import { createDay, type Day, localDayAt } from './day.ts';
import { createOwedCounts, type OwedCount } from './owed-counts.ts';
import { foldInto } from './recount.ts';
import { boardView, type ReportsSetup } from './view.ts';

export interface ReportsOptions {
  readonly db: Executor;
  /** It is subscribed to at once: make the reports before it replays. */
  readonly journal: Pick<Journal, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Its fields are always the present ones. */
  readonly setup: ReportsSetup;
  readonly teams: Teams;
  /** Counts the people we owe. */
  readonly countOwed: (now: number) => Promise<OwedCount>;
  /** Who waits now for an answer to what he wrote, and who has how much to do. Default: nobody. */
  readonly messagesNow?: () => MessagesNow;
}

/** Figures of the day from the journal. */
export interface Reports {
  readonly routes: Routes;
  /**
   * Today as it is now, as each supervisor may see it: with the agents whom he steers.
   * @throws what the database throws when the people we owe cannot be counted
   */
  board(): Promise<(user: SignedInUser) => BoardView>;
  /** Something on the board may be different. */
  onChanged: (() => void) | undefined;
  /** The ledger of people we owe is different. */
  owedChanged(): void;
  /** Queues, people or the company's time zone are different, and the setup says so already. */
  settingChanged(): void;
  /** Reads what of today is in the journal. */
  start(): Promise<void>;
  /** Waits for what has begun. Idempotent. */
  close(): Promise<void>;
}

/** After a database that was away. */
const againMs = 5_000;

/** Wires the noun. Hearing and reading overlap, so that no event is lost between them; each counts once all the same. */
export function createReports(options: ReportsOptions): Reports {
  const { db, journal, clock, log, setup, teams, countOwed, messagesNow = () => noMessagesNow } = options;
  const owed = createOwedCounts(clock, countOwed);
  const zone = (): string => knownZone(setup.company.timeZone, 'UTC');
  const today = (): Day => createDay(localDayAt(zone(), clock.now()));
  let day = today();
  /** The day that is being read and will be shown when that is done. */
  let next: Day | null = null;
  let loading: Promise<void> = Promise.resolve();
  let turn: TimerHandle | undefined;
  let isClosed = false;

  const isOver = (): boolean => clock.now() >= day.to || day.timeZone !== zone();

  async function read(): Promise<void> {
    const fresh = today();
    next = fresh;
    try {
      await foldInto(db, fresh, clock.now());
      day = fresh;
    } finally {
      next = null;
    }
  }

  /** Midnight has come, or the company has moved: the other day is read, and shown when it is complete. */
  function turnDay(): void {
    if (isClosed || next !== null || !isOver()) return;
    loading = read().then(watchMidnight, (error: unknown) => {
      log.warn({ err: error }, 'the figures of the day could not be read');
      turn?.cancel();
      if (!isClosed) turn = clock.after(againMs, turnDay);
    });
  }

  function watchMidnight(): void {
    turn?.cancel();
    if (isClosed) return;
    turn = clock.after(Math.max(1, day.to - clock.now()), turnDay);
    turnDay();
    reports.onChanged?.();
  }

  journal.subscribe((entry) => {
    const now = clock.now();
    next?.count(entry, now);
    const isCounted = day.count(entry, now);
    if (isOver()) turnDay();
    // who waits is different, and who has what
    if (isCounted || entry.type.startsWith('conversation.')) reports.onChanged?.();
  });

  const reports: Reports = {
    routes: (mount) => mount('GET /api/v1/board', async ({ user }) => (await reports.board())(user)),
    onChanged: undefined,
    async board() {
      if (isOver()) turnDay();
      await loading;
      const board = boardView({
        day,
        setup,
        owed: await owed.now(),
        messages: messagesNow(),
        now: clock.now(),
      });
      const isShown = (user: SignedInUser, id: number): boolean =>
        id === user.id || steers({ teams }, user, id as UserId);
      return (user) => ({ ...board, agents: board.agents.filter((agent) => isShown(user, agent.user.id)) });
    },
    owedChanged() {
      owed.forget();
      reports.onChanged?.();
    },
    settingChanged() {
      if (isOver()) turnDay();
      reports.onChanged?.();
    },
    async start() {
      await read();
      watchMidnight();
    },
    async close() {
      isClosed = true;
      turn?.cancel();
      await loading;
    },
  };
  return reports;
}

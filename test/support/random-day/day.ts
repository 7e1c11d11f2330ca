import { within } from '../../../demo/actors/within.ts';
import type { LiveCall } from '../../../server/calls/live-call.ts';
import { createFakeClock, type FakeClock } from '../../../server/kernel/clock.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import type { TestDatabase } from '../database.ts';
import { type Company, foundCompany, type QueueRules } from './company.ts';
import { DatabaseAway } from './gate.ts';
import { type House, openDayHouse } from './house.ts';

/** A company at work for a day, and what has happened in it so far. */
export interface Day {
  readonly db: TestDatabase;
  readonly clock: FakeClock;
  readonly company: Company;
  /** The process of now. */
  house: House;
  /** Calls by their numbers in the script: `calls[0]` is call 1. */
  readonly calls: LiveCall[];
  /** What nobody expects: errors that are not of the contract. */
  readonly surprises: string[];
  /** Starts something that may take until the day is settled. */
  begin(what: string, work: Promise<unknown>): void;
  /** Waits until nothing moves any more, with an answering database. */
  settle(): Promise<void>;
  /** Lets the house run as far as it comes without the database. */
  breathe(): Promise<void>;
  /** Time passes, and whatever falls due is done before the next thing does. */
  pass(ms: number): Promise<void>;
  /** `close`: in order; `kill`: at once. Then the next process begins; the phones are there again. */
  restart(how: 'close' | 'kill'): Promise<void>;
}

/** Real time; a day that does not settle hangs. */
const settleMs = 20_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns without anything new after which nothing more comes: journal readers take some. */
const quietTurns = 4;

export async function openDay(db: TestDatabase, rules: readonly [QueueRules, QueueRules]): Promise<Day> {
  const clock = createFakeClock();
  const company = await foundCompany(db, rules);
  const kinds = ['browser', 'desk', 'browser', 'desk'] as const;
  const phones = new Map([...company.agents, company.olga].map(({ login }, index) => [login, kinds[index] ?? 'desk']));
  const working = new Set<Promise<unknown>>();

  async function quieten(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns; ) {
      await turn();
      const { gate, seen } = day.house;
      const lines = [...seen].map((call) => call.tasks);
      const isMoving = gate.isBusy() || working.size > 0;
      await Promise.all(lines);
      note();
      quiet = isMoving || [...seen].some((call, index) => call.tasks !== lines[index]) ? 0 : quiet + 1;
    }
  }

  function note(): void {
    for (const call of day.house.seen) if (!day.calls.includes(call)) day.calls.push(call);
  }

  const day: Day = {
    db,
    clock,
    company,
    house: await openDayHouse({ db, clock, phones }),
    calls: [],
    surprises: [],
    begin(what, work) {
      const done = work.catch((error: unknown) => {
        if (error instanceof AppError || error instanceof DatabaseAway) return;
        day.surprises.push(`${what}: ${(error as Error).stack}`);
      });
      working.add(done);
      void done.finally(() => working.delete(done));
    },
    async settle() {
      day.house.gate.open();
      await within(quieten(), settleMs, 'the end of all that had begun');
    },
    async breathe() {
      for (let turns = 0; turns < quietTurns; turns++) await turn();
      note();
    },
    async pass(ms) {
      const end = clock.now() + ms;
      await day.settle();
      for (;;) {
        const next = Math.min(day.house.callClock.nextAt(), day.house.roomClock.nextAt());
        if (next > end) break;
        clock.advance(Math.max(0, next - clock.now()));
        await day.settle();
      }
      clock.advance(end - clock.now());
    },
    async restart(how) {
      const { house } = day;
      const present = new Map(house.wire.phones);
      if (how === 'close') {
        await day.settle();
        await house.close();
      } else {
        await house.kill();
        // whoever asked it gets no answer any more
        working.clear();
      }
      day.house = await openDayHouse({ db, clock, phones: present });
    },
  };
  await day.settle();
  return day;
}

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BoardView } from '../../../server/contract/board.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { newId, type UserId } from '../../../server/kernel/ids.ts';
import type { JournalEntry, JournalReader } from '../../../server/kernel/journal.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { noMessagesNow } from '../../../server/messages/assignment/now.ts';
import { localDayAt } from '../../../server/reports/day.ts';
import { createReports } from '../../../server/reports/index.ts';
import { recount } from '../../../server/reports/recount.ts';
import { boardView, type ReportsSetup } from '../../../server/reports/view.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type DatedEvent, eventsOf, olga, type Story, stories } from './stories.ts';

const hour = 3_600_000;
/** Eight in the evening in Moscow: a night with midnight in it lies ahead. */
const evening = Date.UTC(2026, 2, 28, 17);
const owed = { open: 3, overdue: 2, unowned: 1 };

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.run({ name: 'no_journal', text: 'DELETE FROM journal', values: [] });
});

/** Written at that time by the database's clock. */
async function write({ at, event }: DatedEvent): Promise<JournalEntry> {
  const [row] = await db.run<{ seq: number }>({
    name: 'write_dated',
    text: `INSERT INTO journal (at, type, interaction_id, user_id, data) VALUES ($1, $2, $3, $4, $5) RETURNING seq`,
    values: [new Date(at), event.type, event.interactionId, event.userId ?? null, JSON.stringify(event.data)],
  });
  if (!row) throw new Error('nothing was written');
  return { ...event, seq: row.seq };
}

const company = (timeZone: string) => ({ timeZone }) as ReportsSetup['company'];
const setupOf = (timeZone: string): { -readonly [Key in keyof ReportsSetup]: ReportsSetup[Key] } => ({
  queues: [],
  agents: [],
  company: company(timeZone),
});

/** A process that counts, as far as reports need one. */
function openProcess({ clock = createFakeClock(evening), setup = setupOf('Europe/Moscow'), database = db } = {}) {
  let reader: JournalReader = () => undefined;
  let counted = 0;
  const reports = createReports({
    db: database,
    clock,
    log: silentLog,
    setup,
    journal: {
      subscribe(told) {
        reader = told;
      },
    },
    teams: { mates: () => new Set() },
    countOwed: async () => {
      counted++;
      return owed;
    },
  });
  const board = async (user = olga): Promise<BoardView> => (await reports.board())(user);
  return { board, reports, clock, setup, tell: (entry: JournalEntry) => reader(entry), owedCounts: () => counted };
}

const incoming = (arrivedAt: number): Story => ({
  arrivedAt,
  queueId: 1,
  direction: 'in',
  turnedAway: false,
  rings: [],
  waitMs: 1_000,
  talks: [],
  leaving: 'waits',
  isGivenBack: false,
  wrapUpMs: null,
});
const arrival = (arrivedAt: number): DatedEvent => {
  const [opened] = eventsOf(incoming(arrivedAt), newId());
  if (!opened) throw new Error('a call begins');
  return opened;
};

describe('live figures', () => {
  it('are those of a recount from the table, with a restart in the middle, whatever is told late, twice or in disorder', async () => {
    const journeys = fc.record({
      all: stories(evening - hour, evening + 8 * hour),
      /** Per event: told at once, late, or only by the replay of the next start. */
      tellings: fc.array(fc.constantFrom('at once', 'late', 'twice', 'not'), { minLength: 1, maxLength: 30 }),
      restartAfter: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(journeys, async ({ all, tellings, restartAfter }) => {
        await db.run({ name: 'no_journal', text: 'DELETE FROM journal', values: [] });
        const clock = createFakeClock(evening - hour);
        const events = all.flatMap((story) => eventsOf(story, newId())).sort((a, b) => a.at - b.at);
        let process = openProcess({ clock });
        await process.reports.start();
        let late: JournalEntry[] = [];
        const restart = async (): Promise<void> => {
          await process.reports.close();
          process = openProcess({ clock });
          // the outbox is told again at the next start, while the day is being read
          const starting = process.reports.start();
          for (const entry of late) void process.tell(entry);
          late = [];
          await starting;
        };
        for (const [index, dated] of events.entries()) {
          if (dated.at > clock.now()) clock.advance(dated.at - clock.now());
          const entry = await write(dated);
          const how = tellings[index % tellings.length];
          if (how === 'late' || how === 'not') late.push(entry);
          if (how === 'at once' || how === 'twice') await process.tell(entry);
          if (how === 'twice') await process.tell(entry);
          if (how === 'twice') for (const kept of late.splice(0).reverse()) await process.tell(kept);
          if (index === restartAfter) await restart();
        }
        await restart();
        const now = clock.now();
        const day = await recount(db, localDayAt('Europe/Moscow', now), now);
        expect(await process.board()).toEqual(
          boardView({ day, setup: process.setup, owed, messages: noMessagesNow, now }),
        );
        await process.reports.close();
      }),
      { numRuns: 40 },
    );
  });

  it('are read in pages, none twice and none left out, also where thousands were written at one moment', async () => {
    const entry = arrival(evening - 1_000);
    await db.run({
      name: 'write_many',
      text: `INSERT INTO journal (at, type, interaction_id, data)
             SELECT $1::timestamptz + interval '0.000123 s', $2, 'call ' || number, $3 FROM generate_series(1, 2500) AS number`,
      values: [new Date(evening - 1_000), entry.event.type, JSON.stringify(entry.event.data)],
    });
    const { board, reports } = openProcess();
    await reports.start();
    expect((await board()).total.figures.offered).toBe(2_500);
    await reports.close();
  });

  it('say so when they change, and not when an event counts for nothing', async () => {
    const { board, reports, tell } = openProcess();
    await reports.start();
    let changes = 0;
    reports.onChanged = () => void changes++;
    await tell({ seq: 1_000_000, type: 'client.changed', data: {} });
    expect(changes).toBe(0);
    const entry = await write(arrival(evening));
    await tell(entry);
    expect(changes).toBe(1);
    await tell(entry);
    expect(changes).toBe(1);
    expect((await board()).seq).toBe(entry.seq);
    await reports.close();
  });
});

describe('midnight', () => {
  const midnight = evening + 4 * hour;

  it('begins a new day; a call that came before it ends in its own', async () => {
    const { board, reports, clock, tell } = openProcess();
    await reports.start();
    const [opened, gone] = eventsOf({ ...incoming(midnight - 1_000), waitMs: 9_000, leaving: 'gave_up' }, newId());
    if (!opened || !gone) throw new Error('a call begins and ends');
    clock.advance(midnight - 1_000 - clock.now());
    await tell(await write(opened));
    expect(await board()).toMatchObject({ day: '2026-03-28', total: { figures: { offered: 1, open: 1 } } });
    clock.advance(9_000);
    await tell(await write(gone));
    expect(await board()).toMatchObject({
      day: '2026-03-29',
      total: { figures: { offered: 0, abandoned: 0, open: 0 }, recentServiceLevel: { numerator: 0, denominator: 1 } },
    });
    const before = await recount(db, localDayAt('Europe/Moscow', midnight - 1), clock.now());
    expect([...before.queues.values()]).toMatchObject([{ offered: 1, abandoned: 1, shortAbandoned: 0 }]);
    await reports.close();
  });

  it('is tried again when the database is away then, and nothing is lost', async () => {
    let isAway = false;
    const database: TestDatabase = {
      ...db,
      run: (statement) => (isAway ? Promise.reject(new Error('away')) : db.run(statement)),
    };
    const { board, reports, clock, tell } = openProcess({ database });
    await reports.start();
    isAway = true;
    clock.advance(midnight + 1_000 - clock.now());
    expect((await board()).day).toBe('2026-03-28');
    const entry = await write(arrival(clock.now()));
    await tell(entry);
    expect((await board()).day).toBe('2026-03-28');
    isAway = false;
    clock.advance(10_000);
    expect(await board()).toMatchObject({ day: '2026-03-29', total: { figures: { offered: 1 } } });
    await reports.close();
  });

  it('is another one when the company moves', async () => {
    const { board, reports, setup, tell } = openProcess();
    await reports.start();
    await tell(await write(arrival(evening)));
    // it is tomorrow already there, since an hour
    setup.company = company('Asia/Kamchatka');
    await tell(await write(arrival(evening - 2 * hour - hour / 2)));
    reports.settingChanged();
    expect(await board()).toMatchObject({
      day: '2026-03-29',
      timeZone: 'Asia/Kamchatka',
      total: { figures: { offered: 2 } },
    });
    setup.company = company('not/a-zone');
    reports.settingChanged();
    expect(await board()).toMatchObject({ day: '2026-03-28', timeZone: 'UTC' });
    await reports.close();
  });
});

describe('names', () => {
  it('are those of the setting now; what it no longer has, but was counted, has its number', async () => {
    const { board, reports, setup, tell } = openProcess();
    await reports.start();
    const talk = { userId: 8, ms: 60_000, isHeld: false, isRescued: false };
    const story = { ...incoming(evening), talks: [talk], wrapUpMs: 5_000 };
    for (const dated of eventsOf(story, newId())) await tell(await write(dated));
    const row = { login: '', teamId: null } as const;
    setup.queues = [{ id: 2, name: 'Sales' }] as unknown as ReportsSetup['queues'];
    setup.agents = [
      { ...row, id: 7, name: 'Anna', role: 'agent' },
      { ...row, id: 9, name: 'Olga', role: 'supervisor' },
    ] as unknown as ReportsSetup['agents'];
    const { queues, agents } = await board();
    expect((await board({ ...olga, sees: 'team' })).agents).toEqual([]);
    expect((await board({ ...olga, sees: 'team', id: 8 as UserId })).agents).toEqual([agents[1]]);
    expect(queues.map(({ id, name, figures }) => [id, name, figures.answered])).toEqual([
      [1, '#1', 1],
      [2, 'Sales', 0],
    ]);
    expect(agents).toMatchObject([
      { user: { id: 7, name: 'Anna' }, talks: 0 },
      { user: { id: 8, name: '#8' }, talks: 1, talkMs: 60_000, wrapUpMs: 5_000, rings: 1, ringsTaken: 1 },
    ]);
    await reports.close();
  });
});

describe('people we owe', () => {
  it('are counted when somebody looks and the ledger is different, or the count is old', async () => {
    const { board, reports, clock, owedCounts } = openProcess();
    await reports.start();
    expect((await board()).owed).toEqual(owed);
    await board();
    expect(owedCounts()).toBe(1);
    reports.owedChanged();
    await Promise.all([board(), board()]);
    expect(owedCounts()).toBe(2);
    clock.advance(20_000);
    await board();
    expect(owedCounts()).toBe(3);
    await reports.close();
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../server/kernel/log.ts';
import { noMessagesNow } from '../../../server/messages/assignment/now.ts';
import { localDayAt } from '../../../server/reports/day.ts';
import { createReports } from '../../../server/reports/index.ts';
import { recount } from '../../../server/reports/recount.ts';
import { boardView } from '../../../server/reports/view.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openHouse } from '../../support/house.ts';
import { agentsByRows, figuresByRows } from './oracle.ts';
import { olga } from './stories.ts';
import { runDatabaseClock, type Step, walk } from './walk.ts';

const owed = { open: 0, overdue: 0, unowned: 0 };
const minute = 60_000;
const openMinutes = 8;
/** The house begins at nine on a Monday. */
const openHours = { timeZone: 'UTC', weekly: { 1: [{ from: '00:00', to: '09:08' }] }, exceptions: [] };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('arrive', 'dial', 'act', 'act', 'act', 'act', 'wait', 'wait'),
    which: fc.nat(30),
    choice: fc.nat(60),
    ms: fc.constantFrom(100, 1_600, 5_000, 15_000, 20_000, 31_000, 61_000),
  }),
  { minLength: 30, maxLength: 70, size: 'max' },
);

const rules = fc.record({
  afterMaxWait: fc.constantFrom('voicemail', 'callback', 'hang_up'),
  outOfHours: fc.constantFrom('voicemail', 'callback', 'hang_up'),
  wrapUpSeconds: fc.constantFrom(0, 20),
});

/** The query of docs/metrics.md, with another present. */
async function byHand(db: TestDatabase, now: number) {
  const text = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const query = /```sql\n(.+?);\n```/s.exec(text)?.[1];
  if (!query) throw new Error('docs/metrics.md has no query');
  const rows = await db.run<Record<string, unknown>>({
    name: 'by_hand',
    text: query.replace('now()', '$1::timestamptz'),
    values: [new Date(now)],
  });
  return rows;
}

describe('the board of a day of real calls', () => {
  it('is the recount of its journal, and what the rows of calls and offers say', async () => {
    await fc.assert(
      fc.asyncProperty(steps, rules, fc.boolean(), async (all, rule, crashes) => {
        const db = await openTestDatabase();
        const house = await openHouse(db, { maxWaitSeconds: 60, hours: openHours, ...rule });
        const { clock, context } = house;
        const closedFrom = clock.now() + openMinutes * minute;
        const setDatabaseClock = await runDatabaseClock(db);
        const { setup, journal } = context;
        const reports = createReports({
          db,
          clock,
          journal,
          setup,
          log: silentLog,
          teams: { mates: () => new Set() },
          countOwed: async () => owed,
        });
        await reports.start();
        const notes = await walk({ house, db, setDatabaseClock, closedFrom }, all, crashes);

        const live = (await reports.board())(olga);
        const now = clock.now();
        const day = await recount(db, localDayAt('Europe/Moscow', now), now);
        expect(live).toEqual(boardView({ day, setup, owed, messages: noMessagesNow, now }));
        expect(live.total.figures).toEqual(await figuresByRows(db, notes, closedFrom));
        expect(live.agents.map(({ user: _, conversations: _none, points: _no, ...figures }) => figures)).toEqual(
          await agentsByRows(db, notes),
        );
        const { offered, answered, answeredInTime, abandoned, shortAbandoned, flowedOut } = live.total.figures;
        const figures = { offered, answered, in_time: answeredInTime, abandoned, short: shortAbandoned };
        expect(await byHand(db, now)).toEqual(
          live.queues
            .filter(() => live.seq > 0)
            .map(({ id, serviceLevel }) => ({ queue_id: id, ...figures, flowed_out: flowedOut, ...serviceLevel })),
        );
        await reports.close();
        if (!crashes) await house.calls.close();
        await db.close();
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { playDay, scripts } from '../../support/random-day/script.ts';

/** Days of each seed; RANDOM_DAYS in the environment plays more of them. */
const days = Number(process.env['RANDOM_DAYS'] ?? 40);
const seeds = process.env['RANDOM_DAY_SEED'] === undefined ? [1, 2, 3] : [Number(process.env['RANDOM_DAY_SEED'])];

describe('random days of calls, transfers of state, disconnects, reloads, ends of shifts', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());

  it.each(seeds)(
    'leave no state without an exit, no agent with two calls, nobody without an owner or a queue (seed %i)',
    { timeout: 0 },
    async (seed) => {
      await fc.assert(
        fc.asyncProperty(scripts, (script) => playDay(db, script)),
        { seed, numRuns: days },
      );
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../demo/actors/within.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openHouse } from '../../support/house.ts';

describe('an offer that cannot be stored', () => {
  let db: TestDatabase;
  let isAway = false;

  beforeAll(async () => {
    const real = await openTestDatabase();
    db = {
      ...real,
      run(statement) {
        if (!isAway || !statement.name.includes('_offer')) return real.run(statement);
        isAway = false;
        return Promise.reject(new Error('the database is away'));
      },
    };
  });
  afterAll(() => db?.close());

  it('was never made: nobody is rung for it, the next agent is, and the journal tells of his offer only', async () => {
    const house = await openHouse(db);
    const { anna, boris, roster, rung, clock } = house;
    for (const id of [anna, boris]) roster.setPhone(id, false);
    const arrival = house.arrival();
    await house.calls.receive(arrival);
    isAway = true;
    for (const id of [anna, boris]) roster.setPhone(id, true);
    await until(() => rung.length > 0, 5_000, 'a phone that rings');
    const call = house.context.live.byCallId(arrival.callId);
    clock.advance(1_000);
    await call?.tasks;
    const made = await db.run<{ user_id: number }>({
      name: 'test_offers_made',
      text: `SELECT user_id FROM journal WHERE type = 'offer.made'`,
      values: [],
    });
    expect(rung.map(({ aor }) => aor)).toEqual(['boris']);
    expect(made).toEqual([{ user_id: boris }]);
    await house.calls.close();
  });
});

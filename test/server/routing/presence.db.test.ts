import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openHouse } from '../../support/house.ts';

describe('a status', () => {
  let db: TestDatabase;
  let house: Awaited<ReturnType<typeof openHouse>>;

  beforeAll(async () => {
    db = await openTestDatabase();
    house = await openHouse(db);
  });
  afterAll(() => db.close());

  const set = (status: 'available' | 'not_ready', reason?: string) =>
    house.context.presence.set(house.anna, status, reason, 'agent');

  it('has one of the reasons of the company', async () => {
    expect(await set('not_ready', 'lunch')).toMatchObject({ status: 'not_ready', reason: 'lunch', cause: 'agent' });
  });

  it('refuses another, and stays as it was', async () => {
    await expect(set('not_ready', 'on_the_moon')).rejects.toMatchObject({ code: 'bad_request' });
    expect(house.context.presence.view(house.anna)).toMatchObject({ status: 'not_ready', reason: 'lunch' });
  });

  it('without a reason has the first of them', async () => {
    expect(await set('not_ready')).toMatchObject({ reason: 'break' });
  });

  it('that is ready has none, whatever was sent', async () => {
    expect(await set('available', 'on_the_moon')).toMatchObject({ status: 'available', reason: '' });
  });
});

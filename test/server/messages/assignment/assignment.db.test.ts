import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SignedInUser } from '../../../../server/access/route.ts';
import type { QueueId } from '../../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type House, openHouse } from './house.ts';

const minute = 60_000;
const hour = 60 * minute;

let db: TestDatabase;
let house: House;
let anna: SignedInUser;
let boris: SignedInUser;
let sales: QueueId;

// the clock stands at noon in Moscow
beforeEach(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  anna = await house.addUser('a', { from: '09:00', to: '18:00' });
  boris = await house.addUser('b', { from: '09:00', to: '21:00' });
  sales = await house.addQueue('sales', [anna.id, boris.id]);
  await house.start();
});

afterEach(async () => {
  await house.close();
  await db.close();
});

describe('who gets it', () => {
  test('a waiting conversation goes to somebody on shift, at once, with a sound', async () => {
    await house.comeIn(anna.id);
    const clientId = await house.addClient();
    const id = await house.arrive({ clientId, queueId: sales });
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    expect(house.told.at(-1)).toEqual({ id, formerOwnerId: null, alert: true });
    const event = house.heard.findLast(({ type }) => type === 'conversation.assigned');
    expect(event).toMatchObject({
      clientId,
      userId: anna.id,
      data: {
        conversationId: id,
        queueId: sales,
        because: 'round_robin',
        candidates: [
          [anna.id, 'round_robin'],
          [boris.id, 'not_ready'],
        ],
      },
    });
  });

  test('nobody signed in: it waits, and goes to who comes first', async () => {
    const id = await house.arrive({ clientId: await house.addClient(), queueId: sales });
    expect(await house.holder(id)).toEqual(['waiting', 'nobody_free']);
    await house.comeIn(boris.id);
    expect(await house.holder(id)).toEqual([boris.id, 'round_robin']);
  });
});

void hour;

import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conversations, teamSupervisors, teams, users } from '../../../../db/schema/index.ts';
import type { RouteHandler, SignedInUser } from '../../../../server/access/route.ts';
import type { OperationKey } from '../../../../server/contract/api.ts';
import type { ConversationId, QueueId, TeamId, UserId } from '../../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type House, openHouse } from './house.ts';

const day = { from: '09:00', to: '18:00' };

let db: TestDatabase;
let house: House;
let anna: SignedInUser;
let boris: SignedInUser;
let olga: SignedInUser;
let root: SignedInUser;
let night: SignedInUser;
let stranger: SignedInUser;
let sales: QueueId;
let id: ConversationId;
const handlers = new Map<string, RouteHandler<OperationKey>>();

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  anna = await house.addUser('a', day);
  boris = await house.addUser('b', day);
  stranger = await house.addUser('s', day);
  night = await house.addUser('n', { from: '20:00', to: '06:00' });
  olga = await house.addUser('o', day, 'supervisor');
  root = await house.addUser('r', null, 'admin');
  const [team] = await db.orm.insert(teams).values({ name: 'Sales' }).returning();
  const teamId = team?.id as TeamId;
  await db.orm.insert(teamSupervisors).values({ teamId, userId: olga.id });
  for (const { id: userId } of [anna, boris, night])
    await db.orm.update(users).set({ teamId }).where(eq(users.id, userId));
  sales = await house.addQueue('sales', [anna.id, boris.id]);
  await house.start();
});
afterAll(async () => {
  await house.close();
  await db.close();
});
beforeEach(async () => {
  house.online.clear();
  await db.orm.delete(conversations);
  await house.restart();
  handlers.clear();
  house.assignment.routes((key, handler) => void handlers.set(key, handler as unknown as RouteHandler<OperationKey>));
  id = await house.arrive({ clientId: await house.addClient(), queueId: sales });
});

async function ask(key: OperationKey, user: SignedInUser, body?: object): Promise<void> {
  await handlers.get(key)?.({ params: { id }, body, query: {}, user, sessionId: '' } as never);
  await house.settle();
}
const take = (user: SignedInUser) => ask('POST /api/v1/conversations/:id/take', user);
const assign = (user: SignedInUser, userId: UserId | null) =>
  ask('POST /api/v1/conversations/:id/assign', user, { userId });

describe('taking', () => {
  test('what nobody has is whose it is who takes it, without a sound for himself', async () => {
    await take(stranger);
    expect(await house.holder(id)).toEqual([stranger.id, 'taken']);
    expect(house.told.findLast((news) => news.id === id)).toMatchObject({ alert: false });
    expect(house.heard.at(-1)).toMatchObject({
      type: 'conversation.assigned',
      data: { because: 'taken', by: stranger.id },
    });
  });

  test('twice changes nothing', async () => {
    await take(anna);
    const { version } = await house.read(id);
    await take(anna);
    expect((await house.read(id)).version).toBe(version);
  });

  test('what a colleague has is not an agent’s, but his supervisor’s', async () => {
    await take(anna);
    await expect(take(boris)).rejects.toMatchObject({ code: 'forbidden' });
    await take(olga);
    expect(await house.holder(id)).toEqual([olga.id, 'taken']);
    await expect(assign(anna, null)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('over the capacity: a person knows what he does', async () => {
    await house.setCapacity(1);
    await take(anna);
    const first = id;
    id = await house.arrive({ clientId: await house.addClient(), queueId: sales });
    await take(anna);
    expect([await house.holder(first), await house.holder(id)]).toEqual([
      [anna.id, 'taken'],
      [anna.id, 'taken'],
    ]);
    await house.setCapacity(12);
  });

  test('what is answered waits for nobody', async () => {
    await house.answer(id, anna.id);
    await expect(take(anna)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('off shift it is his for half an hour, then others are asked', async () => {
    await take(night);
    await house.advance(29 * 60_000);
    expect(await house.holder(id)).toEqual([night.id, 'taken']);
    await house.advance(2 * 60_000);
    expect((await house.holder(id))[0]).toBe('waiting');
  });
});

describe('giving away', () => {
  test('an agent gives away what he has, with a sound for who gets it; nothing else', async () => {
    await expect(assign(anna, boris.id)).rejects.toMatchObject({ code: 'forbidden' });
    await take(anna);
    await assign(anna, boris.id);
    expect(await house.holder(id)).toEqual([boris.id, 'by_colleague']);
    expect(house.told.findLast((news) => news.id === id)).toMatchObject({ id, formerOwnerId: anna.id, alert: true });
    await expect(assign(anna, anna.id)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('back to its queue others are asked, and he himself after a quarter of an hour', async () => {
    await house.comeIn(anna.id);
    await take(anna);
    await assign(anna, null);
    expect(await house.read(id)).toMatchObject({ state: 'waiting', ownerId: null });
    await house.advance(14 * 60_000);
    expect(await house.holder(id)).toEqual(['waiting', 'nobody_free']);
    await house.advance(2 * 60_000);
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    await assign(anna, null);
    await house.comeIn(boris.id);
    expect(await house.holder(id)).toEqual([boris.id, 'round_robin']);
  });

  test('a supervisor gives to his team, an administrator to anybody', async () => {
    await assign(olga, boris.id);
    expect(await house.holder(id)).toEqual([boris.id, 'by_supervisor']);
    await expect(assign(olga, stranger.id)).rejects.toMatchObject({ code: 'forbidden' });
    await assign(root, stranger.id);
    expect(await house.holder(id)).toEqual([stranger.id, 'by_supervisor']);
    await expect(take(olga)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('to nobody who is off shift or does not exist', async () => {
    await expect(assign(olga, night.id)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(assign(root, 9_999 as UserId)).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('two at once: the second is told', async () => {
    const both = await Promise.allSettled([take(anna), take(boris)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openOutboxHouse } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openOutboxHouse>>;

beforeEach(async () => {
  db = await openTestDatabase();
  house = await openOutboxHouse(db);
});

afterEach(async () => {
  await house.outbox.close();
  await db.close();
});

test('a message leaves once, with its attempt, and is accepted', async () => {
  const conversation = await house.addConversation();
  const id = await house.write(conversation, { text: 'Your order is ready' });
  await house.reaches(id, 'accepted');
  expect(house.channel.taken.map(({ text, attempt }) => ({ text, attempt }))).toEqual([
    { text: 'Your order is ready', attempt: 1 },
  ]);
  expect(await house.rowOf(id)).toMatchObject({ attempts: 1, providerId: `p-${id}-0`, segments: 1, leaseUntil: null });
  expect(await house.attemptsOf(id)).toMatchObject([{ attempt: 1, result: 'accepted', detail: `p-${id}-0` }]);
});

test('the attempt is written down before the provider is called', async () => {
  const conversation = await house.addConversation();
  const seen: unknown[] = [];
  house.channel.script(async (message) => {
    seen.push(await house.stateOf(message.id), await house.attemptsOf(message.id));
    return house.channel.take(message);
  });
  const id = await house.write(conversation);
  await house.reaches(id, 'accepted');
  expect(seen).toMatchObject(['sending', [{ attempt: 1, result: null }]]);
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parkedReceipts } from '../../../../db/schema/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openOutboxHouse } from './house.ts';
import { createScriptedChannel, trouble } from './scripted-channel.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openOutboxHouse>>;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

beforeEach(async () => {
  house = await openOutboxHouse(db);
});
afterEach(() => house.outbox.close());

/** A message of some parts that the provider has taken. */
async function sent(parts = 1) {
  const channel = createScriptedChannel(house.account.id, 'sms', { parts });
  house.channels.set(house.account.id, channel);
  const id = await house.write(await house.addConversation());
  await house.reaches(id, 'accepted');
  return id;
}

test('a receipt is found by the message, by the provider’s id, and counts once', async () => {
  const [one, other] = [await sent(), await sent()];
  await house.outbox.report(house.receipt({ messageId: one, step: 'delivered' }));
  const byProvider = house.receipt({ providerId: `p-${other}-0`, step: 'delivered' });
  await house.outbox.report(byProvider);
  await house.outbox.report(byProvider);
  expect([await house.stateOf(one), await house.stateOf(other)]).toEqual(['delivered', 'delivered']);
  const told = house.heard.filter(({ type, data }) => type === 'message.delivery' && data?.['messageId'] === other);
  expect(told.map(({ data }) => data?.['state'])).toEqual(['accepted', 'delivered']);
});

test('a message of three parts has arrived when all three have', async () => {
  const id = await sent(3);
  await house.outbox.report(house.receipt({ providerId: `p-${id}-2` }));
  await house.outbox.report(house.receipt({ providerId: `p-${id}-0` }));
  expect(await house.stateOf(id)).toBe('accepted');
  await house.outbox.report(house.receipt({ providerId: `p-${id}-1` }));
  expect(await house.stateOf(id)).toBe('delivered');
});

test('one failed part fails the message when no other is on its way', async () => {
  const id = await sent(2);
  const problem = { kind: 'unknown', code: '1', text: 'absent subscriber' } as const;
  await house.outbox.report(house.receipt({ providerId: `p-${id}-0`, step: 'failed', problem }));
  expect(await house.stateOf(id)).toBe('accepted');
  await house.outbox.report(house.receipt({ providerId: `p-${id}-1` }));
  expect(await house.rowOf(id)).toMatchObject({ state: 'failed' });
});

test('a failure after the delivery changes nothing', async () => {
  const id = await sent();
  await house.outbox.report(house.receipt({ messageId: id, step: 'delivered' }));
  await house.outbox.report(house.receipt({ messageId: id, step: 'failed', problem: trouble('late') }));
  await house.outbox.report(house.receipt({ messageId: id, step: 'sent' }));
  expect(await house.rowOf(id)).toMatchObject({ state: 'delivered', lastError: '' });
});

test('a receipt that overtakes the answer waits for it', async () => {
  const channel = createScriptedChannel(house.account.id, 'sms');
  house.channels.set(house.account.id, channel);
  channel.script(async (message) => {
    const result = channel.take(message);
    await house.outbox.report(house.receipt({ providerId: `p-${message.id}-0`, step: 'delivered' }));
    return result;
  });
  const id = await house.write(await house.addConversation());
  await house.reaches(id, 'delivered');
  expect(await db.orm.query.parkedReceipts.findMany()).toEqual([]);
});

test('a receipt proves that a message was taken whose answer was lost', async () => {
  house.channel.script(() => ({ kind: 'unknown', problem: trouble('lost') }));
  const id = await house.write(await house.addConversation());
  await house.reaches(id, 'unconfirmed');
  await house.outbox.report(house.receipt({ messageId: id, providerId: 'p', step: 'sent' }));
  expect(await house.rowOf(id)).toMatchObject({ state: 'sent', leaseUntil: null, blocksUntil: null });
});

test('many receipts at once are one batch and all of them count', async () => {
  const ids = [];
  for (let index = 0; index < 20; index++) ids.push(await sent());
  const receipts = ids.flatMap((messageId) =>
    (['read', 'sent', 'delivered'] as const).map((step) => house.receipt({ messageId, step })),
  );
  await Promise.all([...receipts, ...receipts].map((each) => house.outbox.report(each)));
  for (const id of ids) expect(await house.stateOf(id)).toBe('read');
});

test('a provider that counts from one again gives an old id to a new message', async () => {
  const old = await sent();
  house.channel.script((message) => {
    house.channel.take(message);
    return { kind: 'accepted', providerId: `p-${old}-0`, parts: [`p-${old}-0`] };
  });
  house.channels.set(house.account.id, house.channel);
  const id = await house.write(await house.addConversation());
  await house.reaches(id, 'accepted');
  await house.outbox.report(house.receipt({ providerId: `p-${old}-0` }));
  expect([await house.stateOf(old), await house.stateOf(id)]).toEqual(['accepted', 'delivered']);
});

test('a receipt of nobody is kept for a week, then thrown away', async () => {
  await house.outbox.report(house.receipt({ providerId: 'nobody’s' }));
  const kept = async () => (await db.orm.query.parkedReceipts.findMany()).map(({ providerId }) => providerId);
  expect(await kept()).toContain('nobody’s');
  await db.orm.update(parkedReceipts).set({ at: new Date(house.clock.now() - 7 * 24 * 60 * 60_000 - 1) });
  house.clock.advance(15_000);
  await expect.poll(kept).toEqual([]);
});

test('five temporary failures within thirty days close an address, a complaint closes it for mailings', async () => {
  const to = '+79169998877';
  for (let index = 0; index < 5; index++) {
    const id = await house.write(await house.addConversation(), { to });
    await house.reaches(id, 'accepted');
    await house.outbox.report(house.receipt({ messageId: id, step: 'failed', problem: trouble('full') }));
  }
  const suppressed = () => db.orm.query.suppressions.findMany({ where: (row, { eq }) => eq(row.value, to) });
  expect(await suppressed()).toMatchObject([{ reason: 'unreachable', failures: 5 }]);
  const id = await house.write(await house.addConversation(), { to });
  await house.reaches(id, 'accepted');
  await house.outbox.report(house.receipt({ messageId: id, isComplaint: true }));
  expect(await suppressed()).toMatchObject([{ reason: 'complained' }]);
  expect(house.refusals).toMatchObject([{ value: to, purpose: 'marketing', source: 'complaint' }]);
});

test('screens are told of every change, together', async () => {
  const id = await sent();
  house.told.length = 0;
  await house.outbox.report(house.receipt({ messageId: id, step: 'sent' }));
  await house.outbox.report(house.receipt({ messageId: id, step: 'delivered' }));
  house.clock.advance(1_000);
  expect(house.told).toEqual([id]);
});

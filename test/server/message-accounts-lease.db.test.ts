import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { channelAccounts, channelAddresses, queues } from '../../db/schema/index.ts';
import { createFakeClock } from '../../server/kernel/clock.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { limits } from '../../server/message-accounts/limits.ts';
import { createMessageAccounts } from '../../server/message-accounts.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createFakeAdapter } from '../support/fake-message-channel.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
  const [queue] = await db.orm.insert(queues).values({ name: 'Sales' }).returning();
  const rows = ['one', 'two'].map((name) => ({ kind: 'smpp' as const, name }));
  for (const { id: accountId } of await db.orm.insert(channelAccounts).values(rows).returning()) {
    const value = `+7495000000${accountId}`;
    if (queue) await db.orm.insert(channelAddresses).values({ accountId, channel: 'sms', value, queueId: queue.id });
  }
});
afterAll(() => db.close());

/** The accounts as a process of its own runs them. */
function processOf() {
  const clock = createFakeClock();
  const fake = createFakeAdapter();
  const accounts = createMessageAccounts({
    db,
    clock,
    log: silentLog,
    receive: async () => ({ accepted: true }),
    publicUrl: () => 'https://desk.example',
    adapters: { smpp: fake.make },
    onHealth: () => undefined,
  });
  /** Waits until it runs exactly these. */
  const runs = (...ids: number[]) =>
    vi.waitFor(
      () => {
        clock.advance(limits.leaseMs);
        expect([...accounts.channels.keys()].toSorted()).toEqual(ids);
      },
      { timeout: 30_000 },
    );
  const states = async () => (await accounts.health()).map(({ state, problem }) => [state, problem !== '']);
  return { accounts, fake, runs, states };
}

/** As if the network between a process and the server broke. */
const cutLocks = () =>
  db.run({
    name: 'cut_locks',
    text: `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    values: [],
  });

const isShared = process.env['TEST_DATABASE_URL'] !== undefined;

test.runIf(isShared)('each account runs in one process; the other takes over when that one ends', async () => {
  const first = processOf();
  const second = processOf();
  await first.accounts.start();
  await first.runs(1, 2);
  await second.accounts.start();
  await second.runs();
  expect(await second.states()).toEqual([
    ['connecting', true],
    ['connecting', true],
  ]);
  expect(await second.accounts.tryOut(1 as AccountId)).toMatchObject({ ok: false, state: 'connecting' });
  expect(second.fake.made).toHaveLength(0);
  await first.accounts.close();
  await second.runs(1, 2);
  await second.accounts.close();
});

test.runIf(isShared)('whoever loses its locks stops what it runs, and one process has it again', async () => {
  const first = processOf();
  await first.accounts.start();
  await first.runs(1, 2);
  await cutLocks();
  await vi.waitFor(() => expect(first.fake.made.filter(({ closeCalls }) => closeCalls > 0)).toHaveLength(2), {
    timeout: 30_000,
  });
  await first.runs(1, 2);
  const second = processOf();
  await second.accounts.start();
  await second.runs();
  await first.accounts.close();
  await second.runs(1, 2);
  await second.accounts.close();
});

test.runIf(!isShared)('the embedded engine has one process: nothing is locked', async () => {
  const only = processOf();
  await only.accounts.start();
  await only.runs(1, 2);
  expect(await db.openLocks({ space: 1, onLost: () => undefined })).toBeNull();
  await only.accounts.close();
});

import { PassThrough } from 'node:stream';
import { eq, sql } from 'drizzle-orm';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Receive } from '../../channels/channel.ts';
import type { MessageEvent } from '../../channels/message-channel.ts';
import {
  channelAccounts,
  channelAddresses,
  channelState,
  clients,
  conversations,
  messageOutbox,
  messages,
  queues,
} from '../../db/schema/index.ts';
import type { ChannelHealthView } from '../../server/contract/messages-schemas.ts';
import { createFakeClock, type FakeClock } from '../../server/kernel/clock.ts';
import { type AccountId, type ConversationId, type MessageId, newId, type QueueId } from '../../server/kernel/ids.ts';
import { type Log, silentLog } from '../../server/kernel/log.ts';
import type { Adapters } from '../../server/message-accounts/adapters.ts';
import { houseAdapters } from '../../server/message-accounts/house-adapters.ts';
import { limits } from '../../server/message-accounts/limits.ts';
import { addMessageMetrics } from '../../server/message-accounts/metrics.ts';
import { createMessageAccounts, type MessageAccounts } from '../../server/message-accounts.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createFakeAdapter } from '../support/fake-message-channel.ts';
import { startOAuthServer } from '../support/oauth-server.ts';

let db: TestDatabase;
let clock: FakeClock;
let accounts: MessageAccounts;
let queueId: QueueId;
let told: ChannelHealthView[];
let arrived: MessageEvent[];
let fake: ReturnType<typeof createFakeAdapter>;

const receive: Receive = async (event) => {
  if (event.channel !== 'voice') arrived.push(event);
  return { accepted: true };
};

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

beforeEach(async () => {
  await db.orm.execute(sql`truncate channel_accounts, queues restart identity cascade`);
  clock = createFakeClock();
  told = [];
  arrived = [];
  fake = createFakeAdapter();
  const [queue] = await db.orm.insert(queues).values({ name: 'Sales' }).returning();
  queueId = queue?.id as QueueId;
  accounts = build();
});
afterEach(async () => {
  await accounts.close();
});

const build = (log: Log = silentLog, adapters: Adapters = { smpp: fake.make }): MessageAccounts =>
  createMessageAccounts({
    db,
    clock,
    log,
    receive,
    publicUrl: () => 'https://desk.example',
    adapters,
    onHealth: (health) => void told.push(health),
  });

/** @returns its id */
async function addAccount(name: string, more: Partial<typeof channelAccounts.$inferInsert> = {}): Promise<AccountId> {
  const row = { kind: 'smpp' as const, name, settings: { host: name }, secrets: { password: 'hush' }, ...more };
  const [account] = await db.orm.insert(channelAccounts).values(row).returning();
  const accountId = account?.id as AccountId;
  const value = `+7495000000${accountId}`;
  await db.orm.insert(channelAddresses).values({ accountId, channel: 'sms', value, queueId, isDefault: true });
  return accountId;
}

/** Something waits to leave through it. */
async function queueMessage(accountId: AccountId): Promise<void> {
  const id = newId<MessageId>();
  const conversationId = newId<ConversationId>();
  const [client] = await db.orm.insert(clients).values({ name: 'Ivan' }).returning();
  const [address] = await db.orm.select().from(channelAddresses).where(eq(channelAddresses.accountId, accountId));
  if (!client || !address) throw new Error('nothing was inserted');
  const at = new Date(clock.now());
  const common = { clientId: client.id, addressId: address.id };
  const thread = { ...common, id: conversationId, channel: 'sms' as const, peer: '+79160000001', queueId };
  await db.orm
    .insert(conversations)
    .values({ ...thread, state: 'answered', lastMessageAt: at, lastDirection: 'out', openedAt: at });
  const row = { id, conversationId, channel: 'sms' as const, direction: 'out' as const, at, origin: 'agent' as const };
  await db.orm.insert(messages).values({ ...row, fromAddress: address.value, text: 'Hello' });
  await db.orm
    .insert(messageOutbox)
    .values({ ...common, id, accountId, conversationId, idempotencyKey: id, state: 'queued', notBefore: at });
}

/** The machine may be busy. */
const patience = { timeout: 30_000 };
const stateOf = async (id: AccountId) => (await accounts.health()).find(({ accountId }) => accountId === id)?.state;
const up = (id: AccountId) => vi.waitFor(async () => expect(await stateOf(id)).toBe('up'), patience);

test('accounts that are on become started channels with their settings, secrets and addresses', async () => {
  const id = await addAccount('gate');
  const off = await addAccount('spare', { enabled: false });
  await accounts.start();
  await up(id);
  expect([...accounts.channels.keys()]).toEqual([id]);
  expect(fake.made[0]?.parts.account).toMatchObject({
    settings: { host: 'gate' },
    secrets: { password: 'hush' },
    addresses: [{ value: '+74950000001' }],
  });
  expect(fake.made[0]?.parts.publicUrl).toBe('https://desk.example');
  expect(await stateOf(off)).toBe('off');
});

test('what comes in goes through the one door, and what goes out is counted', async () => {
  const id = await addAccount('gate');
  await accounts.start();
  await up(id);
  const event = { channel: 'sms', type: 'message.arrived', accountId: id } as MessageEvent;
  expect(await fake.made[0]?.parts.receive(event)).toEqual({ accepted: true });
  expect(arrived).toEqual([event]);
  const message = { id: 'm1' } as Parameters<NonNullable<typeof channel>['send']>[0];
  const channel = accounts.channels.get(id);
  expect(await channel?.send(message, new AbortController().signal)).toMatchObject({ kind: 'accepted' });
  expect(fake.made[0]?.sent).toEqual([message]);
  expect(accounts.counts.received.get('sms message.arrived')).toBe(1);
  expect(accounts.counts.sent.get('sms accepted')).toBe(1);
});

test('an account that cannot be started is down, holds nothing up, and is tried again later and later', async () => {
  const sound = await addAccount('sound');
  await accounts.start();
  await up(sound);
  fake.startErrors.push(new Error('no route to host'), new Error('still none'));
  const broken = await addAccount('broken');
  await accounts.apply();
  await vi.waitFor(async () => expect(await stateOf(broken)).toBe('down'), patience);
  expect((await accounts.health())[1]).toMatchObject({ problem: 'no route to host', name: 'broken' });
  // nothing is sent through what is closed
  expect([...accounts.channels.keys()]).toEqual([sound]);

  clock.advance(limits.startAgainMs.first);
  await vi.waitFor(async () => expect((await accounts.health())[1]?.problem).toBe('still none'), patience);
  clock.advance(limits.startAgainMs.first);
  expect(await stateOf(broken)).toBe('down');
  clock.advance(limits.startAgainMs.first);
  await up(broken);
});

test('a changed account is started anew, the others go on untouched', async () => {
  const changed = await addAccount('one');
  const other = await addAccount('two');
  await accounts.start();
  await up(changed);
  await up(other);
  await db.orm
    .update(channelAccounts)
    .set({ secrets: { password: 'new' } })
    .where(eq(channelAccounts.id, changed));
  await accounts.apply();
  await up(changed);
  expect(fake.made.map(({ parts }) => parts.account.name)).toEqual(['one', 'two', 'one']);
  expect(fake.made.map(({ closeCalls }) => closeCalls > 0)).toEqual([true, false, false]);
  expect(fake.made[2]?.parts.account.secrets).toEqual({ password: 'new' });
});

test('another queue of an address starts nothing anew', async () => {
  const id = await addAccount('one');
  await accounts.start();
  await up(id);
  const [queue] = await db.orm.insert(queues).values({ name: 'Other' }).returning();
  await db.orm.update(channelAddresses).set({ queueId: queue?.id as QueueId });
  await accounts.apply();
  expect(fake.made).toHaveLength(1);
});

test('an account that is switched off or removed is closed', async () => {
  const id = await addAccount('one');
  await accounts.start();
  await up(id);
  await db.orm.update(channelAccounts).set({ enabled: false });
  await accounts.apply();
  expect(accounts.channels.size).toBe(0);
  expect(fake.made[0]?.closeCalls).toBeGreaterThan(0);
  expect(await stateOf(id)).toBe('off');
});

test('changes of health are told once, with what waits', async () => {
  const id = await addAccount('one');
  await accounts.start();
  await up(id);
  clock.advance(limits.healthMs);
  await vi.waitFor(
    () => expect(told).toMatchObject([{ accountId: id, state: 'up', queued: 0, channel: 'sms' }]),
    patience,
  );
  const [made] = fake.made;
  if (!made) throw new Error('nothing was made');
  made.health = { ...made.health, state: 'degraded', catchUp: { done: 3, total: 10 } };
  await vi.waitFor(() => {
    clock.advance(limits.healthMs);
    expect(told).toHaveLength(2);
  }, patience);
  expect(told[1]).toMatchObject({ state: 'degraded', catchUp: { done: 3, total: 10 } });

  await queueMessage(id);
  await vi.waitFor(() => {
    clock.advance(limits.healthMs);
    expect(told).toHaveLength(3);
  }, patience);
  expect(told[2]).toMatchObject({ accountId: id, state: 'degraded', queued: 1 });
});

test('a secret that the provider replaced is kept, and nothing starts anew for it', async () => {
  const id = await addAccount('one', { secrets: { password: 'hush', refreshToken: 'first' } });
  await accounts.start();
  await up(id);
  const secrets = async () => (await db.orm.select().from(channelAccounts))[0]?.secrets;
  await fake.made[0]?.parts.keepSecret('refreshToken', { from: 'first', to: 'second' });
  expect(await secrets()).toEqual({ password: 'hush', refreshToken: 'second' });
  await accounts.apply();
  expect(fake.made).toHaveLength(1);

  await db.orm.update(channelAccounts).set({ secrets: { password: 'hush', refreshToken: 'typed' } });
  await fake.made[0]?.parts.keepSecret('refreshToken', { from: 'second', to: 'third' });
  expect(await secrets()).toMatchObject({ refreshToken: 'typed' });
  await accounts.apply();
  await vi.waitFor(() => expect(fake.made).toHaveLength(2), patience);
  expect(fake.made[1]?.parts.account.secrets).toMatchObject({ refreshToken: 'typed' });
});

test('a mailbox whose provider gives another refresh token each time goes on with the last one after a restart', async () => {
  const provider = await startOAuthServer();
  provider.give('first');
  // nobody listens there: a token is asked for before that is found out
  const imap = { host: '127.0.0.1', port: 1, security: 'none', user: 'shop', auth: 'xoauth2' };
  const row = {
    kind: 'mailbox' as const,
    settings: { imap, oauth: provider.settings },
    secrets: { clientSecret: provider.clientSecret, refreshToken: 'first' },
  };
  await addAccount('box', row);
  const kept = async () => (await db.orm.select().from(channelAccounts))[0]?.secrets['refreshToken'];
  for (const token of ['refresh-1', 'refresh-2']) {
    const open = build(silentLog, houseAdapters);
    await open.start();
    await vi.waitFor(async () => expect(await kept()).toBe(token), patience);
    await open.close();
  }
  expect(provider.refreshToken).toBe('refresh-2');
  await provider.close();
});

test('trying an account that is off starts it for the moment, without a memory and without taking anything in', async () => {
  const id = await addAccount('spare', { enabled: false });
  await accounts.start();
  expect(await accounts.tryOut(id)).toEqual({ ok: true, state: 'up', problem: '' });
  const [made] = fake.made;
  expect(made?.closeCalls).toBeGreaterThan(0);
  const event = { channel: 'sms', type: 'message.arrived', accountId: id } as MessageEvent;
  expect(await made?.parts.receive(event)).toEqual({ accepted: false, reason: 'unavailable' });
  await made?.parts.state.set('key', 1);
  expect(await db.orm.$count(channelState)).toBe(0);
  expect(accounts.channels.size).toBe(0);
});

test('trying says what the wire said', async () => {
  fake.startErrors.push(new Error('bind refused: ESME_RINVPASWD'));
  const id = await addAccount('spare', { enabled: false });
  await accounts.start();
  expect(await accounts.tryOut(id)).toEqual({ ok: false, state: 'down', problem: 'bind refused: ESME_RINVPASWD' });
});

test('trying an account that is down connects it again at once', async () => {
  fake.startErrors.push(new Error('refused'));
  const id = await addAccount('one');
  await accounts.start();
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('down'), patience);
  expect(await accounts.tryOut(id)).toMatchObject({ ok: true });
  expect(fake.made).toHaveLength(2);
  await expect(accounts.tryOut(999 as AccountId)).rejects.toMatchObject({ code: 'not_found' });
});

test('two who try an account at the same time, while it is set anew, leave one adapter of it', async () => {
  fake.startErrors.push(new Error('refused'));
  const id = await addAccount('one');
  await accounts.start();
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('down'), patience);
  await db.orm
    .update(channelAccounts)
    .set({ settings: { host: 'other' } })
    .where(eq(channelAccounts.id, id));
  const tried = await Promise.all([accounts.tryOut(id), accounts.tryOut(id), accounts.apply()]);
  expect(tried).toMatchObject([{ ok: true }, { ok: true }, undefined]);
  expect(fake.made.filter(({ health }) => health.state === 'up')).toHaveLength(1);
});

test('an adapter remembers across its restarts; the keys of the house stay the same', async () => {
  const id = await addAccount('one');
  await accounts.start();
  await up(id);
  const first = fake.made[0]?.parts;
  await first?.state.set('bookmark', { uid: 7 });
  await first?.state.set('gone', 1);
  await first?.state.set('gone', null);
  await expect(first?.state.set('large', 'x'.repeat(70_000))).rejects.toThrow('more than');
  await accounts.close();
  accounts = build();
  await accounts.start();
  await up(id);
  const second = fake.made[1]?.parts;
  expect(await second?.state.get('bookmark')).toEqual({ uid: 7 });
  expect(await second?.state.get('gone')).toBeNull();
  expect(second?.mailKey.length).toBe(32);
  expect(second?.mailKey).toEqual(first?.mailKey);
  const signature = first?.signer.sign('status', 'm1') ?? '';
  expect(second?.signer.verify('status', 'm1', signature)).toBe(true);
  expect(second?.signer.verify('status', 'm2', signature)).toBe(false);
  expect(second?.signer.verify('other', 'm1', signature)).toBe(false);
});

test('close ends all of them and is idempotent', async () => {
  fake.startErrors.push(new Error('refused'));
  const broken = await addAccount('broken');
  const id = await addAccount('one');
  await accounts.start();
  await vi.waitFor(async () => expect(await Promise.all([broken, id].map(stateOf))).toEqual(['down', 'up']), patience);
  await accounts.close();
  await accounts.close();
  expect(accounts.channels.size).toBe(0);
  expect(fake.made.every(({ closeCalls }) => closeCalls > 0)).toBe(true);
  clock.advance(limits.startAgainMs.longest);
  expect(fake.made).toHaveLength(2);
});

test('no secret stands in the log, whatever goes wrong', async () => {
  const lines: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (line: Buffer) => void lines.push(line.toString()));
  accounts = build(pino({ level: 'trace' }, stream));
  fake.startErrors.push(new Error('refused'));
  const id = await addAccount('one', { secrets: { password: 'hush-4711' } });
  await accounts.start();
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('down'), patience);
  await accounts.tryOut(id);
  await accounts.close();
  expect(lines.join('')).toContain('could not be started');
  expect(lines.join('')).not.toContain('hush-4711');
});

test('/metrics says what went through, and which account is up', async () => {
  const id = await addAccount('gate');
  await addAccount('spare', { enabled: false });
  await accounts.start();
  await up(id);
  await fake.made[0]?.parts.receive({ channel: 'sms', type: 'message.arrived', accountId: id } as MessageEvent);
  const registry = new Registry();
  addMessageMetrics({ registry, accounts });
  const text = await registry.metrics();
  expect(text).toContain('switchroom_messages_received_total{channel="sms",type="message.arrived"} 1');
  expect(text).toContain('switchroom_messages_account_up{account="gate",channel="sms"} 1');
  expect(text).toContain('switchroom_messages_queued{account="gate",channel="sms"} 0');
  expect(text).not.toContain('switchroom_messages_account_up{account="spare"');
});

test('a kind that this house has not is down with a word', async () => {
  const id = await addAccount('site', { kind: 'web_chat' });
  await accounts.start();
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('down'), patience);
  expect((await accounts.health())[0]?.problem).toContain('web_chat');
});

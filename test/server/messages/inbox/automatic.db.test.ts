import { and, asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  clients,
  company,
  consents,
  conversations,
  inboundEvents,
  inboundRules,
  journal,
  messageOutbox,
  messages,
  queues,
} from '../../../../db/schema/index.ts';
import { type ConversationId, type MessageId, newId, type QueueId } from '../../../../server/kernel/ids.ts';
import { createMessages } from '../../../../server/messages/index.ts';
import { arrivalsOf } from '../../../support/arrivals.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';

let db: TestDatabase;
let house: MessagesHouse;
let room: ReturnType<typeof createMessages>;
let arrivals: ReturnType<typeof arrivalsOf>;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  room = createMessages(house.context);
  arrivals = arrivalsOf(house);
  await db.orm.update(company).set({ name: 'Рога' });
  await house.setup.reload();
});
afterAll(() => db.close());

let person = 0;
let number = '';
let address = '';
beforeEach(async () => {
  person += 1;
  number = `+7916111${String(person).padStart(4, '0')}`;
  address = `r${person}@client.example`;
  await rules();
});

async function rules(...rows: (typeof inboundRules.$inferInsert)[]) {
  await db.orm.delete(inboundRules);
  if (rows.length > 0) await db.orm.insert(inboundRules).values(rows);
  room.settingChanged();
}

const conversationOf = async (peer: string) => {
  const [row] = await db.orm.select().from(conversations).where(eq(conversations.peer, peer));
  if (!row) throw new Error(`nobody wrote from ${peer}`);
  return row;
};
const messagesOf = (id: ConversationId) =>
  db.orm.select().from(messages).where(eq(messages.conversationId, id)).orderBy(asc(messages.at), asc(messages.id));
const repliesTo = async (peer: string) =>
  (await messagesOf((await conversationOf(peer)).id)).filter(({ direction }) => direction === 'out');
const consentsOf = (value: string) =>
  db.orm.select().from(consents).where(eq(consents.value, value)).orderBy(consents.id);

test('a keyword is answered with fields of the card, through the outbox, and does not answer for a person', async () => {
  await rules({
    name: 'Price',
    match: 'keyword',
    words: ['цена'],
    action: 'reply',
    text: 'Здравствуйте, {{client.firstName}}! Это {{company.name}}.',
  });
  await room.receive(arrivals.sms(number, 'Цена?', { from: { kind: 'phone', value: number, displayName: 'Иван' } }));
  const [reply, ...others] = await repliesTo(number);
  expect(others).toEqual([]);
  expect(reply).toMatchObject({
    origin: 'rule',
    nature: 'auto_reply',
    text: 'Здравствуйте! Это Рога.',
    to: [{ address: number }],
  });
  const [left] = await db.orm
    .select()
    .from(messageOutbox)
    .where(eq(messageOutbox.id, reply?.id as MessageId));
  expect(left).toMatchObject({ state: 'queued', priority: 5, nature: 'auto' });
  expect(await conversationOf(number)).toMatchObject({ state: 'waiting', unread: 1, messages: 2 });

  // one an address and day, however often he asks
  await room.receive(arrivals.sms(number, 'Цена'));
  expect(await repliesTo(number)).toHaveLength(1);
});

test('a program is never answered by a rule', async () => {
  await rules({ name: 'All', match: 'any', action: 'reply', text: 'We got it' });
  await room.receive(arrivals.letter(address, 'I am away', { nature: 'auto_reply', mayAutoReply: false }));
  expect(await repliesTo(address)).toEqual([]);
  await room.receive(arrivals.letter(address, 'Hello', { mayAutoReply: false }));
  expect(await repliesTo(address)).toEqual([]);
});

test('a letter is answered under its subject, as the answer to it', async () => {
  await rules({ name: 'All', match: 'any', action: 'reply', text: 'We got it' });
  await room.receive(arrivals.letter(address, 'Hello', { subject: 'Parcel', providerId: '<one@x>' }));
  expect(await repliesTo(address)).toMatchObject([
    { subject: 'Re: Parcel', references: ['<one@x>'], text: 'We got it' },
  ]);
});

test('what a rule deals with waits for nobody; who waits already goes on waiting', async () => {
  await rules({ name: 'Thanks', match: 'keyword', words: ['спасибо'], action: 'close' });
  await room.receive(arrivals.sms(number, 'Спасибо!'));
  expect(await conversationOf(number)).toMatchObject({ state: 'closed', unread: 0, waitingSince: null });
  await room.receive(arrivals.sms(number, 'Где заказ?'));
  await room.receive(arrivals.sms(number, 'Спасибо'));
  expect(await conversationOf(number)).toMatchObject({ state: 'waiting', unread: 1, messages: 3 });
});

test('a rule sends to another queue, with the target of that queue', async () => {
  const [queue] = await db.orm.insert(queues).values({ name: 'Returns', responseMinutes: 5 }).returning();
  await house.setup.reload();
  await rules({
    name: 'Returns',
    match: 'contains',
    words: ['возврат'],
    action: 'queue',
    queueId: queue?.id as QueueId,
  });
  const event = arrivals.sms(number, 'Хочу возврат денег');
  await room.receive(event);
  expect(await conversationOf(number)).toMatchObject({ queueId: queue?.id, dueAt: new Date(event.at + 5 * 60_000) });
});

test('a rule has somebody do something: the responsible manager when nobody is named', async () => {
  await rules({ name: 'Call back', match: 'contains', words: ['перезвоните'], action: 'task', text: 'Call back' });
  await room.receive(arrivals.sms(number, 'Здравствуйте'));
  const { clientId } = await conversationOf(number);
  await db.orm.update(clients).set({ responsibleId: house.boris.id }).where(eq(clients.id, clientId));
  await room.receive(arrivals.sms(number, 'Перезвоните мне'));
  expect(house.tasks.filter((task) => task.clientId === clientId)).toEqual([
    { clientId, title: 'Call back', note: 'Перезвоните мне', assigneeId: house.boris.id },
  ]);
});

test('STOP by SMS refuses everything there, with the message as proof and one word of confirmation; START allows it again', async () => {
  await room.receive(arrivals.sms(number, 'cnjg'));
  const { clientId, id, ...after } = await conversationOf(number);
  expect(after).toMatchObject({ state: 'closed', unread: 0 });
  const [stop] = await messagesOf(id);
  expect(await consentsOf(number)).toMatchObject([
    {
      kind: 'phone',
      channel: 'sms',
      purpose: null,
      state: 'refused',
      source: 'keyword',
      evidence: 'wrote "cnjg"',
      messageId: stop?.id,
    },
  ]);
  expect(await repliesTo(number)).toMatchObject([{ text: expect.stringContaining('СТАРТ') }]);
  await room.receive(arrivals.sms(number, 'Стоп'));
  expect(await repliesTo(number)).toHaveLength(1);
  house.clock.advance(25 * 60 * 60_000);
  await room.receive(arrivals.sms(number, 'Start'));
  expect((await consentsOf(number)).map(({ state }) => state)).toEqual(['refused', 'refused', 'given']);
  const lines = and(eq(journal.clientId, clientId), eq(journal.type, 'client.consent'));
  expect(await db.orm.$count(journal, lines)).toBe(3);
});

test('START of somebody who never refused is a message like others', async () => {
  await room.receive(arrivals.sms(number, 'Старт'));
  expect(await consentsOf(number)).toEqual([]);
  expect(await conversationOf(number)).toMatchObject({ unread: 1 });
  expect(await repliesTo(number)).toEqual([]);
});

test('by e-mail it refuses mailings alone; an empty letter speaks by its subject', async () => {
  await room.receive(arrivals.letter(address, '', { subject: 'Unsubscribe' }));
  expect(await consentsOf(address)).toMatchObject([
    { kind: 'email', channel: 'email', purpose: 'marketing', state: 'refused' },
  ]);
});

test('what a network holds of somebody’s will is noted once', async () => {
  const event = {
    channel: 'sms' as const,
    type: 'consent.reported' as const,
    sourceId: newId<string>(),
    accountId: house.sms.accountId,
    at: house.clock.now(),
    address: { kind: 'phone' as const, value: number, displayName: '' },
    change: 'refused' as const,
    scope: 'all' as const,
    evidence: '21610: attempt to send to unsubscribed recipient',
  };
  expect(await room.receive(event)).toEqual({ accepted: true });
  expect(await room.receive(event)).toEqual({ accepted: false, reason: 'duplicate' });
  expect(await consentsOf(number)).toMatchObject([{ source: 'provider', state: 'refused', evidence: event.evidence }]);
});

test('a report of nothing of ours is kept and shown nowhere', async () => {
  const report = arrivals.letter(`mailer-daemon${person}@there.example`, 'Failed', {
    nature: 'report',
    raw: Buffer.from('x'),
  });
  expect(await room.receive(report)).toEqual({ accepted: true });
  expect(await room.receive(report)).toEqual({ accepted: false, reason: 'duplicate' });
  expect(await db.orm.$count(conversations, eq(conversations.peer, report.from.value))).toBe(0);
  const [kept] = await db.orm.select().from(inboundEvents).where(eq(inboundEvents.sourceId, report.sourceId));
  expect(kept?.raw).toMatchObject({ nature: 'report', rawSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a report of a message of ours stands in its conversation; whoever wrote it does not take part', async () => {
  await room.receive(arrivals.letter(address, 'Hello'));
  const { id } = await conversationOf(address);
  const daemon = `mailer-daemon${person}@there.example`;
  const thread = { conversationIds: [id] };
  await room.receive(arrivals.letter(daemon, 'Delayed', { nature: 'report', thread }));
  expect((await messagesOf(id)).map(({ nature }) => nature)).toEqual(['human', 'report']);
  expect(await conversationOf(address)).toMatchObject({ unread: 1 });
  await room.receive(arrivals.letter(daemon, 'Now as a person', { thread }));
  expect((await messagesOf(id)).map(({ text }) => text)).toEqual(['Hello', 'Delayed']);
});

test('a message that cannot be taken in is kept with its original, and holds up nothing', async () => {
  const poisonous = arrivals.letter(address, 'x', { raw: Buffer.from('From: poison') });
  Object.defineProperty(poisonous, 'facts', { enumerable: true, value: { loop: 1n } });
  expect(await room.receive(poisonous)).toEqual({ accepted: true });
  const [stub] = await messagesOf((await conversationOf(address)).id);
  expect(stub).toMatchObject({ text: '', facts: { unreadable: expect.any(String) }, rawSha256: expect.any(String) });
  const raw = await room.files.raw(stub?.id as MessageId, house.anna);
  expect((await raw?.open())?.toString()).toBe('From: poison');
  expect(await conversationOf(address)).toMatchObject({ state: 'waiting' });
});

test('a database that fails is the wire’s to try again: nothing is stored, and the next attempt stores it', async () => {
  const failing = { ...db, transaction: () => Promise.reject(Object.assign(new Error('gone'), { code: '57P01' })) };
  const other = createMessages({ ...house.context, db: failing });
  const event = arrivals.sms(number, 'Hello');
  await expect(other.receive(event)).rejects.toThrow('gone');
  expect(await room.receive(event)).toEqual({ accepted: true });
  expect(await messagesOf((await conversationOf(number)).id)).toHaveLength(1);
});

import { eq, inArray } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conversations, messageOutbox, messages, timelineEntries, users } from '../../../../db/schema/index.ts';
import type { SignedInUser } from '../../../../server/access/route.ts';
import { identityLines } from '../../../../server/clients/take-over.ts';
import type { ClientId, ConversationId } from '../../../../server/kernel/ids.ts';
import { createMessages } from '../../../../server/messages/index.ts';
import { arrivalsOf } from '../../../support/arrivals.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';
import { callsOf } from '../../../support/route-calls.ts';

let db: TestDatabase;
let house: MessagesHouse;
let room: ReturnType<typeof createMessages>;
let call: ReturnType<typeof callsOf>;
let arrivals: ReturnType<typeof arrivalsOf>;
/** Sees his own clients only. */
let olga: SignedInUser;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  room = createMessages(house.context);
  call = callsOf(room.routes);
  arrivals = arrivalsOf(house);
  const row = { login: 'olga', name: 'Olga', role: 'agent' as const, passwordHash: '', sipSecret: '' };
  const [user] = await db.orm.insert(users).values(row).returning();
  olga = { ...house.anna, id: user?.id as SignedInUser['id'], login: 'olga', name: 'Olga', sees: 'own' };
});
afterAll(() => db.close());

const conversationsOf = (peer: string) => db.orm.select().from(conversations).where(eq(conversations.peer, peer));
const cardsOfEntries = async (id: ConversationId) => {
  const inside = await db.orm.select({ id: messages.id }).from(messages).where(eq(messages.conversationId, id));
  const ids = inside.map((message) => message.id as string);
  const entries = await db.orm
    .select()
    .from(timelineEntries)
    .where(inArray(timelineEntries.id, ids as never[]));
  return [...new Set(entries.map(({ clientId }) => clientId))];
};

test('conversations go along with a number that is taken over, and come back with what was written since', async () => {
  const number = '+79162220001';
  await room.receive(arrivals.sms(number, 'Hello'));
  const [before] = await conversationsOf(number);
  const stranger = before?.clientId as ClientId;
  const { id: known, version } = await house.clients.create({ kind: 'person', name: 'Ivan' }, house.anna);
  const point = { kind: 'phone' as const, value: number, take: true };
  await house.clients.addContactPoint(known, { ...point }, house.anna);
  expect(version).toBe(1);
  expect(await conversationsOf(number)).toMatchObject([{ id: before?.id, clientId: known }]);
  expect(await cardsOfEntries(before?.id as ConversationId)).toEqual([known]);

  await room.receive(arrivals.sms(number, 'Me again'));
  expect(await conversationsOf(number)).toMatchObject([{ id: before?.id, clientId: known, messages: 2 }]);

  const [line] = await identityLines(db, known, house.anna);
  await house.clients.undoMove(line?.id as number, house.anna);
  expect(await conversationsOf(number)).toMatchObject([{ id: before?.id, clientId: stranger, messages: 2 }]);
  expect(await cardsOfEntries(before?.id as ConversationId)).toEqual([stranger]);
});

test('what is on its way to a client, drafts and refusals follow him to the card that takes him over, and come back', async () => {
  const number = '+79162220002';
  await room.receive(arrivals.sms(number, 'Hello'));
  const [before] = await conversationsOf(number);
  const stranger = before?.clientId as ClientId;
  const { anna: user } = house;
  const write = (clientId: ClientId, text: string) => {
    const common = { channel: 'sms' as const, mode: 'new' as const, to: [], cc: [], subject: '', attachmentIds: [] };
    const message = { ...common, clientId, purpose: 'service' as const, text };
    return call('POST /api/v1/messages', { body: { key: text, message, despiteWarnings: true }, user });
  };
  const check = (clientId: ClientId) =>
    call('POST /api/v1/messages/check', { body: { clientId, channel: 'sms' as const, text: 'Hello' }, user });
  const drafts = async (id: ClientId) =>
    (await call('GET /api/v1/clients/:id/drafts', { params: { id }, user })).items.map(({ draft }) => draft.text);
  await write(stranger, 'first');
  const draft = { params: { id: stranger, channel: 'sms' as const }, body: { text: 'half a sen' }, user };
  await call('PUT /api/v1/clients/:id/drafts/:channel', draft);
  const { id: known } = await house.clients.create({ kind: 'person', name: 'Pyotr' }, user);
  await house.clients.addContactPoint(known, { kind: 'phone', value: number, take: true }, user);

  expect(await drafts(known)).toEqual(['half a sen']);
  const onTheWay = () =>
    db.orm
      .select({ clientId: messageOutbox.clientId })
      .from(messageOutbox)
      .where(inArray(messageOutbox.clientId, [stranger, known]))
      .orderBy(messageOutbox.seq);
  expect(await onTheWay()).toMatchObject([{ clientId: known }]);

  const [line] = await identityLines(db, known, user);
  await house.clients.undoMove(line?.id as number, user);
  expect(await onTheWay()).toMatchObject([{ clientId: stranger }]);
  expect(await drafts(known)).toEqual([]);
  expect(await drafts(stranger)).toEqual(['half a sen']);

  const refusal = { state: 'refused' as const, evidence: 'said so' };
  await call('POST /api/v1/clients/:id/consents', { params: { id: stranger }, body: refusal, user });
  await house.clients.addContactPoint(known, { kind: 'phone', value: number, take: true }, user);
  expect(await check(known)).toMatchObject({ allowed: false });
  const { items } = await call('GET /api/v1/clients/:id/consents', { params: { id: known }, user });
  expect(items).toMatchObject([{ kind: 'client', state: 'refused', evidence: 'said so' }]);
  const [again] = await identityLines(db, known, user);
  await house.clients.undoMove(again?.id as number, user);
  await house.clients.addContactPoint(known, { kind: 'phone', value: '+79162220003' }, user);
  expect(await check(known)).toMatchObject({ allowed: true });
});

test('whoever has a conversation of a client sees that client, and for a day after', async () => {
  const address = 'seen@client.example';
  await room.receive(arrivals.letter(address, 'Hello'));
  const [row] = await conversationsOf(address);
  const id = row?.id as ConversationId;
  const clientId = row?.clientId as ClientId;
  const card = await house.clients.card(clientId);
  await house.clients.edit(clientId, { version: card.version, responsibleId: house.anna.id }, house.anna);
  const params = { id };
  await expect(call('GET /api/v1/conversations/:id', { params, user: olga })).rejects.toMatchObject({
    code: 'not_found',
  });
  const close = call('POST /api/v1/conversations/:id/close', { params, body: {}, user: olga });
  await expect(close).rejects.toMatchObject({ code: 'not_found' });
  const query = { of: 'waiting' as const, limit: 100 };
  const listed = async (user: SignedInUser) =>
    (await call('GET /api/v1/conversations', { query, user })).items.map((view) => view.id);
  expect(await listed(olga)).not.toContain(id);
  expect(await listed(house.boris)).toContain(id);
  const entry = (await db.orm.select().from(messages).where(eq(messages.conversationId, id)))[0]?.id as string;
  await expect(call('GET /api/v1/messages/:id', { params: { id: entry }, user: olga })).rejects.toMatchObject({
    code: 'not_found',
  });

  const assigned = { state: 'assigned' as const, ownerId: olga.id };
  await db.orm.update(conversations).set(assigned).where(eq(conversations.id, id));
  expect((await call('GET /api/v1/conversations/:id', { params, user: olga })).conversation.owner).toEqual({
    id: olga.id,
    name: 'Olga',
  });
  expect((await call('GET /api/v1/messages/:id', { params: { id: entry }, user: olga })).parts).toEqual([
    { kind: 'written', text: 'Hello' },
  ]);
  expect((await room.mine(olga.id)).map((view) => view.id)).toEqual([id]);
  await call('POST /api/v1/conversations/:id/close', { params, body: {}, user: olga });
  expect((await call('GET /api/v1/conversations/:id', { params, user: olga })).conversation.state).toBe('closed');
  house.clock.advance(25 * 60 * 60_000);
  await expect(call('GET /api/v1/conversations/:id', { params, user: olga })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a closed conversation that is opened again is his who opened it, and waits from now on', async () => {
  const address = 'again@client.example';
  await room.receive(arrivals.letter(address, 'Hello'));
  const [row] = await conversationsOf(address);
  const params = { id: row?.id as string };
  const { anna: user } = house;
  await expect(call('POST /api/v1/conversations/:id/reopen', { params, user })).rejects.toMatchObject({
    code: 'illegal_transition',
  });
  expect(await call('POST /api/v1/conversations/:id/close', { params, body: {}, user })).toMatchObject({
    state: 'closed',
    unread: 0,
  });
  house.clock.advance(60_000);
  expect(await call('POST /api/v1/conversations/:id/reopen', { params, user })).toMatchObject({
    state: 'assigned',
    owner: { id: house.anna.id },
    waitingSince: new Date(house.clock.now()).toISOString(),
  });
  await room.receive(arrivals.letter(address, 'More', { thread: { conversationIds: [params.id] } }));
  expect((await room.mine(house.anna.id)).find(({ id }) => id === params.id)).toMatchObject({
    unread: 1,
    state: 'assigned',
  });
  // pushes follow what is stored
  await expect
    .poll(() => house.pushed)
    .toContainEqual({
      userId: house.anna.id,
      push: { type: 'conversation', alert: true, conversation: expect.objectContaining({ id: params.id, unread: 1 }) },
    });
  expect(await call('POST /api/v1/conversations/:id/read', { params, user })).toEqual({ ok: true });
  expect((await room.mine(house.anna.id)).find(({ id }) => id === params.id)).toMatchObject({ unread: 0 });
});

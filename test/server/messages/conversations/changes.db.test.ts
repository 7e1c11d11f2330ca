import { asc, eq, inArray } from 'drizzle-orm';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  conversationChanges,
  conversationParticipants,
  conversations,
  messages,
  timelineEntries,
} from '../../../../db/schema/index.ts';
import type { AppError } from '../../../../server/kernel/errors.ts';
import type { ClientId, ConversationId, MessageId } from '../../../../server/kernel/ids.ts';
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

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  room = createMessages(house.context);
  call = callsOf(room.routes);
  arrivals = arrivalsOf(house);
});
afterAll(() => db.close());

let person = 0;

/** Letters of one new client, each its own conversation, or answers to an earlier one of them (its number). */
async function letters(answersTo: readonly (number | null)[]) {
  person += 1;
  const address = `p${person}@client.example`;
  const ids: string[] = [];
  for (const [index, answered] of answersTo.entries()) {
    house.clock.advance(1000);
    const providerId = `<${person}.${index}@x>`;
    const thread = answered === null ? {} : { messageIds: [ids[answered] ?? ''] };
    const letter = arrivals.letter(address, `Letter ${index}`, { subject: `S${index}`, providerId, thread });
    expect(await room.receive(letter)).toEqual({ accepted: true });
    ids.push(providerId);
  }
  const rows = await conversationsOf(address);
  return { address, clientId: rows[0]?.clientId as ClientId, ids: rows.map(({ id }) => id) };
}

const conversationsOf = (peer: string) =>
  db.orm.select().from(conversations).where(eq(conversations.peer, peer)).orderBy(asc(conversations.id));
const messagesOf = (id: ConversationId) =>
  db.orm.select().from(messages).where(eq(messages.conversationId, id)).orderBy(asc(messages.at));
const changesOf = (id: ConversationId) =>
  db.orm
    .select()
    .from(conversationChanges)
    .where(eq(conversationChanges.fromId, id))
    .orderBy(asc(conversationChanges.id));

/** All that a client's conversations are: themselves, where each message stands, who takes part. Versions only count. */
async function pictureOf(clientIds: readonly ClientId[]) {
  const rows = await db.orm
    .select()
    .from(conversations)
    .where(inArray(conversations.clientId, [...clientIds]));
  const live = rows.filter((row) => row.joinedIntoId === null || row.messages > 0);
  const ids = rows.map(({ id }) => id);
  const standing = await db.orm
    .select({
      id: messages.id,
      in: messages.conversationId,
      ask: messages.askConversationId,
      card: timelineEntries.clientId,
      shown: timelineEntries.data,
    })
    .from(messages)
    .innerJoin(timelineEntries, eq(timelineEntries.id, messages.id as never))
    .where(inArray(messages.conversationId, ids))
    .orderBy(asc(messages.id));
  const participants = await db.orm
    .select()
    .from(conversationParticipants)
    .where(inArray(conversationParticipants.conversationId, ids))
    .orderBy(asc(conversationParticipants.conversationId), asc(conversationParticipants.address));
  return {
    conversations: live.map(({ version: _, ...row }) => row).sort((a, b) => (a.id < b.id ? -1 : 1)),
    standing,
    participants,
  };
}

/** Whatever was done: what a conversation says of itself follows from its messages. */
async function expectSound(clientIds: readonly ClientId[]) {
  const rows = await db.orm
    .select()
    .from(conversations)
    .where(inArray(conversations.clientId, [...clientIds]));
  for (const row of rows) {
    const inside = await messagesOf(row.id);
    expect(row.messages).toBe(inside.length);
    expect(row.unread).toBeGreaterThanOrEqual(0);
    expect(row.unread).toBeLessThanOrEqual(inside.length);
    if (inside.length > 0) expect(row.lastMessageAt).toEqual(inside.at(-1)?.at);
    if (row.joinedIntoId !== null) expect(row).toMatchObject({ state: 'closed', waitingSince: null, messages: 0 });
    const firstWords = inside.filter(({ direction }) => direction === 'in')[0]?.at;
    if (row.waitingSince) expect(row.waitingSince.getTime()).toBeGreaterThanOrEqual(firstWords?.getTime() ?? 0);
    for (const { id } of inside) {
      const entry = await house.context.timeline.entryView(id as never);
      expect(entry).toMatchObject({ clientId: row.clientId, message: { conversationId: row.id } });
    }
  }
}

test('letters that are split off wait by themselves, and the undo puts everything back', async () => {
  const { ids, clientId } = await letters([null, 0, 0]);
  const [id] = ids as [ConversationId];
  const before = await pictureOf([clientId]);
  const [, second, third] = await messagesOf(id);
  const messageIds = [second?.id, third?.id] as string[];
  const { anna: user } = house;
  const split = await call('POST /api/v1/conversations/:id/split', { params: { id }, body: { messageIds }, user });
  expect(split).toMatchObject({
    state: 'waiting',
    subject: 'S1',
    messages: 2,
    unread: 2,
    waitingSince: second?.at.toISOString(),
    preview: 'Letter 2',
  });
  const { conversation, changes } = await call('GET /api/v1/conversations/:id', { params: { id }, user });
  expect(conversation).toMatchObject({ state: 'waiting', messages: 1, unread: 1, preview: 'Letter 0' });
  expect(changes).toMatchObject([{ kind: 'split', fromId: id, toId: split.id, messages: 2, user: { name: 'Anna' } }]);
  await expectSound([clientId]);

  const undone = await call('POST /api/v1/conversation-changes/:id/undo', {
    params: { id: changes[0]?.id ?? 0 },
    user,
  });
  expect(undone.id).toBe(id);
  expect(await pictureOf([clientId])).toEqual(before);
  // what was split off answers for nothing any more: whoever still has its id is led back
  expect((await call('GET /api/v1/conversations/:id', { params: { id: split.id }, user })).conversation.id).toBe(id);
});

test('an answered conversation that takes a waiting one in waits, and is answered again after the undo', async () => {
  const { ids, clientId } = await letters([null, null]);
  const [first, second] = ids as [ConversationId, ConversationId];
  const { anna: user } = house;
  await call('POST /api/v1/conversations/:id/close', { params: { id: first }, body: {}, user });
  const before = await pictureOf([clientId]);
  const joined = await call('POST /api/v1/conversations/:id/join', {
    params: { id: second },
    body: { intoId: first },
    user,
  });
  expect(joined).toMatchObject({ id: first, state: 'waiting', messages: 2, unread: 1 });
  // who has the second one on his list takes it off
  const pushes = house.pushedToCard.filter(({ clientId: card }) => card === clientId).map(({ push }) => push);
  expect(pushes).toContainEqual(
    expect.objectContaining({ type: 'conversation', joinedId: second, conversation: joined }),
  );
  const [change] = await changesOf(second);
  await call('POST /api/v1/conversation-changes/:id/undo', { params: { id: change?.id ?? 0 }, user });
  expect(await pictureOf([clientId])).toEqual(before);
  const again = call('POST /api/v1/conversation-changes/:id/undo', { params: { id: change?.id ?? 0 }, user });
  await expect(again).rejects.toMatchObject({ code: 'conflict' });
});

test('what came after the split stays where it came', async () => {
  const { ids, clientId, address } = await letters([null, 0]);
  const [id] = ids as [ConversationId];
  const [, second] = await messagesOf(id);
  const { anna: user } = house;
  const messageIds = [second?.id as string];
  const split = await call('POST /api/v1/conversations/:id/split', { params: { id }, body: { messageIds }, user });
  await room.receive(arrivals.letter(address, 'Later', { thread: { messageIds: [`<${person}.1@x>`] } }));
  const [change] = await changesOf(id);
  await call('POST /api/v1/conversation-changes/:id/undo', { params: { id: change?.id ?? 0 }, user });
  expect((await messagesOf(id)).map(({ text }) => text)).toEqual(['Letter 0', 'Letter 1']);
  expect((await messagesOf(split.id as ConversationId)).map(({ text }) => text)).toEqual(['Later']);
  await expectSound([clientId]);
});

test('a stranger who is let in takes part from then on, until that is taken back', async () => {
  const { ids, clientId, address } = await letters([null]);
  const [id] = ids as [ConversationId];
  const stranger = `stranger${person}@elsewhere.example`;
  const thread = { messageIds: [`<${person}.0@x>`] };
  await room.receive(arrivals.letter(stranger, 'And me?', { thread }));
  const [own] = await conversationsOf(stranger);
  const [asking] = await messagesOf(own?.id as ConversationId);
  const cards = [clientId, own?.clientId as ClientId];
  const before = await pictureOf(cards);
  const { anna: user } = house;
  const placed = await call('POST /api/v1/messages/:id/place', {
    params: { id: asking?.id as string },
    body: { join: true },
    user,
  });
  expect(placed).toMatchObject({ id, messages: 2 });
  await expectSound(cards);
  await room.receive(arrivals.letter(stranger, 'Thank you', { thread }));
  expect(await conversationsOf(address)).toMatchObject([{ messages: 3 }]);

  const [change] = await changesOf(own?.id as ConversationId);
  expect(change?.kind).toBe('placed');
  await call('POST /api/v1/conversation-changes/:id/undo', { params: { id: change?.id ?? 0 }, user });
  const after = await pictureOf(cards);
  const placedOf = (picture: typeof before) => picture.standing.find((row) => row.id === asking?.id);
  expect(placedOf(after)).toEqual(placedOf(before));
});

test('a stranger whom nobody lets in stays by himself, and is not asked about again', async () => {
  await letters([null]);
  const stranger = `stranger${person}@elsewhere.example`;
  await room.receive(arrivals.letter(stranger, 'And me?', { thread: { messageIds: [`<${person}.0@x>`] } }));
  const [own] = await conversationsOf(stranger);
  const [asking] = await messagesOf(own?.id as ConversationId);
  const { anna: user } = house;
  const params = { id: asking?.id as string };
  await call('POST /api/v1/messages/:id/place', { params, body: { join: false }, user });
  expect((await house.context.timeline.entryView(asking?.id as never)).message?.ask).toBeNull();
  const again = call('POST /api/v1/messages/:id/place', { params, body: { join: true }, user });
  await expect(again).rejects.toMatchObject({ code: 'conflict' });
});

test('only what belongs together is split and joined', async () => {
  const one = await letters([null, 0]);
  const other = await letters([null]);
  const { anna: user } = house;
  const [id, otherId] = [one.ids[0] as string, other.ids[0] as string];
  const all = (await messagesOf(one.ids[0] as ConversationId)).map((message) => message.id);
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      (error: AppError) => error.code,
    );
  const params = { id };
  expect(await codeOf(call('POST /api/v1/conversations/:id/split', { params, body: { messageIds: all }, user }))).toBe(
    'bad_request',
  );
  expect(await codeOf(call('POST /api/v1/conversations/:id/join', { params, body: { intoId: id }, user }))).toBe(
    'bad_request',
  );
  expect(await codeOf(call('POST /api/v1/conversations/:id/join', { params, body: { intoId: otherId }, user }))).toBe(
    'bad_request',
  );
  const foreign = [(await messagesOf(other.ids[0] as ConversationId))[0]?.id as string];
  expect(
    await codeOf(call('POST /api/v1/conversations/:id/split', { params, body: { messageIds: foreign }, user })),
  ).toBe('conflict');
});

/** A person's doing, by numbers: which conversation, which of its messages, where to. */
const step = fc.record({
  kind: fc.constantFrom('split', 'split_to_other', 'join', 'undo'),
  which: fc.nat(20),
  other: fc.nat(20),
  messages: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
});

test('whatever is done, no message is lost or doubled; taken back in the opposite order, all is as it was', async () => {
  const { anna: user } = house;
  const property = fc.asyncProperty(
    fc.array(fc.option(fc.nat(2), { freq: 1 }), { minLength: 2, maxLength: 5 }),
    fc.array(step, { maxLength: 6 }),
    async (shape, steps) => {
      const start = await letters(
        shape.map((answers, index) => (answers === null || answers >= index ? null : answers)),
      );
      const { id: otherCard } = await house.clients.create({ kind: 'person', name: 'Other' }, user);
      const cards = [start.clientId, otherCard];
      const done: { change: number; before: Awaited<ReturnType<typeof pictureOf>> }[] = [];
      const changed = async (work: () => Promise<unknown>) => {
        const before = await pictureOf(cards);
        const [last] = await db.orm
          .select({ id: conversationChanges.id })
          .from(conversationChanges)
          .orderBy(asc(conversationChanges.id))
          .then((rows) => rows.slice(-1));
        await work();
        const rows = await db.orm
          .select({ id: conversationChanges.id })
          .from(conversationChanges)
          .orderBy(asc(conversationChanges.id));
        const change = rows.at(-1);
        if (change && change.id !== last?.id) done.push({ change: change.id, before });
      };
      const undo = async (id: number) => call('POST /api/v1/conversation-changes/:id/undo', { params: { id }, user });
      for (const { kind, which, other, messages: chosen } of steps) {
        const rows = (await db.orm.select().from(conversations).where(inArray(conversations.clientId, cards))).filter(
          ({ joinedIntoId }) => joinedIntoId === null,
        );
        const row = rows[which % rows.length];
        const into = rows[other % rows.length];
        if (!row || !into) continue;
        const inside = await messagesOf(row.id);
        const messageIds = [...new Set(chosen.map((n) => inside[n % inside.length]?.id as MessageId))];
        const params = { id: row.id };
        const clientId =
          kind === 'split_to_other' ? { clientId: cards.find((card) => card !== row.clientId) as number } : {};
        const refused = (error: AppError) => expect(['bad_request', 'conflict']).toContain(error.code);
        if (kind === 'split' || kind === 'split_to_other')
          await changed(() =>
            call('POST /api/v1/conversations/:id/split', { params, body: { messageIds, ...clientId }, user }).catch(
              refused,
            ),
          );
        else if (kind === 'join')
          await changed(() =>
            call('POST /api/v1/conversations/:id/join', { params, body: { intoId: into.id }, user }).catch(refused),
          );
        else if (kind === 'undo') {
          const last = done.pop();
          if (!last) continue;
          await undo(last.change);
          expect(await pictureOf(cards)).toEqual(last.before);
        }
        await expectSound(cards);
        const total = await db.orm.$count(
          messages,
          inArray(
            messages.conversationId,
            db.orm.select({ id: conversations.id }).from(conversations).where(inArray(conversations.clientId, cards)),
          ),
        );
        expect(total).toBe(shape.length);
      }
      for (const { change, before } of done.reverse()) {
        await undo(change);
        expect(await pictureOf(cards)).toEqual(before);
      }
    },
  );
  await fc.assert(property, { numRuns: 25 });
});

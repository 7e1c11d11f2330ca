import { asc, eq, inArray } from 'drizzle-orm';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MessageArrived } from '../../../../channels/message-channel.ts';
import {
  clients,
  contactPoints,
  conversations,
  inboundEvents,
  journal,
  messages,
} from '../../../../db/schema/index.ts';
import type { ConversationId, MessageId } from '../../../../server/kernel/ids.ts';
import { createMessages } from '../../../../server/messages/index.ts';
import { arrivalsOf } from '../../../support/arrivals.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';

let db: TestDatabase;
let house: MessagesHouse;
let receive: (event: MessageArrived) => Promise<unknown>;
let arrivals: ReturnType<typeof arrivalsOf>;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  receive = createMessages(house.context).receive;
  arrivals = arrivalsOf(house);
});
afterAll(() => db.close());

let person = 0;
/** A number and an address that nobody has had yet. */
let number = '';
let address = '';
beforeEach(() => {
  person += 1;
  number = `+7916000${String(person).padStart(4, '0')}`;
  address = `p${person}@client.example`;
});

const conversationsOf = (peer: string) =>
  db.orm.select().from(conversations).where(eq(conversations.peer, peer)).orderBy(asc(conversations.openedAt));
const messagesOf = (id: ConversationId) => db.orm.select().from(messages).where(eq(messages.conversationId, id));

test('a message of somebody new becomes a card, a conversation that waits, an entry and lines of the journal', async () => {
  const event = arrivals.letter(`P${person}@Client.EXAMPLE`, 'Where is my parcel?', {
    subject: 'Parcel',
    from: { kind: 'email', value: `P${person}@Client.EXAMPLE`, displayName: 'Ivan Petrov' },
  });
  expect(await receive(event)).toEqual({ accepted: true });

  const [point] = await db.orm.select().from(contactPoints).where(eq(contactPoints.value, address));
  const [card] = await db.orm
    .select()
    .from(clients)
    .where(eq(clients.id, point?.clientId as never));
  expect(card).toMatchObject({ kind: 'unknown', name: 'Ivan Petrov', source: 'email' });
  const [conversation] = await conversationsOf(address);
  expect(conversation).toMatchObject({
    channel: 'email',
    clientId: card?.id,
    addressId: house.email.addressId,
    subject: 'Parcel',
    state: 'waiting',
    queueId: house.queueId,
    unread: 1,
    messages: 1,
    lastDirection: 'in',
    waitingSince: new Date(event.at),
    dueAt: new Date(event.at + 60 * 60_000),
    version: 2,
  });
  const [message] = await messagesOf(conversation?.id as ConversationId);
  const entry = await house.context.timeline.entryView(message?.id as never);
  expect(entry).toMatchObject({ clientId: card?.id, kind: 'email', direction: 'in', note: 'Where is my parcel?' });
  const lines = await db.orm
    .select()
    .from(journal)
    .where(eq(journal.clientId, card?.id as never))
    .orderBy(journal.seq);
  expect(lines.map(({ type }) => type)).toEqual(['message.received', 'conversation.opened', 'conversation.waiting']);
  expect(house.pushedToCard.filter(({ clientId }) => clientId === card?.id).map(({ push }) => push.type)).toEqual([
    'conversation',
    'timeline',
  ]);
});

test('the same event any number of times is one message', async () => {
  const event = arrivals.sms(number, 'Hello');
  const answers = await Promise.all([receive(event), receive(event), receive(event)]);
  expect(answers.filter((answer) => (answer as { accepted: boolean }).accepted)).toHaveLength(1);
  expect(await receive(event)).toEqual({ accepted: false, reason: 'duplicate' });
  const [conversation, ...others] = await conversationsOf(number);
  expect(others).toEqual([]);
  expect(await messagesOf(conversation?.id as ConversationId)).toHaveLength(1);
  expect(await db.orm.$count(inboundEvents, eq(inboundEvents.sourceId, event.sourceId))).toBe(1);
});

test('messages of one number stand in one conversation, which waits since the first of them', async () => {
  const first = arrivals.sms(number, 'One');
  await receive(first);
  house.clock.advance(60_000);
  await receive(arrivals.sms(`8${number.slice(2)}`, 'Two'));
  const found = await conversationsOf(number);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ unread: 2, messages: 2, waitingSince: new Date(first.at), version: 3 });
});

test('a file that came with a letter is kept with its name, and the letter as it was', async () => {
  const bytes = Buffer.from('%PDF');
  const file = {
    name: '../../etc/a\u202efdp.exe',
    type: 'Application/PDF; x=1',
    bytes,
    contentId: null,
    isInline: false,
  };
  await receive(arrivals.letter(address, 'See there', { attachments: [file], raw: Buffer.from('From: x') }));
  const [conversation] = await conversationsOf(address);
  const [message] = await messagesOf(conversation?.id as ConversationId);
  const entry = await house.context.timeline.entryView(message?.id as string as never);
  expect(entry.message?.attachments).toMatchObject([{ name: 'afdp.exe', type: 'application/pdf', bytes: 4 }]);
  expect(message?.rawSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('who answers a letter with an id of ours goes on in its conversation; a stranger with the same id is asked about', async () => {
  await receive(arrivals.letter(address, 'First', { subject: 'Parcel', providerId: `<${person}@x>` }));
  const [conversation] = await conversationsOf(address);
  const thread = { messageIds: [`<${person}@x>`] };
  await receive(arrivals.letter(address, 'Second', { thread }));
  expect(await conversationsOf(address)).toMatchObject([{ id: conversation?.id, messages: 2 }]);

  const stranger = `stranger${person}@elsewhere.example`;
  await receive(arrivals.letter(stranger, 'And me?', { thread }));
  expect(await conversationsOf(address)).toMatchObject([{ messages: 2 }]);
  const [own] = await conversationsOf(stranger);
  expect(own?.clientId).not.toBe(conversation?.clientId);
  const [asked] = await messagesOf(own?.id as ConversationId);
  expect(asked).toMatchObject({ askConversationId: conversation?.id, askBecause: 'new_sender' });
});

test('who was written to takes part', async () => {
  const participants = [
    { address, name: '', role: 'from' as const },
    { address: `Boss${person}@client.example`, name: 'Boss', role: 'cc' as const },
  ];
  await receive(arrivals.letter(address, 'First', { participants, providerId: `<${person}@x>` }));
  await receive(
    arrivals.letter(`boss${person}@CLIENT.example`, 'Second', { thread: { messageIds: [`<${person}@x>`] } }),
  );
  expect(await conversationsOf(address)).toMatchObject([{ messages: 2 }]);
  expect(await db.orm.$count(contactPoints, eq(contactPoints.value, `boss${person}@client.example`))).toBe(0);
});

test('what programs write waits for nobody', async () => {
  await receive(arrivals.letter(address, 'I am on holiday', { nature: 'auto_reply' }));
  expect(await conversationsOf(address)).toMatchObject([
    { state: 'closed', waitingSince: null, unread: 0, messages: 1 },
  ]);
});

test('what was written past the house stands on the timeline and answers', async () => {
  await receive(arrivals.letter(address, 'Question', { providerId: `<${person}@x>` }));
  house.clock.advance(1000);
  await receive(
    arrivals.letter(house.email.value, 'Answer', {
      direction: 'echo',
      participants: [{ address, name: '', role: 'to' }],
      thread: { messageIds: [`<${person}@x>`] },
    }),
  );
  const [conversation] = await conversationsOf(address);
  expect(conversation).toMatchObject({ state: 'answered', waitingSince: null, messages: 2, lastDirection: 'out' });
  const echo = (await messagesOf(conversation?.id as ConversationId)).find(({ direction }) => direction === 'out');
  expect(echo).toMatchObject({ origin: 'echo', fromAddress: house.email.value, to: [{ address }] });
  expect(await house.context.timeline.entryView(echo?.id as MessageId as never)).toMatchObject({ status: 'sent' });
});

test('a visitor without an address is known again by his earlier conversation', async () => {
  await receive(arrivals.chat(`v${person}`, 'Hello'));
  await receive(arrivals.chat(`v${person}`, 'Anybody?'));
  const [conversation] = await conversationsOf(`v${person}`);
  expect(conversation).toMatchObject({ messages: 2 });
  expect(
    (
      await db.orm
        .select()
        .from(clients)
        .where(eq(clients.id, conversation?.clientId as never))
    )[0],
  ).toMatchObject({
    kind: 'unknown',
    source: 'chat',
  });
});

test('simultaneous letters of one unknown writer make one card, whatever they belong to', async () => {
  await Promise.all([1, 2, 3, 4].map((n) => receive(arrivals.letter(address, `${n}`, { subject: `Matter ${n}` }))));
  const found = await conversationsOf(address);
  expect(found).toHaveLength(4);
  expect(new Set(found.map(({ clientId }) => clientId)).size).toBe(1);
});

/** A day of mail: who writes, what he answers (by its number), how often it is handed in. */
const mail = fc.record({
  writer: fc.nat(3),
  answers: fc.option(fc.nat(8)),
  copies: fc.integer({ min: 1, max: 2 }),
  cc: fc.option(fc.nat(3)),
});

test('random mails, handed in at once and again: each is stored once, nobody joins unasked, one card a writer', async () => {
  let run = 0;
  const property = fc.asyncProperty(fc.array(mail, { minLength: 1, maxLength: 8 }), async (mails) => {
    run += 1;
    const of = (writer: number) => `w${writer}.${person}.${run}@client.example`;
    const idOf = (n: number) => `<${n}.${person}.${run}@x>`;
    const events = mails.map(({ writer, answers, cc }, n) => {
      const from = { address: of(writer), name: '', role: 'from' as const };
      const copy = cc === null ? [] : [{ address: of(cc), name: '', role: 'cc' as const }];
      const thread = answers === null || answers >= n ? {} : { messageIds: [idOf(answers)] };
      return arrivals.letter(of(writer), `${n}`, { providerId: idOf(n), participants: [from, ...copy], thread });
    });
    await Promise.all(
      events.flatMap((event, n) => Array.from({ length: mails[n]?.copies ?? 1 }, () => receive(event))),
    );
    const stored = await db.orm
      .select()
      .from(messages)
      .innerJoin(conversations, eq(conversations.id, messages.conversationId))
      .where(
        inArray(
          messages.providerId,
          events.map((_, n) => idOf(n)),
        ),
      )
      .orderBy(asc(messages.id));
    expect(stored).toHaveLength(events.length);
    const cards = new Map<string, number>();
    for (const { messages: message, conversations: row } of stored) {
      // whoever stands in a conversation began it, or was written to in it before
      const inside = stored.filter((other) => other.conversations.id === row.id).map((other) => other.messages);
      const earlier = inside.filter((other) => other.id < message.id);
      const known = new Set(earlier.flatMap((other) => [other.fromAddress, ...other.cc.map((copy) => copy.address)]));
      if (earlier.length > 0) expect(known).toContain(message.fromAddress);
      else {
        expect(row.peer).toBe(message.fromAddress);
        expect(cards.get(row.peer) ?? row.clientId).toBe(row.clientId);
        cards.set(row.peer, row.clientId);
      }
    }
    expect(new Set(cards.values()).size).toBe(cards.size);
  });
  await fc.assert(property, { numRuns: 15 });
});

test('short messages at once from a number that nobody knows, however it is written, make one card and one conversation', async () => {
  for (let run = 0; run < 10; run++) {
    const unknown = `+7916999${String(person * 100 + run).padStart(4, '0')}`;
    const spellings = [unknown, unknown, `8${unknown.slice(2)}`];
    await Promise.all(spellings.map((spelling, index) => receive(arrivals.sms(spelling, `Text ${index}`))));
    const found = await conversationsOf(unknown);
    expect(found).toMatchObject([{ messages: 3, unread: 3, state: 'waiting' }]);
    expect(await db.orm.$count(contactPoints, eq(contactPoints.value, unknown))).toBe(1);
  }
});

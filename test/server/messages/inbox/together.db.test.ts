import { asc, eq, inArray } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database, Executor } from '../../../../db/client.ts';
import { contactPoints, conversations, messages } from '../../../../db/schema/index.ts';
import { createMessages } from '../../../../server/messages/index.ts';
import { arrivalsOf } from '../../../support/arrivals.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type MessagesHouse, openMessagesHouse } from '../../../support/messages-house.ts';

let db: TestDatabase;
let house: MessagesHouse;
let arrivals: ReturnType<typeof arrivalsOf>;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openMessagesHouse(db);
  arrivals = arrivalsOf(house);
});
afterAll(() => db.close());

/** The same database, and the names of all statements that went to it. */
function counted(): { db: Database; statements: string[] } {
  const statements: string[] = [];
  const watch = (executor: Executor): Executor => ({
    orm: executor.orm,
    run(statement) {
      statements.push(statement.name);
      return executor.run(statement);
    },
  });
  const transaction: Database['transaction'] = (work) => {
    statements.push('transaction');
    return db.transaction((tx) => work(watch(tx)));
  };
  return { db: { ...db, ...watch(db), transaction }, statements };
}

const conversationsOf = (peers: readonly string[]) =>
  db.orm
    .select()
    .from(conversations)
    .where(inArray(conversations.peer, [...peers]))
    .orderBy(asc(conversations.peer));

test('letters of many that come together cost what a few do', async () => {
  const { db: watched, statements } = counted();
  const pushes = { ...house.context.pushes, isCardWatched: () => false };
  const { receive } = createMessages({ ...house.context, db: watched, pushes });
  const people = Array.from({ length: 60 }, (_, index) => `many${String(index).padStart(2, '0')}@client.example`);
  const receipts = await Promise.all(people.map((person) => receive(arrivals.letter(person, `I am ${person}`))));

  expect(receipts).toEqual(people.map(() => ({ accepted: true })));
  expect(statements.filter((name) => name === 'messages_insert')).toHaveLength(1);
  expect(statements.length).toBeLessThan(30);
  const stored = await conversationsOf(people);
  expect(stored.map(({ peer, state, unread }) => ({ peer, state, unread }))).toEqual(
    people.map((peer) => ({ peer, state: 'waiting', unread: 1 })),
  );
  expect(new Set(stored.map(({ clientId }) => clientId)).size).toBe(people.length);
  for (const { id, peer, clientId } of stored) {
    const [point] = await db.orm.select().from(contactPoints).where(eq(contactPoints.value, peer));
    expect(point?.clientId).toBe(clientId);
    const [message] = await db.orm.select().from(messages).where(eq(messages.conversationId, id));
    expect(message).toMatchObject({ text: `I am ${peer}`, fromAddress: peer });
  }
});

test('one that cannot be stored as it is takes none of the others with it', async () => {
  const { receive } = createMessages(house.context);
  const people = ['bad1', 'bad2', 'bad3'].map((name) => `${name}@client.example`);
  const letters = people.map((person) => arrivals.letter(person, 'Hello', { raw: Buffer.from('From: x') }));
  Object.defineProperty(letters[1], 'facts', { enumerable: true, value: { unstorable: 1n } });
  expect(await Promise.all(letters.map(receive))).toEqual(people.map(() => ({ accepted: true })));
  const texts: (string | undefined)[] = [];
  for (const { id } of await conversationsOf(people)) {
    const [message] = await db.orm.select().from(messages).where(eq(messages.conversationId, id));
    texts.push(message?.text);
  }
  expect(texts).toEqual(['Hello', '', 'Hello']);
});

test('two who answer in one conversation at the same moment both stand in it', async () => {
  const { receive } = createMessages(house.context);
  const [ann, bob] = ['ann@firm.example', 'bob@firm.example'];
  await receive(
    arrivals.letter(ann, 'Our order?', {
      subject: 'Sofa',
      participants: [
        { address: ann, name: '', role: 'from' },
        { address: bob, name: '', role: 'cc' },
      ],
    }),
  );
  const answers = [ann, bob].map((person) =>
    // nothing but the subject says where they belong
    arrivals.letter(person, `${person} answers`, { subject: 'Re: Sofa', thread: { subject: 'sofa' } }),
  );
  expect(await Promise.all(answers.map(receive))).toEqual([{ accepted: true }, { accepted: true }]);
  const [conversation, ...others] = await conversationsOf([ann, bob]);
  expect(others).toEqual([]);
  expect(conversation).toMatchObject({ messages: 3, unread: 3 });
});

import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clients, interactions, users } from '../../../../db/schema/index.ts';
import type { SignedInUser } from '../../../../server/access/route.ts';
import {
  type ConversationId,
  type InteractionId,
  newId,
  type QueueId,
  type UserId,
} from '../../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { type House, openHouse } from './house.ts';

const minute = 60_000;
const hour = 60 * minute;

/** What a write stands for when nobody has it. */
const waiting = 'waiting' as const;

let db: TestDatabase;
let house: House;
let anna: SignedInUser;
let boris: SignedInUser;
let sales: QueueId;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

// every test has a company of its own, and its clock stands at noon in Moscow
beforeEach(async () => {
  for (const text of [
    'TRUNCATE users, queues, clients, channel_accounts, conversations, journal, outbox CASCADE',
    'UPDATE message_settings SET capacity = 12',
  ])
    await db.run({ name: text.slice(0, 8), text, values: [] });
  house = await openHouse(db);
  anna = await house.addUser('a', { from: '09:00', to: '18:00' });
  boris = await house.addUser('b', { from: '09:00', to: '21:00' });
  sales = await house.addQueue('sales', [anna.id, boris.id]);
  await house.start();
});

afterEach(() => house.close());

const write = async (change: Partial<Parameters<House['arrive']>[0]> = {}): Promise<ConversationId> =>
  house.arrive({ clientId: await house.addClient(), queueId: sales, ...change });

const eventsOf = (type: string, id: ConversationId) =>
  house.heard.filter((entry) => entry.type === type && entry.data?.['conversationId'] === id);

describe('who gets it', () => {
  test('somebody on shift, at once, with a sound', async () => {
    await house.comeIn(anna.id);
    const clientId = await house.addClient();
    const id = await house.arrive({ clientId, queueId: sales });
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    expect(house.told.at(-1)).toMatchObject({ id, formerOwnerId: null, alert: true });
    const event = house.heard.findLast(({ type }) => type === 'conversation.assigned');
    expect(event).toMatchObject({
      clientId,
      userId: anna.id,
      data: {
        conversationId: id,
        queueId: sales,
        because: 'round_robin',
        candidates: [
          [anna.id, 'round_robin'],
          [boris.id, 'not_ready'],
        ],
      },
    });
  });

  test('nobody signed in: it waits, and goes to who comes first', async () => {
    const id = await write();
    expect(await house.holder(id)).toEqual([waiting, 'nobody_free']);
    await house.comeIn(boris.id);
    expect(await house.holder(id)).toEqual([boris.id, 'round_robin']);
  });

  test('nobody on shift: it waits and says so', async () => {
    await house.advance(10 * hour);
    await house.comeIn(boris.id);
    const id = await write();
    expect(await house.holder(id)).toEqual([waiting, 'nobody_on_shift']);
    expect(eventsOf('conversation.unassigned', id).map(({ data }) => data?.['because'])).toEqual(['nobody_on_shift']);
    await house.advance(11 * hour);
    expect(await house.holder(id)).toEqual([boris.id, 'round_robin']);
  });

  test('each wait that nobody is on shift for is told, though the last one was the same', async () => {
    await house.advance(10 * hour);
    const id = await write();
    await house.closeConversation(id, anna.id);
    await house.again(id);
    expect(await house.holder(id)).toEqual([waiting, 'nobody_on_shift']);
    expect(eventsOf('conversation.unassigned', id)).toHaveLength(2);
    await house.advance(hour);
    expect(eventsOf('conversation.unassigned', id)).toHaveLength(2);
  });

  test('the responsible manager, though he serves another queue', async () => {
    const vera = await house.addUser('v', { from: '09:00', to: '18:00' });
    await house.applySetting();
    for (const { id } of [anna, vera]) await house.comeIn(id);
    const clientId = await house.addClient(vera.id);
    expect(await house.holder(await house.arrive({ clientId, queueId: sales }))).toEqual([vera.id, 'responsible']);
    expect(await house.holder(await write())).toEqual([anna.id, 'round_robin']);
  });

  test('a client gets another responsible manager while he waits', async () => {
    const clientId = await house.addClient();
    const id = await house.arrive({ clientId, queueId: sales });
    await db.orm.update(clients).set({ responsibleId: boris.id }).where(eq(clients.id, clientId));
    const change = { type: 'client.changed', clientId, data: { fields: ['responsibleId'] } };
    house.journal.published(await house.journal.append(db, [change]));
    await house.settle();
    await house.setStatus(anna.id, 'available');
    house.online.add(anna.id);
    await house.comeIn(boris.id);
    expect(await house.holder(id)).toEqual([boris.id, 'responsible']);
  });

  test('whoever had it before goes before the responsible manager', async () => {
    for (const { id } of [anna, boris]) await house.comeIn(id);
    const clientId = await house.addClient(boris.id);
    await house.setWork(boris.id, 'ringing');
    const id = await house.arrive({ clientId, queueId: sales });
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    await house.setWork(boris.id, null);
    await house.answer(id, anna.id);
    await house.again(id);
    expect(await house.holder(id)).toEqual([anna.id, 'same_agent']);
  });

  test('in turn, as long as everybody has as much', async () => {
    for (const { id } of [anna, boris]) await house.comeIn(id);
    const holders: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      await house.advance(1000);
      holders.push((await house.holder(await write()))[0]);
    }
    expect(holders).toEqual([anna.id, boris.id, anna.id, boris.id]);
  });

  test('a first answer of somebody else makes it his', async () => {
    await house.comeIn(anna.id);
    const id = await write();
    await house.answer(id, boris.id);
    expect(await house.read(id)).toMatchObject({
      state: 'answered',
      ownerId: boris.id,
      assignedBecause: 'wrote_first',
    });
    await house.comeIn(boris.id);
    await house.again(id);
    expect(await house.holder(id)).toEqual([boris.id, 'same_agent']);
  });
});

describe('calls and conversations', () => {
  test('while a call is offered nothing is given; while he talks, letters are and chats are not', async () => {
    await house.comeIn(anna.id);
    await house.setWork(anna.id, 'ringing');
    const letter = await write();
    const chat = await write({ channel: 'chat' });
    expect(await house.holder(letter)).toEqual([waiting, 'nobody_free']);
    await house.setWork(anna.id, 'on_call');
    expect(await house.holder(letter)).toEqual([anna.id, 'round_robin']);
    expect(await house.holder(chat)).toEqual([waiting, 'nobody_free']);
    await house.setWork(anna.id, null);
    expect(await house.holder(chat)).toEqual([anna.id, 'round_robin']);
  });

  test('conversations make nobody busy for calls', async () => {
    await house.comeIn(anna.id);
    house.roster.setPhone(anna.id, true);
    for (let n = 0; n < 12; n++) await write();
    expect(house.assignment.now().agents.get(anna.id)).toEqual({ conversations: 12, points: 12 });
    expect([...house.roster.free(sales)].map(({ id }) => id)).toEqual([anna.id]);
  });

  test('no phone is needed to write', async () => {
    await house.comeIn(anna.id);
    expect(house.roster.agent(anna.id)?.phone).toBe(false);
    expect(await house.holder(await write())).toEqual([anna.id, 'round_robin']);
  });

  /** A talk of so many seconds, over now, as calls store and tell it. */
  async function talk(clientId: Parameters<House['arrive']>[0]['clientId'], userId: UserId, seconds: number) {
    const interactionId = newId<InteractionId>();
    const endedAt = new Date(house.clock.now());
    const answeredAt = new Date(house.clock.now() - seconds * 1000);
    await db.orm.insert(interactions).values({
      id: interactionId,
      channel: 'call',
      direction: 'in',
      state: 'closed',
      clientId,
      userId,
      lineId: 1 as never,
      peerRaw: '',
      peer: '',
      arrivedAt: answeredAt,
      answeredAt,
      endedAt,
      nodeId: 'test',
    });
    const event = { type: 'interaction.ended', interactionId, clientId, userId, data: { talkMs: seconds * 1000 } };
    house.journal.published(await house.journal.append(db, [event]));
    await house.settle();
  }

  test('who was talked to waits no more, on any channel; what he writes during the talk is part of it', async () => {
    await house.comeIn(anna.id);
    const clientId = await house.addClient();
    const letter = await house.arrive({ clientId, queueId: sales });
    const other = await write();
    await house.advance(minute);
    await talk(clientId, anna.id, 30);
    expect(await house.read(letter)).toMatchObject({ state: 'answered', waitingSince: null });
    expect(eventsOf('conversation.answered', letter)).toMatchObject([{ userId: anna.id, data: { messageId: null } }]);
    expect((await house.read(other)).state).toBe('assigned');
  });

  test('a talk of some seconds answers nothing; one that is told twice answers once', async () => {
    await house.comeIn(anna.id);
    const clientId = await house.addClient();
    const id = await house.arrive({ clientId, queueId: sales });
    await talk(clientId, anna.id, 9);
    expect((await house.read(id)).state).toBe('assigned');
    await talk(clientId, anna.id, 10);
    await talk(clientId, anna.id, 10);
    expect(eventsOf('conversation.answered', id)).toHaveLength(1);
  });
});

describe('capacity', () => {
  test('the weight of the channel counts, and an answer makes room', async () => {
    await house.setCapacity(5);
    await house.comeIn(anna.id);
    const first = await write({ channel: 'chat' });
    const second = await write({ channel: 'sms' });
    const third = await write();
    expect(await house.holder(second)).toEqual([anna.id, 'round_robin']);
    expect(await house.holder(third)).toEqual([waiting, 'nobody_free']);
    await house.answer(first, anna.id);
    expect(await house.holder(third)).toEqual([anna.id, 'round_robin']);
    expect(house.assignment.now().agents.get(anna.id)).toEqual({ conversations: 2, points: 3 });
  });

  test('the room that a chat waits for is not filled up with later letters', async () => {
    await house.setCapacity(4);
    await house.comeIn(anna.id);
    const letters = [await write(), await write(), await write(), await write()] as const;
    const chat = await write({ channel: 'chat', dueInMs: 5 * minute });
    for (const id of letters.slice(0, 2)) {
      await house.answer(id, anna.id);
      await write();
      expect(await house.holder(chat)).toEqual([waiting, 'nobody_free']);
    }
    await house.answer(letters[2], anna.id);
    expect(await house.holder(chat)).toEqual([anna.id, 'round_robin']);
  });

  test('a chat that is closed while room is kept for it frees the room', async () => {
    await house.setCapacity(2);
    await house.comeIn(anna.id);
    await write();
    const chat = await write({ channel: 'chat' });
    const letter = await write();
    expect(await house.holder(letter)).toEqual([waiting, 'nobody_free']);
    await house.closeConversation(chat, anna.id);
    expect(await house.holder(letter)).toEqual([anna.id, 'round_robin']);
  });

  test('another capacity counts at once', async () => {
    await house.setCapacity(1);
    await house.comeIn(anna.id);
    await write();
    const id = await write();
    expect(await house.holder(id)).toEqual([waiting, 'nobody_free']);
    await house.setCapacity(2);
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
  });

  test('the least time left goes first', async () => {
    await house.setCapacity(1);
    const late = await write({ dueInMs: 3 * hour });
    const soon = await write({ dueInMs: hour });
    await house.comeIn(anna.id);
    expect(await house.holder(soon)).toEqual([anna.id, 'round_robin']);
    expect(await house.holder(late)).toEqual([waiting, 'nobody_free']);
  });
});

describe('who is gone loses what he has', () => {
  beforeEach(() => house.comeIn(anna.id));

  test('the end of his shift: others get it', async () => {
    const id = await write({ dueInMs: 20 * hour });
    await house.comeIn(boris.id);
    await house.advance(6 * hour);
    expect(await house.holder(id)).toEqual([boris.id, 'round_robin']);
    expect(eventsOf('conversation.unassigned', id).map(({ data }) => [data?.['because'], data?.['from']])).toEqual([
      ['shift_ended', anna.id],
    ]);
    expect(house.told.filter((news) => news.id === id && news.formerOwnerId === anna.id)).not.toEqual([]);
  });

  test('the end of the last shift: it waits for tomorrow, and goes to who had it', async () => {
    const id = await write();
    await house.advance(10 * hour);
    expect(await house.holder(id)).toEqual([waiting, 'nobody_on_shift']);
    await house.comeIn(boris.id);
    await house.advance(11 * hour);
    expect(await house.holder(id)).toEqual([anna.id, 'same_agent']);
  });

  test('not ready for a coffee keeps it, for a lunch does not', async () => {
    const id = await write();
    await house.setStatus(anna.id, 'not_ready');
    await house.advance(14 * minute);
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    await house.advance(2 * minute);
    expect(await house.holder(id)).toEqual([waiting, 'nobody_free']);
    await house.setStatus(anna.id, 'available');
    expect(await house.holder(id)).toEqual([anna.id, 'same_agent']);
  });

  test('a browser that is away for a moment keeps it, for five minutes does not', async () => {
    const id = await write();
    house.online.delete(anna.id);
    await house.advance(4 * minute);
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    house.online.add(anna.id);
    await house.advance(minute);
    house.online.delete(anna.id);
    await house.advance(4 * minute);
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    await house.advance(2 * minute);
    expect(await house.holder(id)).toEqual([waiting, 'nobody_free']);
    house.online.add(anna.id);
    house.assignment.connectionChanged();
    await house.settle();
    expect(await house.holder(id)).toEqual([anna.id, 'same_agent']);
  });

  test('who is disabled loses it at once', async () => {
    await house.comeIn(boris.id);
    const id = await write({ clientId: await house.addClient(anna.id) });
    expect(await house.holder(id)).toEqual([anna.id, 'responsible']);
    await db.orm.update(users).set({ disabledAt: new Date() }).where(eq(users.id, anna.id));
    await house.applySetting();
    expect(await house.holder(id)).toEqual([boris.id, 'round_robin']);
  });

  test('a restart forgets nothing, and gives people the time to come back', async () => {
    const id = await write();
    const loose = await write({ channel: 'chat', dueInMs: minute });
    house.online.clear();
    await house.restart();
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    await house.advance(4 * minute);
    house.online.add(anna.id);
    await house.advance(4 * minute);
    expect(await house.holder(id)).toEqual([anna.id, 'round_robin']);
    expect(await house.holder(loose)).toEqual([anna.id, 'round_robin']);
  });
});

describe('what is overdue', () => {
  test('is noted once, to the second', async () => {
    const id = await write({ dueInMs: 10 * minute });
    await house.advance(10 * minute - 1);
    expect(eventsOf('conversation.overdue', id)).toEqual([]);
    await house.advance(1);
    expect(eventsOf('conversation.overdue', id)).toHaveLength(1);
    await house.restart();
    await house.advance(2 * hour);
    expect(eventsOf('conversation.overdue', id)).toHaveLength(1);
  });

  test('each wait for itself', async () => {
    await house.comeIn(anna.id);
    const id = await write({ dueInMs: minute });
    await house.advance(2 * minute);
    await house.answer(id, anna.id);
    await house.again(id, minute);
    await house.advance(2 * minute);
    expect(eventsOf('conversation.overdue', id)).toHaveLength(2);
  });

  test('an answer in time is never overdue', async () => {
    await house.comeIn(anna.id);
    const id = await write({ dueInMs: 10 * minute });
    await house.advance(9 * minute);
    await house.answer(id, anna.id);
    await house.advance(hour);
    expect(eventsOf('conversation.overdue', id)).toEqual([]);
  });

  test('fell due while the house was down: noted when it starts', async () => {
    const id = await write({ dueInMs: minute });
    await house.close();
    house.clock.advance(hour);
    expect(eventsOf('conversation.overdue', id)).toEqual([]);
    await house.restart();
    await house.advance(1);
    expect(eventsOf('conversation.overdue', id)).toHaveLength(1);
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { messageSettings } from '../../db/schema/index.ts';
import type { ApiClient, PushFeed } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import type { ConversationView, MessageInput } from '../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { type OutsideWorld, openVisitor, outsideWorld } from '../support/outside-world.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Nobody sleeps, and what is written leaves at once unless a test says otherwise. */
async function prepare(db: Database): Promise<void> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
}

interface Person extends ApiClient {
  readonly feed: PushFeed;
}

describe('messages through the whole house', () => {
  let server: TestServer;
  let olga: ApiClient;
  let outside: OutsideWorld;

  beforeAll(async () => {
    server = await startTestServer({ prepare });
    olga = await server.signIn('olga');
    outside = outsideWorld(olga);
  });
  afterAll(() => server?.close());

  async function atWork(login: string): Promise<Person> {
    const client = await server.signIn(login);
    const feed = await client.openFeed();
    await client.call('PUT /api/v1/presence', { body: { status: 'available' } });
    return { ...client, feed };
  }
  async function goHome(...people: readonly (Person | undefined)[]): Promise<void> {
    for (const person of people) {
      await person?.call('PUT /api/v1/presence', { body: { status: 'not_ready', reason: 'break' } });
      person?.feed.close();
    }
  }

  let numbers = 0;
  const newNumber = (): string => `+79165550${String(++numbers).padStart(2, '0')}9`;

  async function makeClient(name: string, responsible?: ApiClient) {
    const number = newNumber();
    const email = `client${numbers}@outside.example`;
    const contactPoints = [
      { kind: 'phone' as const, value: number },
      { kind: 'email' as const, value: email },
    ];
    const card = await olga.call('POST /api/v1/clients', {
      body: { name, contactPoints, ...(responsible ? { responsibleId: responsible.me.id } : {}) },
    });
    return { id: card.id, number, email };
  }

  const conversationsOf = async (clientId: number): Promise<ConversationView[]> =>
    (await olga.call('GET /api/v1/clients/:id/conversations', { params: { id: clientId } })).items;
  const entryWith = (clientId: number, text: string): Promise<TimelineEntry> =>
    until(
      async () => (await olga.timelineOf(clientId)).find(({ message }) => message?.text.includes(text)),
      10_000,
      `"${text}" on the timeline of client ${clientId}`,
    );
  /** The card of whoever has this address. */
  const cardsWith = async (text: string) =>
    (await olga.call('GET /api/v1/clients', { querystring: { q: text, limit: 10 } })).items;

  const answerTo = (conversation: ConversationView, text: string, answersId?: string): MessageInput => ({
    clientId: conversation.client.id,
    channel: conversation.channel,
    conversationId: conversation.id,
    ...(answersId === undefined ? {} : { answersId }),
    mode: 'reply',
    to: [],
    cc: [],
    subject: '',
    text,
    attachmentIds: [],
    purpose: 'service',
  });
  const write = (person: ApiClient, message: MessageInput, key: string = randomUUID()) =>
    person.call('POST /api/v1/messages', { body: { key, message } });

  describe('with Anna signed in', () => {
    let anna: Person;

    beforeAll(async () => {
      anna = await atWork('anna');
    });
    afterAll(() => goHome(anna));

    /** The conversation of this client that she was given, with a sound. */
    const given = async (clientId: number): Promise<ConversationView> =>
      (
        await anna.feed.waitFor(
          'conversation',
          ({ conversation, alert }) =>
            alert && conversation.client.id === clientId && conversation.owner?.id === anna.me.id,
        )
      ).conversation;
    const delivered = (clientId: number, text: string, states: readonly string[]) =>
      anna.feed.waitFor(
        'timeline',
        ({ entry }) =>
          entry.clientId === clientId &&
          entry.message?.text.includes(text) === true &&
          states.includes(entry.message.delivery?.state ?? ''),
      );

    it('takes an SMS of a known client to his card, gives it to her, and carries her answer to his phone', async () => {
      const client = await makeClient('Смс Известный', anna);
      await anna.feed.watchCard(client.id);
      await outside.sms(client.number, 'Здравствуйте, где мой заказ?');
      const conversation = await given(client.id);
      expect(conversation).toMatchObject({
        channel: 'sms',
        state: 'assigned',
        assignedBecause: 'responsible',
        unread: 1,
      });
      expect(await entryWith(client.id, 'где мой заказ')).toMatchObject({ kind: 'sms', direction: 'in' });
      const { entry } = await write(anna, answerTo(conversation, 'Завтра в 10:00.'));
      expect(entry).toMatchObject({ kind: 'sms', direction: 'out', user: { id: anna.me.id } });
      const received = await outside.arrived('sms', client.number, 'Завтра в 10:00.');
      expect(received.peer).toBe('+74950000001');
      await delivered(client.id, 'Завтра в 10:00.', ['delivered']);
      expect((await conversationsOf(client.id)).map(({ state }) => state)).toEqual(['answered']);
    });

    it('makes one card for a stranger, however often he writes', async () => {
      const number = newNumber();
      const id = randomUUID();
      await outside.sms(number, 'Первое от незнакомца', { id });
      await outside.sms(number, 'Первое от незнакомца', { id });
      await outside.sms(number, 'Второе от незнакомца');
      const cards = await cardsWith(number);
      expect(cards).toHaveLength(1);
      const clientId = cards[0]?.id ?? 0;
      await entryWith(clientId, 'Второе');
      const texts = (await olga.timelineOf(clientId)).map(({ message }) => message?.text);
      expect(texts.toSorted()).toEqual(['Второе от незнакомца', 'Первое от незнакомца']);
      expect(await conversationsOf(clientId)).toHaveLength(1);
    });

    it('carries a mail there and back in one conversation', async () => {
      const client = await makeClient('Письма Известная', anna);
      await outside.mail(client.email, 'Пришлите, пожалуйста, счёт.', { name: 'Известная', subject: 'Счёт' });
      const conversation = await given(client.id);
      expect(conversation).toMatchObject({ channel: 'email', subject: 'Счёт', peer: client.email });
      const question = await entryWith(client.id, 'счёт');
      await anna.feed.watchCard(client.id);
      await write(anna, answerTo(conversation, 'Счёт будет через час.', question.id));
      const received = await outside.arrived('email', client.email, 'Счёт будет через час.');
      expect(received.subject).toBe('Re: Счёт');
      await delivered(client.id, 'Счёт будет через час.', ['accepted', 'sent', 'delivered']);
      await outside.mail(client.email, 'Получила, спасибо!', { answersId: received.id });
      const entry = await entryWith(client.id, 'Получила');
      // new words only: what he quoted of us is folded
      expect(entry.message?.text).toBe('Получила, спасибо!');
      expect(entry.message?.conversationId).toBe(conversation.id);
      expect(await conversationsOf(client.id)).toMatchObject([{ id: conversation.id, messages: 3 }]);
    });

    it('carries a chat to her and her answer to the visitor', async () => {
      const visitor = await openVisitor(server.url, olga);
      await visitor.say('Есть ли доставка в Тверь?');
      const { conversation } = await anna.feed.waitFor(
        'conversation',
        (push) => push.conversation.channel === 'chat' && push.conversation.owner?.id === anna.me.id,
      );
      const clientId = conversation.client.id;
      await anna.feed.watchCard(clientId);
      await write(anna, answerTo(conversation, 'Да, за два дня.'));
      const lines = await until(
        async () => (await visitor.lines()).find(({ by, text }) => by === 'house' && text === 'Да, за два дня.'),
        10_000,
        'the answer in the chat',
      );
      expect(lines.by).toBe('house');
      await delivered(clientId, 'Да, за два дня.', ['delivered']);
    });
  });
});

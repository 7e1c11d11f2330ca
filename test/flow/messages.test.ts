import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { messageSettings, queues, workSchedules } from '../../db/schema/index.ts';
import type { ApiClient, PushFeed } from '../../demo/actors/api-client.ts';
import { openTestPhone } from '../../demo/actors/sip-agent.ts';
import { until } from '../../demo/actors/within.ts';
import type { ConversationView, MessageInput } from '../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { type OutsideWorld, openVisitor, outsideWorld } from '../support/outside-world.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';

/** Nobody sleeps, and what is written leaves at once unless a test says otherwise. */
async function prepare(db: Database): Promise<void> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
}

/** Opening hours of which none is now. */
function closedNow() {
  const day = (new Date().getUTCDay() + 3) % 7 || 7;
  return { timeZone: 'UTC', weekly: { [day]: [{ from: '03:00', to: '03:10' }] }, exceptions: [] };
}

interface Person extends ApiClient {
  readonly feed: PushFeed;
}

describe('messages through the whole house', () => {
  let server: TestServer;
  let admin: ApiClient;
  let olga: ApiClient;
  let outside: OutsideWorld;

  beforeAll(async () => {
    server = await startTestServer({ prepare });
    admin = await server.signIn('admin');
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
  /** The conversation of a client who wrote, when it is there and as wanted. */
  const conversationOf = (clientId: number, fits: (view: ConversationView) => boolean = () => true) =>
    until(async () => (await conversationsOf(clientId)).find(fits), 10_000, `a conversation of client ${clientId}`);
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

  /** A first message to a client, by SMS. */
  const letterTo = (clientId: number, text: string): MessageInput => ({
    clientId,
    channel: 'sms',
    mode: 'new',
    to: [],
    cc: [],
    subject: '',
    text,
    attachmentIds: [],
    purpose: 'service',
  });
  async function setUndoSeconds(undoSeconds: number): Promise<void> {
    const { version } = await admin.call('GET /api/v1/setup/message-settings');
    await admin.call('PATCH /api/v1/setup/message-settings', { body: { version, undoSeconds } });
  }

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

    it('makes one message of a request that comes twice', async () => {
      const client = await makeClient('Дважды Нажал', anna);
      await outside.sms(client.number, 'Вы работаете?');
      const message = answerTo(await given(client.id), 'Да, до восьми.');
      const key = randomUUID();
      const [first, second] = await Promise.all([write(anna, message, key), write(anna, message, key)]);
      expect(second.entry.id).toBe(first.entry.id);
      expect((await write(anna, message, key)).entry.id).toBe(first.entry.id);
      await outside.arrived('sms', client.number, 'Да, до восьми.');
      await write(anna, answerTo(first.conversation, 'Ждём вас.'));
      await outside.arrived('sms', client.number, 'Ждём вас.');
      const texts = (await outside.inbox('sms', client.number)).map(({ text }) => text);
      expect(texts).toEqual(['Да, до восьми.', 'Ждём вас.']);
    });

    it('never sends what was undone in time, and cannot take back what has left', async () => {
      const client = await makeClient('Передумала Анна', anna);
      await outside.sms(client.number, 'Сколько стоит?');
      const conversation = await given(client.id);
      await setUndoSeconds(2);
      const undone = await write(anna, answerTo(conversation, 'Миллион.'));
      expect(undone.entry.message?.delivery).toMatchObject({ state: 'held', heldUntil: expect.any(String) });
      const written = await anna.call('POST /api/v1/messages/:id/undo', { params: { id: undone.entry.id } });
      expect(written).toMatchObject({ text: 'Миллион.', conversationId: conversation.id });
      // he waits again, and for her
      expect(await conversationOf(client.id)).toMatchObject({ state: 'assigned', owner: { id: anna.me.id } });
      const sent = await write(anna, answerTo(conversation, 'Сто рублей.'));
      await outside.arrived('sms', client.number, 'Сто рублей.');
      await setUndoSeconds(0);
      expect((await outside.inbox('sms', client.number)).map(({ text }) => text)).toEqual(['Сто рублей.']);
      const late = anna.call('POST /api/v1/messages/:id/undo', { params: { id: sent.entry.id } });
      await expect(late).rejects.toMatchObject({ status: 409, code: 'illegal_transition' });
    });

    it('writes no more to who said STOP, with his own word as the proof, until he says START', async () => {
      const client = await makeClient('Отказался Совсем', anna);
      await outside.sms(client.number, 'стоп');
      await outside.arrived('sms', client.number, 'Больше не будем вам писать');
      const consents = () => anna.call('GET /api/v1/clients/:id/consents', { params: { id: client.id } });
      const entry = await entryWith(client.id, 'стоп');
      const { items } = await consents();
      expect(items).toMatchObject([
        { value: client.number, channel: 'sms', state: 'refused', source: 'keyword', messageId: entry.id },
      ]);
      expect(items[0]?.evidence).toContain('стоп');
      const message = { ...letterTo(client.id, 'Скидки!'), purpose: 'service' as const };
      const gate = await anna.call('POST /api/v1/messages/check', { body: message });
      expect(gate.allowed).toBe(false);
      expect(gate.lines).toMatchObject([{ reason: 'refused', effect: 'blocks', facts: { address: client.number } }]);
      await expect(write(anna, message)).rejects.toMatchObject({ status: 409, code: 'conflict' });
      // nobody owes an answer to that
      expect((await conversationsOf(client.id)).map(({ waitingSince }) => waitingSince)).toEqual([null]);
      await outside.sms(client.number, 'СТАРТ');
      await until(async () => (await consents()).items[0]?.state === 'given', 5_000, 'the consent');
      expect((await anna.call('POST /api/v1/messages/check', { body: message })).allowed).toBe(true);
      expect((await outside.inbox('sms', client.number)).every(({ text }) => !text.includes('Скидки'))).toBe(true);
    });

    it('lets nobody take what a colleague has; the supervisor gives it to another one', async () => {
      const boris = await atWork('boris');
      try {
        const client = await makeClient('Передаваемый', anna);
        await outside.sms(client.number, 'Кто мне ответит?');
        const { id } = await given(client.id);
        const taken = boris.call('POST /api/v1/conversations/:id/take', { params: { id } });
        await expect(taken).rejects.toMatchObject({ status: 403, code: 'forbidden' });
        const params = { id };
        const view = await olga.call('POST /api/v1/conversations/:id/assign', {
          params,
          body: { userId: boris.me.id },
        });
        expect(view).toMatchObject({ owner: { id: boris.me.id }, assignedBecause: 'by_supervisor' });
        await boris.feed.waitFor('conversation', ({ conversation, alert }) => alert && conversation.id === id);
        await anna.feed.waitFor(
          'conversation',
          ({ conversation: { id: its, owner } }) => its === id && owner?.id === boris.me.id,
        );
        await boris.call('POST /api/v1/conversations/:id/assign', { params, body: { userId: null } });
        await conversationOf(client.id, ({ owner, state }) => state === 'assigned' && owner?.id === anna.me.id);
      } finally {
        await goHome(boris);
      }
    });

    it('closes a missed call in the ledger with the answer to an SMS', async () => {
      const client = await makeClient('Звонил Писал', anna);
      const phone = await openTestPhone({ serverPort: server.sipPort, tone: 470 });
      try {
        const call = await phone.call(line, { number: client.number });
        await call.answered();
        call.hangUp();
        await call.ended;
      } finally {
        await phone.close();
      }
      const owed = async () => (await olga.call('GET /api/v1/clients/:id/owed', { params: { id: client.id } })).items;
      await until(
        async () => (await owed()).some(({ closed, kind }) => !closed && kind === 'missed'),
        10_000,
        'the row',
      );
      await outside.sms(client.number, 'Не дозвонился. Напишите, пожалуйста.');
      const conversation = await given(client.id);
      expect((await owed()).filter(({ closed }) => !closed)).toHaveLength(1);
      await write(anna, answerTo(conversation, 'Слушаем вас!'));
      const [row] = await until(
        async () => {
          const rows = await owed();
          return rows.every(({ closed }) => closed) && rows;
        },
        5_000,
        'the end of the debt',
      );
      expect(row).toMatchObject({ closed: { because: 'written' } });
    });
  });

  describe('with nobody signed in', () => {
    it('keeps what came for whoever signs in first', async () => {
      const client = await makeClient('Утренний Гость');
      await outside.mail(client.email, 'Хочу купить.', { subject: 'Покупка' });
      await conversationOf(client.id);
      const anna = await atWork('anna');
      try {
        await anna.feed.waitFor('conversation', ({ conversation }) => conversation.client.id === client.id);
      } finally {
        await goHome(anna);
      }
    });
  });

  describe('out of hours', () => {
    beforeAll(async () => {
      await admin.call('POST /api/v1/setup/inbound-rules', {
        body: {
          name: 'Ночью',
          enabled: true,
          match: 'out_of_hours',
          action: 'reply',
          text: '{{client.firstName}}, мы ответим утром.',
        },
      });
      await server.db.orm.update(queues).set({ hours: closedNow() });
      await server.db.orm.update(workSchedules).set({ weekly: {} });
      await server.restart();
    });

    it('keeps a message, owes an answer, and says so by rule', async () => {
      const client = await makeClient('Ночной Гость');
      await outside.sms(client.number, 'Вы ещё открыты?');
      expect((await outside.arrived('sms', client.number, 'мы ответим утром')).text).toMatch(
        /^\S+, мы ответим утром\.$/,
      );
      const conversation = await conversationOf(client.id);
      // an automatic answer is none: he still waits
      expect(conversation).toMatchObject({ state: 'waiting', owner: null });
      expect(conversation.waitingSince).not.toBeNull();
      const { items } = await olga.call('GET /api/v1/owed', { querystring: { scope: 'all', limit: 200 } });
      expect(items.find((row) => row.client.id === client.id)).toMatchObject({
        kind: 'message',
        channels: ['sms'],
        conversationIds: [conversation.id],
      });
      await outside.sms(client.number, 'Алло?');
      await entryWith(client.id, 'Алло?');
      // once a day is enough
      expect(await outside.inbox('sms', client.number)).toHaveLength(1);
    });
  });
});

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMail } from '../../channels/email/index.ts';
import type { Database } from '../../db/client.ts';
import { inboundEvents, messageSettings, messages } from '../../db/schema/index.ts';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import type { MessageInput } from '../../server/contract/messages-schemas.ts';
import { type ScriptedMailbox, startScriptedMailbox } from '../channels/email/imap/scripted-mailbox.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Smsc, startSmsc } from '../support/smsc.ts';
import { startTwilioPeer, type TwilioPeer, twilioAccount } from '../support/twilio-peer.ts';

/** Nobody sleeps, and nothing waits to be undone. */
async function prepare(db: Database): Promise<void> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
}

describe('accounts of providers in the running server', () => {
  let server: TestServer;
  let admin: ApiClient;
  let queueId: number;

  beforeAll(async () => {
    server = await startTestServer({ prepare });
    admin = await server.signIn('admin');
    queueId = (await admin.call('GET /api/v1/setup/queues')).items[0]?.id ?? 0;
  });
  afterAll(() => server?.close());

  type NewAccount = Parameters<typeof admin.call<'POST /api/v1/setup/channel-accounts'>>[1];
  type AccountBody = NonNullable<NewAccount>['body'];

  /** Set up by an administrator while the server runs; up when it resolves. */
  async function addAccount(body: Omit<AccountBody, 'addresses'>, value: string) {
    const address = { value, name: 'Магазин', queueId, isDefault: false };
    const account = await admin.call('POST /api/v1/setup/channel-accounts', {
      body: { ...body, addresses: [address] },
    });
    const params = { id: account.id };
    const trial = await admin.call('POST /api/v1/setup/channel-accounts/:id/test', { params });
    expect(trial).toEqual({ ok: true, state: 'up', problem: '' });
    return { id: account.id, addressId: account.addresses[0]?.id ?? 0, webhookUrl: account.webhookUrl };
  }

  let numbers = 0;
  const newNumber = (): string => `+79175551${String(++numbers).padStart(2, '0')}9`;

  async function makeClient(number: string, email = `${randomUUID()}@outside.example`): Promise<number> {
    const contactPoints = [
      { kind: 'phone' as const, value: number },
      { kind: 'email' as const, value: email },
    ];
    const card = await admin.call('POST /api/v1/clients', { body: { name: `Клиент ${number}`, contactPoints } });
    return card.id;
  }

  async function write(clientId: number, addressId: number, text: string, more: Partial<MessageInput> = {}) {
    const message: MessageInput = {
      clientId,
      channel: 'sms',
      addressId,
      mode: 'new',
      to: [],
      cc: [],
      subject: '',
      text,
      attachmentIds: [],
      purpose: 'service',
      ...more,
    };
    const { entry } = await admin.call('POST /api/v1/messages', {
      body: { key: randomUUID(), message, despiteWarnings: true },
    });
    return entry.id;
  }
  const stateOf = async (id: string): Promise<string> =>
    (await admin.call('GET /api/v1/messages/:id', { params: { id } })).delivery?.state ?? '';
  const inState = (id: string, state: string) =>
    until(async () => (await stateOf(id)) === state, 30_000, `${state} of message ${id}`);
  const textsOf = async (clientId: number): Promise<(string | undefined)[]> =>
    (await admin.timelineOf(clientId)).map(({ message }) => message?.text).toReversed();

  describe('SMPP', () => {
    let smsc: Smsc;
    let account: { id: number; addressId: number };

    beforeAll(async () => {
      smsc = await startSmsc({ receiptTwice: true, ids: 'hex_then_decimal' });
      const settings = { host: '127.0.0.1', port: smsc.port, perSecond: 200, window: 10 };
      const secrets = { systemId: 'esme', password: 'secret' };
      account = await addAccount({ kind: 'smpp', name: 'SMSC', settings, secrets }, '+74950000888');
    });
    afterAll(() => smsc?.stop());

    it('sends, and receipts that come twice and before the answer say what became of it', async () => {
      smsc.config.receiptFirst = true;
      const number = newNumber();
      const clientId = await makeClient(number);
      const id = await write(clientId, account.addressId, 'Ваш заказ готов, приходите до восьми вечера. '.repeat(3));
      await inState(id, 'delivered');
      smsc.config.receiptFirst = false;
      expect(smsc.wholes.filter(({ to }) => `+${to}` === number)).toHaveLength(1);
      const { delivery } = await admin.call('GET /api/v1/messages/:id', { params: { id } });
      expect(delivery).toMatchObject({ segments: { total: 3, delivered: 3 }, attempts: 1 });
    });

    it('tells that a number is unreachable, and that a sending was slowed down is no failure', async () => {
      const clientId = await makeClient('+79175550001');
      const failed = await write(clientId, account.addressId, 'Не дойдёт');
      await inState(failed, 'failed');
      smsc.config.throttled = [1, 2, 3, 4, 5, 6, 7, 8];
      const throttled = await write(await makeClient(newNumber()), account.addressId, 'После паузы');
      await inState(throttled, 'delivered');
      smsc.config.throttled = [];
      expect(smsc.submitted.filter(({ text }) => text === 'После паузы')).toHaveLength(1);
    });

    it('loses nothing and doubles nothing when the SMSC restarts in the middle', async () => {
      const clients = await Promise.all(
        Array.from({ length: 40 }, async () => {
          const number = newNumber();
          return { id: await makeClient(number), number };
        }),
      );
      smsc.config.cutAfter = 15;
      const ids = await Promise.all(
        clients.map(({ id }, index) => write(id, account.addressId, `Перезапуск ${index}`)),
      );
      await until(() => smsc.config.cutAfter === 0, 20_000, 'the cut');
      await smsc.stop();
      for (const [index, { number }] of clients.entries())
        smsc.write({ from: number, to: '+74950000888', text: `Ответ ${index}` });
      await smsc.start();
      for (const id of ids)
        await until(async () => ['delivered', 'unconfirmed'].includes(await stateOf(id)), 60_000, `an end of ${id}`);
      const texts = smsc.submitted.map(({ text }) => text).filter((text) => text.startsWith('Перезапуск'));
      expect(new Set(texts).size).toBe(texts.length);
      const doubtful = (await Promise.all(ids.map(stateOf))).filter((state) => state === 'unconfirmed');
      // whatever was not taken is in doubt, nothing is forgotten
      expect(texts.length + doubtful.length).toBeGreaterThanOrEqual(ids.length);
      for (const [index, { id }] of clients.entries())
        await until(
          async () => (await textsOf(id)).filter((text) => text === `Ответ ${index}`).length === 1,
          20_000,
          `answer ${index} once`,
        );
    });
  });

  describe('Twilio', () => {
    let peer: TwilioPeer;
    let account: { id: number; addressId: number };
    /** Address of a webhook, as it stands in the account's settings at Twilio. */
    let doorOf: (name: string) => string;

    beforeAll(async () => {
      peer = await startTwilioPeer();
      const settings = { accountSid: twilioAccount.accountSid, apiBase: peer.base };
      const secrets = { authToken: twilioAccount.authToken };
      const made = await addAccount({ kind: 'twilio', name: 'Twilio', settings, secrets }, twilioAccount.number);
      account = made;
      doorOf = (name) => `${made.webhookUrl.replace(/\/$/, '')}/${name}`;
    });
    afterAll(() => peer?.close());

    it.each(['twice', 'backwards'] as const)('knows what became of a message when callbacks come %s', async (order) => {
      peer.config.callbacks = order;
      const id = await write(await makeClient(newNumber()), account.addressId, `Порядок ${order}`);
      await inState(id, 'delivered');
      expect(await peer.callbacksDone()).not.toContain(403);
      expect(await stateOf(id)).toBe('delivered');
      expect(peer.messages.filter(({ body }) => body === `Порядок ${order}`)).toHaveLength(1);
      peer.config.callbacks = 'in_order';
    });

    it('waits when it is told to (429), and repeats nothing that was taken (a lost answer)', async () => {
      peer.fail('429', '429');
      const slowed = await write(await makeClient(newNumber()), account.addressId, 'Не сразу');
      await inState(slowed, 'delivered');
      peer.fail('accept_then_502');
      const lost = await write(await makeClient(newNumber()), account.addressId, 'Ответ потерян');
      await inState(lost, 'delivered');
      for (const text of ['Не сразу', 'Ответ потерян'])
        expect(peer.messages.filter(({ body }) => body === text)).toHaveLength(1);
    });

    it('stores what is signed, once, and nothing that is not', async () => {
      const before = await countStored();
      const From = newNumber();
      const form = { From, To: twilioAccount.number, Body: 'Подделка' };
      const forged = await peer.write(doorOf('sms'), form, { badSignature: true });
      expect(forged.status).toBe(403);
      expect(await countStored()).toEqual(before);
      expect((await peer.write(doorOf('sms'), { ...form, Body: 'Настоящее' })).status).toBe(200);
      expect((await peer.repeat()).status).toBe(200);
      const { items } = await admin.call('GET /api/v1/clients', { querystring: { q: From, limit: 10 } });
      expect(items).toHaveLength(1);
      expect(await textsOf(items[0]?.id ?? 0)).toEqual(['Настоящее']);
    });

    async function countStored() {
      const { orm } = server.db;
      return { events: await orm.$count(inboundEvents), messages: await orm.$count(messages) };
    }
  });

  describe('a mailbox', () => {
    let imap: ScriptedMailbox;
    let smtp: SMTPServer;
    let account: { id: number; addressId: number };
    const sent: Buffer[] = [];
    let uid = 0;

    beforeAll(async () => {
      imap = await startScriptedMailbox();
      smtp = new SMTPServer({
        disabledCommands: ['AUTH', 'STARTTLS'],
        logger: false,
        onData(stream, _session, done) {
          void buffer(stream).then((raw) => {
            sent.push(raw);
            done();
          });
        },
      });
      smtp.listen(0, '127.0.0.1');
      await once(smtp.server, 'listening');
      const { port } = smtp.server.address() as AddressInfo;
      const common = { host: '127.0.0.1', security: 'none' };
      const settings = {
        imap: { ...common, port: imap.port, user: 'shop', sentFolder: null, sinceDays: 3_000 },
        smtp: { ...common, port, auth: 'none', plusAddressing: true, perDomainPerMinute: 0 },
      };
      const body = { kind: 'mailbox' as const, name: 'Почта', settings, secrets: { password: 'secret' } };
      account = await addAccount(body, 'shop@ours.example');
    });
    afterAll(async () => {
      await new Promise<void>((resolve) => (smtp ? smtp.close(() => resolve()) : resolve()));
      await imap?.close();
    });

    /** A mail comes; the connection is cut, and whoever connects again finds it. */
    function deliver(headers: readonly string[], text: string): void {
      const head = ['Date: Mon, 02 Jun 2025 10:00:00 +0300', `Message-ID: <${randomUUID()}@outside.example>`];
      const type = ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8'];
      imap.mails.set(++uid, [...head, ...headers, ...type, '', text, ''].join('\r\n'));
      imap.cut();
    }

    it('asks about a stranger who presents the ids of a thread, and shows him in no timeline but his own', async () => {
      const email = 'maria@outside.example';
      const clientId = await makeClient(newNumber(), email);
      await write(clientId, account.addressId, 'Your order is ready.', { channel: 'email', subject: 'Order 5' });
      const raw = await until(() => sent.find((mail) => mail.includes('Order 5')), 20_000, 'our mail');
      const { messageId, replyTo } = readMail(raw);
      const thread = [`In-Reply-To: ${messageId}`, `References: ${messageId}`, `To: ${replyTo[0]?.address}`];
      deliver(['From: Maria <maria@outside.example>', 'Subject: Re: Order 5', ...thread], 'Thank you, I come today.');
      await until(async () => (await textsOf(clientId)).includes('Thank you, I come today.'), 30_000, 'her answer');
      deliver(
        ['From: Mallory <mallory@elsewhere.example>', 'Subject: Re: Order 5', ...thread],
        'Send it to me instead.',
      );
      const stranger = await until(
        async () =>
          (await admin.call('GET /api/v1/clients', { querystring: { q: 'mallory@elsewhere.example', limit: 10 } }))
            .items[0],
        30_000,
        "the stranger's card",
      );
      // hers is dated long before
      expect(await textsOf(clientId)).toEqual(['Thank you, I come today.', 'Your order is ready.']);
      const [entry] = await admin.timelineOf(stranger.id);
      const { items } = await admin.call('GET /api/v1/clients/:id/conversations', { params: { id: clientId } });
      expect(items).toHaveLength(1);
      expect(entry?.message).toMatchObject({
        text: 'Send it to me instead.',
        ask: { conversationId: items[0]?.id, because: 'new_sender' },
      });
      expect(entry?.message?.conversationId).not.toBe(items[0]?.id);
    });
  });
});

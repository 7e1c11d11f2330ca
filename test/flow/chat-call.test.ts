import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { SipDialog, Termination } from '../../channels/voice/sip/stack.ts';
import { channelAccounts } from '../../db/schema/index.ts';
import type { ApiClient, PushFeed } from '../../demo/actors/api-client.ts';
import { openBrowserStack, openPhoneStack, type PhoneStack } from '../../demo/actors/phone-stack.ts';
import { until, within } from '../../demo/actors/within.ts';
import { line, startTestServer, type TestServer } from '../support/server.ts';

/** What a browser offers; nothing is heard here. */
const offer = Buffer.from(
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0 101',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
    'a=setup:actpass',
    '',
  ].join('\r\n'),
);

interface Ticket {
  readonly account: number;
  readonly line: string;
  readonly ticket: string;
}

describe('a visitor of the site calls from its page', () => {
  let server: TestServer;
  let olga: ApiClient;
  let anna: ApiClient;
  let feed: PushFeed;
  let door: string;
  /** Rings, and nobody takes it. */
  let desk: PhoneStack;

  beforeAll(async () => {
    // without a demo nobody else may call over WebSocket
    server = await startTestServer({ env: { DEMO: '0' } });
    olga = await server.signIn('olga');
    anna = await server.signIn('anna');
    feed = await anna.openFeed();
    desk = await openPhoneStack(server.sipPort, (invite) => invite.ring());
    const secret = server.sipSecrets.get('anna') ?? '';
    expect(await desk.register({ user: 'anna', secret, expiresSeconds: 600 })).toBe(200);
    await anna.call('PUT /api/v1/presence', { body: { status: 'available' } });
    const [chat] = await server.db.orm.select().from(channelAccounts).where(eq(channelAccounts.kind, 'web_chat'));
    door = `${server.url}/channels/${chat?.id}/`;
  });
  afterAll(async () => {
    feed?.close();
    await desk?.close();
    await server?.close();
  });

  const post = async (name: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(door + name, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, unknown>;
  };
  const place = { page: 'https://shop.example/sofa', pageTitle: 'Диван «Лев»' };
  const newToken = async (): Promise<string> => String((await post('hello', {}))['token']);
  const ticketFor = async (token: string): Promise<Ticket> =>
    (await post('call', { token, ...place })) as unknown as Ticket;
  const say = (token: string, text: string) => post('say', { token, id: randomUUID(), text });
  const pathOf = ({ account, ticket }: Ticket): string => `/sip?account=${account}&ticket=${ticket}`;
  const openPhone = (ticket: Ticket): Promise<PhoneStack> =>
    openBrowserStack(server.url, '', (invite) => invite.reject(486), pathOf(ticket));

  /** Calls; resolves with the status of the refusal, or `taken` when the house answers. */
  function call(phone: PhoneStack, number: string) {
    const outcome = Promise.withResolvers<Termination | 'taken'>();
    const ended = Promise.withResolvers<Termination>();
    let dialog: SipDialog | undefined;
    const out = phone.invite({
      target: { uri: `sip:${encodeURIComponent(number)}@127.0.0.1` },
      offer,
      from: { displayName: 'Президент', user: '+79160000001' },
      handlers: {
        answered(answered) {
          dialog = answered;
          dialog.handlers = { ended: ended.resolve };
          outcome.resolve('taken');
        },
        failed: (termination) => outcome.resolve(termination),
      },
    });
    return {
      outcome: () => within(outcome.promise, 10_000, 'what became of the call'),
      hangUp: () => (dialog ? dialog.bye() : out.cancel()),
    };
  }
  /** The HTTP status with which a telephone is turned away; 101 when it is let in. */
  async function upgradeStatus(path: string): Promise<number> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, 'sip');
    socket.on('error', () => undefined);
    const opened = once(socket, 'open').then(() => 101);
    const refused = once(socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    );
    const status = await Promise.race([opened, refused]);
    socket.terminate();
    return status;
  }
  const offered = () => feed.waitFor('offer');
  const entriesOf = async (clientId: number) => olga.timelineOf(clientId);

  it('reaches an agent with his card and the page, and one card has the chat and the call', async () => {
    const token = await newToken();
    await say(token, 'Есть ли диван в наличии?');
    const phone = await openPhone(await ticketFor(token));
    const calling = call(phone, line);
    const { pop } = await feed.waitFor('offer', ({ pop: one }) => one.why.page !== undefined);
    expect(pop).toMatchObject({
      isNewCard: false,
      why: { direction: 'in', page: { url: place.page, title: place.pageTitle } },
      warnings: [],
    });
    // nothing of what his browser wrote into the request counts
    expect(pop.card.contactPoints).toEqual([]);
    const kinds = (await entriesOf(pop.card.id)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['call', 'chat']);
    calling.hangUp();
    await phone.close();
    const entry = await until(
      async () => (await entriesOf(pop.card.id)).find(({ kind, status }) => kind === 'call' && status !== 'ongoing'),
      10_000,
      'the end of the call',
    );
    expect(entry).toMatchObject({ page: { url: place.page, title: place.pageTitle } });
  });

  it('is known by his call when he writes afterwards', async () => {
    const token = await newToken();
    const phone = await openPhone(await ticketFor(token));
    const calling = call(phone, line);
    const { pop } = await feed.waitFor('offer', ({ pop: one }) => one.isNewCard && one.why.page !== undefined);
    calling.hangUp();
    await phone.close();
    await say(token, 'Я вам только что звонил');
    await until(
      async () => (await entriesOf(pop.card.id)).some(({ message }) => message?.text.includes('только что звонил')),
      10_000,
      'his message on the card of his call',
    );
  });

  it('is let in once, by a ticket of ours', async () => {
    const ticket = await ticketFor(await newToken());
    expect(await upgradeStatus('/sip')).toBe(401);
    expect(await upgradeStatus(pathOf({ ...ticket, ticket: 'x'.repeat(43) }))).toBe(403);
    expect(await upgradeStatus(pathOf({ ...ticket, account: 999 }))).toBe(403);
    expect(await upgradeStatus(pathOf(ticket))).toBe(101);
    expect(await upgradeStatus(pathOf(ticket))).toBe(403);
  });

  it('may call the one line, once, and do nothing else', async () => {
    const phone = await openPhone(await ticketFor(await newToken()));
    expect(await phone.register({ user: 'anna', secret: '', expiresSeconds: 60 })).toBe(403);
    const elsewhere = await call(phone, '+74950000099').outcome();
    expect(elsewhere).toMatchObject({ status: 403 });
    const first = call(phone, line);
    await offered();
    expect(await call(phone, line).outcome()).toMatchObject({ status: 486 });
    first.hangUp();
    await phone.close();
  });
});

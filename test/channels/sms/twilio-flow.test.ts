import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InboundEvent, Receipt } from '../../../channels/channel.ts';
import type { ConsentReported, DeliveryReported, MessageArrived } from '../../../channels/message-channel.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { type MessageId, newId } from '../../../server/kernel/ids.ts';
import { twilioAccount } from '../../support/twilio-peer.ts';
import { message, never } from './smpp-stand.ts';
import { startTwilioStand, type TwilioStand, type TwilioStandOptions } from './twilio-stand.ts';

let stand: TwilioStand;
let events: InboundEvent[] = [];
let door: (event: InboundEvent) => Promise<Receipt>;
afterEach(async () => {
  await stand.channel.close();
  await stand.close();
});

async function up(options: Partial<TwilioStandOptions> = {}): Promise<TwilioStand> {
  events = [];
  door = async () => ({ accepted: true });
  stand = await startTwilioStand({
    async receive(event) {
      const receipt = await door(event);
      if (receipt.accepted) events.push(event);
      return receipt;
    },
    ...options,
  });
  await stand.channel.start();
  return stand;
}

const arrived = (): MessageArrived[] => events.filter((event) => event.type === 'message.arrived');
const reported = (): DeliveryReported[] => events.filter((event) => event.type === 'delivery.reported');
const consents = (): ConsentReported[] => events.filter((event) => event.type === 'consent.reported');

const client = '+79001234567';
const from = { address: twilioAccount.number, name: '' };
const text = (to: string, words = 'Заказ готов', more = {}) => message(to, words, { from, ...more });
const send = (one: ReturnType<typeof text>) => stand.channel.send(one, never);

describe('sending', () => {
  it('gives the words, the sender and a callback of its own to each message', async () => {
    const { peer } = await up();
    const one = text(client, '“Ready” — pick it up');
    const result = await send(one);
    expect(peer.messages[0]).toMatchObject({ to: client, from: twilioAccount.number, body: '"Ready" - pick it up' });
    expect(result).toEqual({ kind: 'accepted', providerId: peer.messages[0]?.sid, parts: [peer.messages[0]?.sid] });
    expect(peer.messages[0]?.callback).toContain(`message=${one.id}`);
    expect(stand.channel.health().state).toBe('up');
  });

  it('through a Messaging Service', async () => {
    const { peer } = await up({ settings: { messagingServiceSid: twilioAccount.service } });
    expect((await send(text(client))).kind).toBe('accepted');
    expect(peer.messages[0]?.service).toBe(twilioAccount.service);
  });

  it.each([
    ['+15005550001', { kind: 'rejected', problem: { kind: 'recipient', code: '21211' } }],
    ['+15005550009', { kind: 'rejected', problem: { kind: 'recipient', code: '21614' } }],
    ['+15005550004', { kind: 'rejected', problem: { kind: 'opted_out', code: '21610' } }],
    ['+15005550003', { kind: 'rejected', problem: { kind: 'sender', code: '21408' } }],
  ])('to %s', async (to, result) => {
    await up();
    expect(await send(text(to))).toMatchObject(result);
    expect(stand.peer.messages).toEqual([]);
  });

  it.each([
    ['+15005550001', 'account_down', '21212'],
    ['+15005550007', 'account_down', '21606'],
    ['+15005550008', 'throttled', '21611'],
  ])('from %s', async (address, kind, code) => {
    await up();
    expect(await send(text(client, 'x', { from: { address, name: '' } }))).toMatchObject({ kind, problem: { code } });
  });

  it('with a wrong token the account is down until somebody looks', async () => {
    await up({ authToken: 'wrong' });
    expect(await send(text(client))).toMatchObject({ kind: 'account_down', problem: { code: '20003' } });
    expect(stand.channel.health()).toMatchObject({ state: 'down', problem: 'Authenticate' });
  });

  it('with an unknown Messaging Service too', async () => {
    await up({ settings: { messagingServiceSid: `MG${'f'.repeat(32)}` } });
    expect(await send(text(client))).toMatchObject({ kind: 'account_down', problem: { code: '21701' } });
  });

  it.each([
    ['429', 'throttled'],
    ['500', 'unknown'],
    ['503', 'unknown'],
    ['html_502', 'unknown'],
    ['drop', 'unknown'],
    ['accept_then_502', 'unknown'],
    ['accept_then_drop', 'unknown'],
  ] as const)('a fault %s is %s, and is not repeated here', async (fault, kind) => {
    await up();
    stand.peer.fail(fault);
    expect((await send(text(client))).kind).toBe(kind);
    expect(stand.peer.requests).toBe(1);
    expect(stand.peer.messages).toHaveLength(fault.startsWith('accept') ? 1 : 0);
  });

  it('nobody listening is tried later: surely nothing was sent', async () => {
    await up();
    await stand.peer.close();
    expect(await send(text(client))).toMatchObject({ kind: 'retry', problem: { code: 'ECONNREFUSED' } });
  });
});

describe('status callbacks', () => {
  it.each(['in_order', 'backwards', 'twice'] as const)(
    '%s: one source id for each status, our id in all',
    async (order) => {
      await up();
      stand.peer.config.callbacks = order;
      const one = text(client);
      await send(one);
      const answers = await stand.peer.callbacksDone();
      expect(new Set(answers)).toEqual(new Set([200]));
      expect(reported().every((report) => report.messageId === one.id)).toBe(true);
      expect(new Set(reported().map((report) => report.sourceId)).size).toBe(4);
      expect(new Set(reported().map((report) => report.step))).toEqual(new Set(['accepted', 'sent', 'delivered']));
    },
  );

  it.each([
    ['30003', 'temporary'],
    ['30005', 'recipient'],
    ['30006', 'recipient'],
    ['30007', 'content'],
    ['30034', 'sender'],
    ['30008', 'unknown'],
  ])('error %s is of kind %s', async (code, kind) => {
    await up();
    await send(text(`+790012${code}`));
    await stand.peer.callbacksDone();
    const failed = reported().find((report) => report.step === 'failed');
    expect(failed?.problem).toMatchObject({ kind, code });
  });

  it("with a forged id of ours names the message by the provider's id only", async () => {
    await up();
    const url = `${stand.urlOf('status')}?message=${newId<MessageId>()}&mac=forged`;
    const { status } = await stand.peer.write(url, { MessageStatus: 'delivered' });
    expect(status).toBe(200);
    expect(reported()).toMatchObject([
      { messageId: null, providerId: expect.stringMatching(/^SM/), step: 'delivered' },
    ]);
  });

  it('of statuses that nobody knows change nothing', async () => {
    await up();
    for (const MessageStatus of ['receiving', 'constructor', ''])
      expect((await stand.peer.write(stand.urlOf('status'), { MessageStatus })).status).toBe(200);
    expect(events).toEqual([]);
  });

  it('cannot be stored: Twilio is told to come again', async () => {
    await up();
    door = () => Promise.reject(new Error('the database is down'));
    const { status } = await stand.peer.write(stand.urlOf('status'), { MessageStatus: 'sent' });
    expect(status).toBe(503);
  });
});

describe('messages of people', () => {
  const write = (form: Record<string, string>, options = {}) =>
    stand.peer.write(stand.urlOf('sms'), { From: client, To: twilioAccount.number, ...form }, options);

  it('come with their words, and are answered with nothing', async () => {
    await up();
    const answer = await write({ Body: 'Где мой заказ? & <b>' });
    expect(answer).toEqual({ status: 200, body: expect.stringContaining('<Response></Response>') });
    expect(arrived()).toMatchObject([
      { text: 'Где мой заказ? & <b>', from: { kind: 'phone', value: client }, to: [twilioAccount.number] },
    ]);
  });

  it('with a wrong signature, none, or another address are refused and not stored', async () => {
    await up();
    expect((await write({ Body: 'x' }, { badSignature: true })).status).toBe(403);
    const webhook = stand.channel.webhooks?.['sms'];
    const body = Buffer.from('MessageSid=SM1&Body=x');
    const unsigned = await webhook?.({ method: 'POST', url: '/channels/7/sms', headers: {}, body, signal: never });
    expect(unsigned?.status).toBe(403);
    const genuine = await stand.peer.write(`${stand.urlOf('sms')}?a=1`, { From: client, To: '', Body: 'x' });
    expect(genuine.status).toBe(200);
    events = [];
    const headers = { 'x-twilio-signature': 'x', host: 'evil.example' };
    expect((await webhook?.({ method: 'POST', url: '/channels/7/sms', headers, body, signal: never }))?.status).toBe(
      403,
    );
    expect(events).toEqual([]);
  });

  it('parameters that come twice are signed with all their values', async () => {
    await up();
    expect(
      (
        await write(
          { Body: 'x' },
          {
            more: [
              ['Extra', 'b'],
              ['Extra', 'a'],
            ],
          },
        )
      ).status,
    ).toBe(200);
    expect(arrived()).toHaveLength(1);
  });

  it('STOP and START are told besides, and not answered by us', async () => {
    await up();
    await write({ Body: 'СТОП', OptOutType: 'STOP' });
    await write({ Body: 'START', OptOutType: 'START' });
    expect(arrived().map((event) => event.mayAutoReply)).toEqual([false, false]);
    expect(consents().map(({ change, address, scope }) => [change, address.value, scope])).toEqual([
      ['refused', client, 'all'],
      ['given', client, 'all'],
    ]);
  });

  it('pictures are attachments; those that are not to be had are named in the details', async () => {
    const { peer } = await up();
    const path = `/2010-04-01/Accounts/${twilioAccount.accountSid}/Messages/MM1/Media/ME1`;
    peer.media.set(path, { type: 'image/jpeg', bytes: Buffer.from('picture') });
    const first = { MediaUrl0: `https://api.twilio.com${path}`, MediaContentType0: 'image/jpeg' };
    const second = { MediaUrl1: 'https://api.twilio.com/m/1', MediaContentType1: 'image/png' };
    await write({ Body: '', NumMedia: '2', ...first, ...second });
    expect(arrived()[0]?.facts).toEqual({ media1: 'image/png https://api.twilio.com/m/1' });
    expect(arrived()[0]?.attachments).toEqual([
      { name: 'mms-1.jpg', type: 'image/jpeg', bytes: Buffer.from('picture'), contentId: null, isInline: false },
    ]);
  });

  it.each([
    ['unknown_number', 404],
    ['overloaded', 503],
    ['unavailable', 503],
    ['duplicate', 200],
  ] as const)('refused as %s: answered %i', async (reason, status) => {
    await up();
    door = async () => ({ accepted: false, reason });
    expect((await write({ Body: 'x' })).status).toBe(status);
  });

  it('too many parameters are refused before anything is computed', async () => {
    await up();
    const more = Array.from({ length: 400 }, (_, index) => [`p${index}`, 'x'] as const);
    expect((await write({ Body: 'x' }, { more })).status).toBe(413);
  });

  it('anything but a POST is refused', async () => {
    await up();
    const request = { method: 'GET', url: '/channels/7/sms?Body=x', headers: {}, body: Buffer.alloc(0), signal: never };
    expect((await stand.channel.webhooks?.['sms']?.(request))?.status).toBe(405);
  });
});

describe('looking up a lost answer', () => {
  it.each(['accept_then_drop', 'accept_then_502'] as const)('%s: found by its words', async (fault) => {
    await up();
    stand.peer.config.callbacks = 'none';
    stand.peer.fail(fault);
    const lost = text(client, '“once”');
    const startedAt = Date.now();
    expect((await send(lost)).kind).toBe('unknown');
    const found = await stand.channel.lookUp?.(lost, startedAt);
    expect(found).toEqual({
      kind: 'found',
      providerId: stand.peer.messages[0]?.sid,
      parts: [stand.peer.messages[0]?.sid],
    });
  });

  it('the first callback brings the id as well', async () => {
    await up();
    stand.peer.fail('accept_then_drop');
    const lost = text(client);
    await send(lost);
    await stand.peer.callbacksDone();
    expect(reported()[0]).toMatchObject({ messageId: lost.id, providerId: stand.peer.messages[0]?.sid });
  });

  it("an equal text that is somebody else's is not it", async () => {
    await up();
    stand.peer.config.callbacks = 'none';
    await send(text(client, 'same words'));
    stand.peer.fail('500');
    const lost = text(client, 'same words');
    await send(lost);
    expect(await stand.channel.lookUp?.(lost, Date.now())).toEqual({ kind: 'cannot_tell' });
  });

  it('nor one that the house knows from before a restart; its own it finds', async () => {
    const owners = new Map<string, MessageId>();
    await up({ ownerOf: async (sid) => owners.get(sid) ?? null });
    stand.peer.config.callbacks = 'none';
    stand.peer.fail('accept_then_drop');
    const lost = text(client, 'same words');
    await send(lost);
    owners.set(stand.peer.messages[0]?.sid ?? '', newId<MessageId>());
    expect(await stand.channel.lookUp?.(lost, Date.now())).toEqual({ kind: 'cannot_tell' });
    owners.set(stand.peer.messages[0]?.sid ?? '', lost.id);
    expect((await stand.channel.lookUp?.(lost, Date.now()))?.kind).toBe('found');
  });

  it('is absent only after the list has had time to settle', async () => {
    const clock = createFakeClock(Date.now());
    await up({ clock });
    stand.peer.fail('500');
    const lost = text(client);
    const startedAt = clock.now();
    await send(lost);
    clock.advance(89_000);
    expect(await stand.channel.lookUp?.(lost, startedAt)).toEqual({ kind: 'cannot_tell' });
    clock.advance(1_000);
    expect(await stand.channel.lookUp?.(lost, startedAt)).toEqual({ kind: 'absent' });
  });

  it("older equal texts are another time's", async () => {
    await up();
    stand.peer.config.callbacks = 'none';
    stand.peer.fail('accept_then_drop');
    const lost = text(client);
    await send(lost);
    expect((await stand.channel.lookUp?.(lost, Date.now() + 120_000))?.kind).toBe('cannot_tell');
  });

  it('cannot tell when nobody answers', async () => {
    await up();
    await stand.peer.close();
    expect(await stand.channel.lookUp?.(text(client), 0)).toEqual({ kind: 'cannot_tell' });
  });
});

it('a request that hangs is given up as doubtful when its signal says so', async () => {
  await up();
  stand.peer.fail('accept_then_hang');
  const controller = new AbortController();
  const sending = stand.channel.send(text(client), controller.signal);
  await vi.waitFor(() => expect(stand.peer.messages).toHaveLength(1), { timeout: 10_000 });
  controller.abort();
  expect(await sending).toMatchObject({ kind: 'unknown', problem: { code: 'ABORTED' } });
});

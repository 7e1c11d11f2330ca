import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { InboundEvent } from '../../../channels/channel.ts';
import { createDemoEmail } from '../../../channels/demo/demo-email.ts';
import { createDemoSms } from '../../../channels/demo/demo-sms.ts';
import { createOutside, type Outside } from '../../../channels/demo/outside.ts';
import type { MessageArrived, MessageChannel } from '../../../channels/message-channel.ts';
import { createFakeClock, systemClock } from '../../../server/kernel/clock.ts';
import type { AccountId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { outgoing } from './outgoing.ts';

const never = new AbortController().signal;

let events: InboundEvent[];
let outside: Outside;
let channel: MessageChannel;
let isRefusing: boolean;
const receive = async (event: InboundEvent) => {
  if (isRefusing) return { accepted: false, reason: 'unavailable' } as const;
  events.push(event);
  return { accepted: true } as const;
};

beforeEach(() => {
  events = [];
  isRefusing = false;
});
afterEach(() => channel.close());

describe('e-mail of the demo', () => {
  beforeEach(async () => {
    outside = createOutside(systemClock);
    channel = createDemoEmail({
      account: { id: 3 as AccountId, name: 'Demo', addresses: [{ value: 'shop@demo.example' }] },
      outside,
      receive,
      state: { get: async () => null, set: async () => undefined },
      clock: systemClock,
      log: silentLog,
      mailKey: Buffer.alloc(32, 7),
    });
    await channel.start();
  });

  const writing = (change: object = {}) => ({
    id: randomUUID(),
    kind: 'email' as const,
    owner: 'ivan@example.com',
    ownerName: 'Иван',
    peer: 'shop@demo.example',
    subject: 'Вопрос',
    text: 'Когда откроетесь?',
    answersId: null,
    ...change,
  });

  it('of ours lies in the mailbox of its recipient', async () => {
    const file = {
      name: 'счёт.pdf',
      type: 'application/pdf',
      contentId: null,
      isInline: false,
      read: async () => Buffer.from('%PDF'),
    };
    expect(await channel.send(outgoing({ attachments: [file] }), never)).toMatchObject({ kind: 'accepted' });
    expect(outside.read('email', 'ivan@example.com')).toMatchObject([
      { direction: 'in', subject: 'Ваш заказ', text: expect.stringContaining('Заказ готов'), files: ['счёт.pdf'] },
    ]);
  });

  it('of a client comes in as it would from a mailbox', async () => {
    await outside.write(writing());
    expect(events).toMatchObject([
      {
        type: 'message.arrived',
        channel: 'email',
        nature: 'human',
        subject: 'Вопрос',
        from: { value: 'ivan@example.com', displayName: 'Иван' },
      },
    ]);
    expect((events[0] as MessageArrived).raw?.length).toBeGreaterThan(100);
  });

  it('of a client may be laid out, and go to others too', async () => {
    await outside.write(writing({ html: '<p>Когда <b>откроетесь</b>?</p>', cc: ['olga@clients.example'] }));
    expect(events).toMatchObject([{ html: expect.stringContaining('<b>откроетесь</b>') }]);
    const { participants } = events[0] as MessageArrived;
    expect(participants).toContainEqual(expect.objectContaining({ role: 'cc', address: 'olga@clients.example' }));
    expect(outside.read('email', 'olga@clients.example')).toMatchObject([{ direction: 'in', subject: 'Вопрос' }]);
  });

  it('that answers one of ours says which, and what is new in it', async () => {
    const message = outgoing({});
    await channel.send(message, never);
    const [got] = outside.read('email', 'ivan@example.com');
    await outside.write(writing({ subject: '', text: 'Спасибо, еду', answersId: got?.id }));
    const [event] = events as MessageArrived[];
    expect(event?.writtenText).toBe('Спасибо, еду');
    expect(event?.subject).toBe('Re: Ваш заказ');
    expect(event?.thread).toMatchObject({ sentIds: [message.id], conversationIds: [message.conversationId] });
  });

  test.each([
    ['nobody@example.com', 'rejected', 'recipient'],
    ['later@example.com', 'retry', 'temporary'],
  ])('to %s is %s', async (address, kind, problem) => {
    const result = await channel.send(outgoing({ to: [{ address, name: '' }] }), never);
    expect(result).toMatchObject({ kind, problem: { kind: problem } });
  });

  it('that the house does not take is not sent for the client either', async () => {
    isRefusing = true;
    await expect(outside.write(writing())).rejects.toThrow();
    expect(outside.read('email', 'ivan@example.com')).toEqual([]);
  });

  it('to an address that nobody has is refused in words', async () => {
    await expect(outside.write(writing({ peer: 'other@demo.example' }))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('short messages of the demo', () => {
  const clock = createFakeClock();
  beforeEach(async () => {
    outside = createOutside(clock);
    channel = createDemoSms({
      account: { id: 4 as AccountId, addresses: [{ value: '+74950000001' }] },
      outside,
      receive,
      clock,
      log: silentLog,
    });
    await channel.start();
  });
  const sms = (number: string, text = 'Привет') =>
    outgoing({ from: { address: '+74950000001', name: '' }, to: [{ address: number, name: '' }], text });

  it('arrive with a receipt for each segment', async () => {
    const message = sms('+79160000055', 'Ж'.repeat(71));
    expect(await channel.send(message, never)).toMatchObject({
      kind: 'accepted',
      parts: [`${message.id}:0`, `${message.id}:1`],
    });
    expect(outside.read('sms', '+79160000055')).toMatchObject([{ text: message.text, direction: 'in' }]);
    clock.advance(5_000);
    expect(events).toMatchObject([
      { type: 'delivery.reported', messageId: message.id, part: 0, step: 'delivered' },
      { type: 'delivery.reported', messageId: message.id, part: 1, step: 'delivered' },
    ]);
  });

  test.each([
    ['+79160000002', 'opted_out'],
    ['+79160000003', 'recipient'],
  ])('to %s are refused: %s', async (number, kind) => {
    expect(await channel.send(sms(number), never)).toMatchObject({ kind: 'rejected', problem: { kind } });
    expect(outside.read('sms', number)).toEqual([]);
  });

  it('to a phone that is off are reported as not delivered', async () => {
    await channel.send(sms('+79160000004'), never);
    clock.advance(5_000);
    expect(events).toMatchObject([{ type: 'delivery.reported', step: 'failed' }]);
  });

  it('of a client come in', async () => {
    await outside.write({
      id: randomUUID(),
      kind: 'sms',
      owner: '+79160000055',
      ownerName: '',
      peer: '+74950000001',
      subject: '',
      text: 'СТОП',
      answersId: null,
    });
    expect(events).toMatchObject([{ type: 'message.arrived', channel: 'sms', text: 'СТОП', to: ['+74950000001'] }]);
  });
});

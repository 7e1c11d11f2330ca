import { splitSms } from '../../server/contract/sms-text.ts';
import type { Clock, TimerHandle } from '../../server/kernel/clock.ts';
import { AppError } from '../../server/kernel/errors.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { Receive } from '../channel.ts';
import {
  type DeliveryProblem,
  type DeliveryReported,
  type MessageChannel,
  type OutgoingMessage,
  plainMessage,
  type SendResult,
} from '../message-channel.ts';
import { createOnceOpen } from '../once-open.ts';
import type { Outside, OutsideWriting } from './outside.ts';

export interface DemoSmsOptions {
  readonly account: { readonly id: AccountId; readonly addresses: readonly { readonly value: string }[] };
  readonly outside: Outside;
  readonly receive: Receive;
  readonly clock: Clock;
  readonly log: Log;
}

/** Last two digits of a number -> what its network says; as the demo's telephone carrier does. */
const refusals: Readonly<
  Record<string, { readonly kind: DeliveryProblem['kind']; readonly code: string; readonly text: string }>
> = {
  '02': { kind: 'opted_out', code: 'DEMO-02', text: 'this number asked not to be written to' },
  '03': { kind: 'recipient', code: 'DEMO-03', text: 'there is no such number' },
};
/** Taken, and reported as not delivered afterwards. */
const switchedOff = '04';
/** Taken, and never heard of again. */
const silent = '01';

const noNumber: DeliveryProblem = { kind: 'recipient', code: 'DEMO-03', text: 'that is no number' };
const tooLong: DeliveryProblem = { kind: 'content', code: 'DEMO-05', text: 'the text is too long' };
const noAnswer: DeliveryProblem = { kind: 'temporary', code: 'DEMO-06', text: 'the network did not answer' };

const receiptMs = 700;
/** Longest text of one message: ten segments of Cyrillic. */
const maxText = 670;

/** SMS between the house and the phones of the page /demo: with segments, receipts and refusals like a real network's. */
export function createDemoSms({ account, outside, receive, clock, log }: DemoSmsOptions): MessageChannel {
  const timers = new Set<TimerHandle>();
  let giveBack: (() => void)[] = [];
  const life = createOnceOpen(clock);

  async function write({ id, owner, ownerName, peer, text }: OutsideWriting): Promise<void> {
    const receipt = await receive({
      channel: 'sms',
      ...plainMessage(text),
      sourceId: `demo:${account.id}:${id}`,
      accountId: account.id,
      at: clock.now(),
      from: { kind: 'phone', value: owner, displayName: ownerName },
      to: [peer],
      providerId: null,
      mayAutoReply: true,
      facts: {},
    });
    if (!receipt.accepted && receipt.reason !== 'duplicate')
      throw new AppError('unavailable', `the house took no message: ${receipt.reason}`, { retryable: true });
  }

  function report(
    message: OutgoingMessage,
    part: number,
    step: DeliveryReported['step'],
    problem: DeliveryProblem | null,
  ): void {
    const timer = clock.after(receiptMs * (part + 1), () => {
      timers.delete(timer);
      receive({
        channel: 'sms',
        type: 'delivery.reported',
        sourceId: `demo:${message.id}:${part}:${step}`,
        accountId: account.id,
        at: clock.now(),
        messageId: message.id,
        providerId: `${message.id}:${part}`,
        part,
        step,
        problem,
        isComplaint: false,
      }).catch((error: unknown) => log.warn({ err: error, messageId: message.id }, 'a receipt of the demo was lost'));
    });
    timers.add(timer);
  }

  async function send(message: OutgoingMessage): Promise<SendResult> {
    const owner = message.to[0]?.address ?? '';
    if (!/^\+?\d{2,15}$/.test(owner)) return { kind: 'rejected', problem: noNumber };
    if (message.text.length > maxText) return { kind: 'rejected', problem: tooLong };
    const ending = owner.slice(-2);
    const refusal = refusals[ending];
    if (refusal) return { kind: 'rejected', problem: refusal };
    const parts = splitSms(message.text).segments.map((_, part) => `${message.id}:${part}`);
    const isOff = ending === switchedOff;
    if (!isOff) {
      const { id, from, text, subject } = message;
      await outside.deliver({
        id,
        at: clock.now(),
        kind: 'sms',
        direction: 'in',
        owner,
        peer: from.address,
        subject,
        text,
        files: [],
      });
    }
    const gone: DeliveryProblem = { kind: 'temporary', code: 'DEMO-04', text: 'the phone is switched off' };
    if (ending !== silent)
      for (const part of parts.keys()) report(message, part, isOff ? 'failed' : 'delivered', isOff ? gone : null);
    return { kind: 'accepted', providerId: parts[0] ?? message.id, parts };
  }

  return {
    name: 'demo-sms',
    channel: 'sms',
    accountId: account.id,
    capabilities: {
      maxText,
      maxAttachmentBytes: 0,
      subject: false,
      html: false,
      canInitiate: true,
      settles: 'same_id',
      rate: { perSecond: 100, concurrency: 10 },
    },
    async start() {
      life.open();
      for (const back of giveBack) back();
      giveBack = account.addresses.map(({ value }) => outside.carry('sms', value, write));
    },
    async close() {
      life.close();
      for (const back of giveBack) back();
      giveBack = [];
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
    health: life.health,
    send: (message, signal) => life.attempt(signal, noAnswer, () => send(message)),
  };
}

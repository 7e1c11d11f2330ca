import { splitSms } from '../../server/contract/sms-text.ts';
import type { Clock, TimerHandle } from '../../server/kernel/clock.ts';
import { type AccountId, uuidv7 } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { Receive } from '../channel.ts';
import {
  type DeliveryProblem,
  type DeliveryReported,
  type MessageChannel,
  noEvidence,
  type OutgoingMessage,
  type SendResult,
} from '../message-channel.ts';
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

const receiptMs = 700;
/** Longest text of one message: ten segments of Cyrillic. */
const maxText = 670;

/** SMS between the house and the phones of the page /demo: with segments, receipts and refusals like a real network's. */
export function createDemoSms({ account, outside, receive, clock, log }: DemoSmsOptions): MessageChannel {
  const timers = new Set<TimerHandle>();
  let giveBack: (() => void)[] = [];
  let since = clock.now();
  let isUp = false;

  async function write({ owner, ownerName, peer, text }: OutsideWriting): Promise<void> {
    await receive({
      channel: 'sms',
      type: 'message.arrived',
      sourceId: `demo:${uuidv7()}`,
      accountId: account.id,
      at: clock.now(),
      direction: 'in',
      from: { kind: 'phone', value: owner, displayName: ownerName },
      to: [peer],
      participants: [],
      subject: '',
      text,
      writtenText: text,
      html: null,
      attachments: [],
      raw: null,
      providerId: null,
      thread: noEvidence,
      nature: 'human',
      mayAutoReply: true,
      facts: {},
    });
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

  function send(message: OutgoingMessage): SendResult {
    const owner = message.to[0]?.address ?? '';
    const ending = owner.slice(-2);
    const refusal = refusals[ending];
    if (refusal) return { kind: 'rejected', problem: refusal };
    const parts = splitSms(message.text).segments.map((_, part) => `${message.id}:${part}`);
    const isOff = ending === switchedOff;
    if (!isOff) {
      const { id, from, text, subject } = message;
      outside.deliver({
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
    return { kind: 'accepted', providerId: message.id, parts };
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
      giveBack = account.addresses.map(({ value }) => outside.carry('sms', value, write));
      since = clock.now();
      isUp = true;
    },
    async close() {
      isUp = false;
      for (const back of giveBack) back();
      giveBack = [];
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
    health: () => ({ state: isUp ? 'up' : 'off', since, problem: '', catchUp: null }),
    send: async (message, signal) =>
      signal.aborted
        ? { kind: 'retry', problem: { kind: 'temporary', code: 'aborted', text: 'aborted before it was sent' } }
        : send(message),
  };
}

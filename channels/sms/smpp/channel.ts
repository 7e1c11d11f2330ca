/** An SMPP account behind the contract of message channels. */

import type {
  ChannelCapabilities,
  LookUpResult,
  MessageChannel,
  OutgoingMessage,
  SendResult,
} from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { SmsChannelOptions } from '../options.ts';
import type { SmppSecrets, SmppSettings } from '../settings.ts';
import { createArrivals, statusOfFailure } from './arrivals.ts';
import type { PduOf } from './codec.ts';
import { createSmppLink } from './link.ts';
import { type PlannedPart, planMessage } from './outgoing.ts';
import { isReceipt, plainId } from './receipt.ts';
import { createReceipts } from './receipts.ts';
import { createSentParts } from './sent-parts.ts';
import type { DeliveryAnswer } from './session.ts';
import { resultOf, verdictOf } from './verdicts.ts';

const capabilitiesOf = (settings: SmppSettings): ChannelCapabilities => ({
  maxText: limits.textLength,
  maxAttachmentBytes: 0,
  subject: false,
  html: false,
  canInitiate: true,
  settles: 'lookup',
  rate: { perSecond: settings.perSecond, concurrency: settings.window },
});

export type SmppChannelOptions = SmsChannelOptions<SmppSettings, SmppSecrets>;

/** One link to one SMSC. Its state is durable memory of half messages, repetitions and receipts, nothing of the house. */
export function createSmppChannel(options: SmppChannelOptions): MessageChannel {
  const { account, clock, receive } = options;
  const log = options.log.child({ accountId: account.id, wire: 'smpp' });
  const sent = createSentParts(clock);
  const receipts = createReceipts({ ...options, sent });
  const arrivals = createArrivals({ ...options, log });
  const link = createSmppLink({ ...account, clock, log, onDelivery });
  let starting: Promise<void> | null = null;
  let isClosed = false;

  async function onDelivery(pdu: PduOf<'deliver_sm'>): Promise<DeliveryAnswer> {
    try {
      return isReceipt(pdu) ? { status: await receipts.take(pdu) } : await arrivals.take(pdu, link.sessionNumber());
    } catch (error) {
      log.error({ err: error }, 'sms delivery not stored');
      return { status: statusOfFailure(error) };
    }
  }

  /** The answer came after the attempt was given up as doubtful. */
  function reportLate(message: OutgoingMessage, part: number | null, providerId: string): void {
    const event = {
      channel: 'sms',
      type: 'delivery.reported',
      sourceId: `late:${message.id}:${part ?? 0}:${providerId}`,
      accountId: account.id,
      at: clock.now(),
      messageId: message.id,
      providerId,
      part,
      step: 'accepted',
      problem: null,
      isComplaint: false,
    } as const;
    receive(event).catch((error: unknown) => log.error({ err: error }, 'late sms answer not stored'));
  }

  async function send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> {
    const plan = planMessage(message, account.settings);
    if (!plan.ok) return { kind: 'rejected', problem: plan.problem };
    const done: Record<number, string> = { ...message.partsDone };
    const isOne = plan.parts.length === 1;

    const sendPart = async ({ reference, submission }: PlannedPart, number: number) => {
      const part = isOne ? null : number;
      const flight = sent.begin({ messageId: message.id, part, to: plan.to, reference });
      // an SMSC that names no message leaves us with our own name for it
      const nameOf = (id: string): string => (id.trim() === '' ? `${message.id}/${number}` : plainId(id));
      const outcome = await link.submit(submission, signal, (id) => {
        flight.accepted(id);
        reportLate(message, part, nameOf(id));
      });
      const verdict = verdictOf(outcome);
      if (verdict.kind === 'accepted') {
        done[number] = nameOf(verdict.id);
        flight.accepted(done[number]);
      }
      flight.ended();
      return verdict;
    };

    const missing = plan.parts
      .map((part, number) => ({ part, number }))
      .filter(({ number }) => done[number] === undefined);
    // the first part tells whether number and sender are good: a refused message costs one part, not ten
    const [first, ...others] = missing;
    const verdicts = first === undefined ? [] : [await sendPart(first.part, first.number)];
    if (verdicts[0]?.kind === 'accepted')
      verdicts.push(...(await Promise.all(others.map(({ part, number }) => sendPart(part, number)))));
    return resultOf(verdicts, done, link.pace.pausedMs());
  }

  /** SMPP has no question for a message without its id; a receipt that gave our reference back is an answer. */
  async function lookUp(message: OutgoingMessage, startedAt: number): Promise<LookUpResult> {
    const plan = planMessage(message, account.settings);
    if (!plan.ok) return { kind: 'absent' };
    const { to } = plan;
    const isOne = plan.parts.length === 1;
    const ids: string[] = [];
    let isUnfinished = false;
    for (const [number, { reference }] of plan.parts.entries()) {
      const stored = message.partsDone[number];
      const id = stored ?? sent.idOf(reference, to) ?? receipts.seen({ reference, to, since: startedAt });
      if (id !== null) ids.push(id);
      else if (!sent.isUnsent(reference, to, startedAt)) return { kind: 'cannot_tell' };
      isUnfinished ||= id === null;
    }
    // the attempt ended before these parts: they may go, once the house knows all the others
    const isKnown = ids.length > 0 && ids.length === Object.keys(message.partsDone).length;
    if (isUnfinished) return { kind: isKnown ? 'absent' : 'cannot_tell' };
    for (const [number, { reference }] of plan.parts.entries())
      await receipts.adopt({ reference, to, messageId: message.id, part: isOne ? null : number });
    return { kind: 'found', providerId: ids[0] ?? '', parts: ids };
  }

  async function load(): Promise<void> {
    await receipts.start();
    await arrivals.start();
    // closed meanwhile: nothing is opened that nobody would close
    if (!isClosed) link.start();
  }

  return {
    name: account.name,
    channel: 'sms',
    accountId: account.id,
    capabilities: capabilitiesOf(account.settings),
    start() {
      starting ??= isClosed ? Promise.resolve() : load();
      return starting;
    },
    async close() {
      isClosed = true;
      arrivals.close();
      await link.close();
    },
    health: () => link.health(),
    send,
    lookUp: (message, startedAt) => lookUp(message, startedAt).catch(() => ({ kind: 'cannot_tell' })),
  };
}

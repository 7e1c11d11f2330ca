/** deliver_sm that people wrote: whole messages and parts of long ones, to the one door. */
import type { Clock } from '../../../server/kernel/clock.ts';
import type { Log } from '../../../server/kernel/log.ts';
import type { Receipt } from '../../channel.ts';
import { type MessageArrived, plainMessage } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { SmsChannelOptions } from '../options.ts';
import { wireNumber } from './addresses.ts';
import { type Coding, codingOfByte, decodeText } from './alphabets.ts';
import type { PduOf } from './codec.ts';
import { statuses } from './commands.ts';
import { createHalfMessages, type JoinedMessage } from './half-messages.ts';
import { readBody } from './long-message.ts';
import { createRecentDeliveries } from './recent-deliveries.ts';
import type { DeliveryAnswer } from './session.ts';

/** The house did not take it. */
class NotStored extends Error {
  readonly status: number;
  constructor(status: number) {
    super('refused by the house');
    this.status = status;
  }
}

/** section 5.1.3: whether the SMSC shall come again with it, or never. */
const refusals = {
  unknown_number: statuses.ESME_RX_P_APPN,
  overloaded: statuses.ESME_RX_T_APPN,
  unavailable: statuses.ESME_RX_T_APPN,
} as const;

/** @throws NotStored */
export function assertStored(receipt: Receipt): void {
  if (!receipt.accepted && receipt.reason !== 'duplicate') throw new NotStored(refusals[receipt.reason]);
}

/** The command_status for something that could not be stored. */
export const statusOfFailure = (error: unknown): number =>
  error instanceof NotStored ? error.status : statuses.ESME_RX_T_APPN;

interface Words {
  readonly sourceId: string;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly text: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Binary messages have no words; what they had stands in the details. */
const factsOf = (coding: Coding, bytes: Buffer): Record<string, string> =>
  coding === 'binary' ? { binary: bytes.toString('hex').slice(0, 2_000) } : {};

export interface Arrivals {
  start(): Promise<void>;
  close(): void;
  /** Rejects when nothing could be stored. */
  take(pdu: PduOf<'deliver_sm'>, sessionNumber: number): Promise<DeliveryAnswer>;
}

export function createArrivals(
  options: Pick<SmsChannelOptions<unknown, unknown>, 'account' | 'receive' | 'state'> & { clock: Clock; log: Log },
): Arrivals {
  const { account, receive, state, clock, log } = options;
  const recent = createRecentDeliveries(state, clock);
  const halves = createHalfMessages({ state, clock, handIn: handInLong });

  function eventOf({ sourceId, from, to, at, text: words, facts }: Words): MessageArrived {
    // what no database takes would be refused, and come again, for ever
    const text = words.replaceAll('\0', '').toWellFormed();
    return {
      channel: 'sms',
      ...plainMessage(text),
      sourceId,
      accountId: account.id,
      at: Math.min(at, clock.now()),
      from: { kind: 'phone', value: from, displayName: '' },
      to: to === '' ? account.addresses : [to],
      providerId: null,
      mayAutoReply: true,
      facts,
    };
  }

  async function handInLong(message: JoinedMessage): Promise<void> {
    const { id, from, to, at, coding, bytes, have, total } = message;
    const facts = { ...factsOf(coding, bytes), ...(have < total && { incomplete: `${have} of ${total} parts` }) };
    if (have < total) log.warn({ have, total }, 'long sms handed in with gaps');
    const receipt = await receive(eventOf({ sourceId: `mo:${id}`, from, to, at, text: message.text, facts }));
    // no time will make it ours: its parts must not be kept for ever
    if (!receipt.accepted && receipt.reason === 'unknown_number') log.warn({ to }, 'long sms to a number of nobody');
    else assertStored(receipt);
    for (const deliveryId of message.deliveryIds) recent.end(deliveryId, true);
    // before the parts are forgotten: a repeated part must not begin a message of its own
    await recent.save();
  }

  async function store(pdu: PduOf<'deliver_sm'>, deliveryId: string): Promise<void> {
    const { fields } = pdu;
    const from = wireNumber(fields.source_addr, fields.source_addr_ton);
    const to = wireNumber(fields.destination_addr, fields.dest_addr_ton);
    const body = readBody(fields, pdu.tlvs);
    const coding = body.isForPort ? 'binary' : codingOfByte(fields.data_coding);
    const { bytes, part } = body;
    if (part !== null && bytes.length <= limits.partBytes)
      return halves.add({ deliveryId, from, to, coding, bytes, part });
    const text = decodeText(coding, bytes);
    const words = { sourceId: `mo:${deliveryId}`, from, to, at: clock.now(), text, facts: factsOf(coding, bytes) };
    assertStored(await receive(eventOf(words)));
  }

  return {
    async start() {
      await recent.load();
      await halves.start();
    },
    close: () => halves.close(),
    async take(pdu, sessionNumber) {
      const delivery = await recent.begin(pdu, sessionNumber);
      const isPart = readBody(pdu.fields, pdu.tlvs).part !== null;
      const answer = { status: statuses.ESME_ROK, onHeard: () => recent.heard(delivery.id) };
      // a whole one goes through the door again, which knows it; of a part there is nothing left to do
      if (delivery.isStored && isPart) return answer;
      try {
        await store(pdu, delivery.id);
      } catch (error) {
        recent.end(delivery.id, false);
        throw error;
      }
      recent.end(delivery.id, true);
      return answer;
    },
  };
}

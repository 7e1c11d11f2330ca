/** deliver_sm that tell what became of our messages, tied to them and handed in. */
import type { Clock } from '../../../server/kernel/clock.ts';
import type { MessageId } from '../../../server/kernel/ids.ts';
import type { AdapterState, DeliveryReported } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { SmsChannelOptions } from '../options.ts';
import { createStateCell } from '../state-cell.ts';
import { plainNumber } from './addresses.ts';
import { assertStored } from './arrivals.ts';
import type { PduOf } from './codec.ts';
import { statuses } from './commands.ts';
import { type IdSpelling, outcomeOf, plainId, type ReceiptFacts, readReceipt, unspellId } from './receipt.ts';
import type { SentParts, TiedPart } from './sent-parts.ts';

/** A receipt of a message that this process did not send, or did not hear of again. */
interface Orphan {
  readonly reference: number;
  readonly numbers: readonly string[];
  readonly at: number;
  readonly event: DeliveryReported;
}

export interface Receipts {
  start(): Promise<void>;
  /** The command_status of the answer. Rejects when it could not be stored. */
  take(pdu: PduOf<'deliver_sm'>): Promise<number>;
  /** The provider's id that a receipt named for one part of a message of ours, since then; null = none came. */
  seen(query: { reference: number; to: string; since: number }): string | null;
  /** Hands in again what came for this part before anybody knew whose it is. */
  adopt(query: { reference: number; to: string; messageId: MessageId; part: number | null }): Promise<void>;
}

export function createReceipts(
  options: Pick<SmsChannelOptions<unknown, unknown>, 'account' | 'receive'> & {
    state: AdapterState;
    clock: Clock;
    sent: SentParts;
  },
): Receipts {
  const { account, receive, state, clock, sent } = options;
  const spelling = createStateCell<IdSpelling>(state, 'smpp:id-spelling', 'same');
  const orphans = createStateCell<Orphan[]>(state, 'smpp:orphans', []);

  /** What submit_sm_resp called it, as far as can be told. The optional parameter is spelled like the answer was. */
  function likelyId(facts: ReceiptFacts): string | null {
    const [first] = facts.ids;
    if (first === undefined) return null;
    return facts.ids.length > 1 ? plainId(first) : (unspellId(first, spelling.value) ?? plainId(first));
  }

  async function learn(tied: TiedPart | null): Promise<void> {
    if (!tied?.spelling || tied.spelling === spelling.value) return;
    spelling.value = tied.spelling;
    await spelling.save();
  }

  /** A receipt may overtake the answer to its submission: it waits for it, if one to that number is on its way. */
  async function tie(facts: ReceiptFacts, numbers: readonly string[]): Promise<TiedPart | null> {
    const query = { ids: facts.ids, reference: facts.reference, numbers };
    const now = sent.find(query);
    if (now !== null) return now;
    const landing = numbers.map((number) => sent.landed(number)).find((promise) => promise !== null);
    if (!landing) return null;
    const { promise: tired, resolve } = Promise.withResolvers<void>();
    const timer = clock.after(limits.overtakingMs, resolve);
    await Promise.race([landing, tired]);
    timer.cancel();
    return sent.find(query);
  }

  function eventOf(facts: ReceiptFacts, numbers: readonly string[], tied: TiedPart | null): DeliveryReported {
    const { step, problem } = outcomeOf(facts);
    const id = facts.ids[0] ?? `reference-${facts.reference}`;
    // ids wrap round after months, and two SMSCs give the same ones: number, date and account keep messages apart
    const { state, error, doneDate } = facts;
    const sourceId = ['dlr', account.id, id, plainNumber(numbers[0] ?? ''), state, error, doneDate].join(':');
    return {
      channel: 'sms',
      type: 'delivery.reported',
      sourceId,
      accountId: account.id,
      at: clock.now(),
      messageId: tied?.messageId ?? null,
      providerId: tied?.providerId ?? likelyId(facts),
      part: tied?.part ?? null,
      step,
      problem,
      isComplaint: false,
    };
  }

  async function keepOrphan(facts: ReceiptFacts, numbers: readonly string[], event: DeliveryReported): Promise<void> {
    if (facts.reference === null) return;
    orphans.value.push({ reference: facts.reference, numbers: numbers.map(plainNumber), at: clock.now(), event });
    orphans.value.splice(0, orphans.value.length - limits.orphanReceipts);
    while (Buffer.byteLength(JSON.stringify(orphans.value)) > limits.orphanReceiptBytes) orphans.value.shift();
    await orphans.save();
  }

  const orphansOf = ({ reference, to }: { reference: number; to: string }): Orphan[] =>
    orphans.value.filter((one) => one.reference === reference && one.numbers.includes(plainNumber(to)));

  return {
    async start() {
      await Promise.all([spelling.load(), orphans.load()]);
    },
    async take(pdu) {
      const facts = readReceipt(pdu);
      // the recipient stands in source_addr; some SMSCs leave the addresses as they were
      const numbers = [pdu.fields.source_addr, pdu.fields.destination_addr];
      const tied = await tie(facts, numbers);
      await learn(tied);
      const event = eventOf(facts, numbers, tied);
      // nothing in it says of what it speaks, and nothing ever will
      if (event.messageId === null && event.providerId === null && facts.reference === null) return statuses.ESME_ROK;
      if (tied === null) await keepOrphan(facts, numbers, event);
      if (event.messageId !== null || event.providerId !== null) assertStored(await receive(event));
      return statuses.ESME_ROK;
    },
    seen: (query) =>
      orphansOf(query).find((one) => one.at >= query.since && one.event.providerId)?.event.providerId ?? null,
    async adopt(query) {
      const { messageId, part } = query;
      for (const { event } of orphansOf(query))
        assertStored(await receive({ ...event, sourceId: `${event.sourceId}:tied`, messageId, part }));
    },
  };
}

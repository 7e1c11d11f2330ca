import type { DeliveryReported } from '../../../channels/message-channel.ts';
import type { Database, Executor } from '../../../db/client.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { AccountId, MessageId } from '../../kernel/ids.ts';
import type { Journal, JournalEntry, JournalEvent } from '../../kernel/journal.ts';
import type { Conversations, Gate } from '../rooms.ts';
import { type AddressNews, noteConsequences } from './consequences.ts';
import { type Event, fateOf } from './fate.ts';
import { outboxLimits } from './limits.ts';
import {
  claimIds,
  type GivenId,
  lockMessages,
  lockOverdue,
  parkReceipts,
  type SavedChange,
  saveChanges,
  takeParked,
  takeReceipts,
} from './store.ts';
import type { AttemptEnd, StoredMessage } from './stored.ts';

/** What is to be settled: an attempt's end or a look-up of one message, or a receipt whose message must be found first. */
export type News =
  | { readonly kind: 'own'; readonly id: MessageId; readonly event: Event }
  | { readonly kind: 'receipt'; readonly event: DeliveryReported };

export interface SettlementOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly conversations: Pick<Conversations, 'refreshDeliveries'>;
  readonly gate: Pick<Gate, 'noteConsent'>;
  /** From 0 to 1, for the jitter. */
  readonly luck: () => number;
  /** After each commit: deliveries of these messages are different. */
  readonly onChanged: (ids: readonly MessageId[]) => void;
}

export interface Settlement {
  /** Resolves when it is committed. What comes while a batch is written is the next batch. */
  settle(news: News): Promise<void>;
  /** Attempts whose process died become doubtful, messages past their time are given up. @returns how many */
  sweep(account: AccountId, kind: 'lost' | 'expired'): Promise<number>;
  /** Receipts that were kept because nobody knew their message, looked at again; old ones are thrown away. */
  sweepParked(): Promise<number>;
  /** Waits for what has been handed in. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly news: News;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Messages that a batch works on, with what has happened to them so far. */
interface Desk {
  readonly before: Map<MessageId, StoredMessage>;
  readonly now: Map<MessageId, StoredMessage>;
  readonly ends: { readonly id: MessageId; readonly end: AttemptEnd }[];
  readonly news: AddressNews[];
}

const deskOf = (messages: ReadonlyMap<MessageId, StoredMessage>): Desk => ({
  before: new Map(messages),
  now: new Map(messages),
  ends: [],
  news: [],
});

/** The only writer of what becomes of messages. One batch after another, each a transaction of a few statements. */
export function createSettlement(options: SettlementOptions): Settlement {
  const { db, clock, journal, conversations, gate, luck, onChanged } = options;
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  function apply(desk: Desk, id: MessageId, event: Event): void {
    const message = desk.now.get(id);
    if (!message) return;
    const change = fateOf(message, event, { now: clock.now(), luck: luck() });
    desk.now.set(id, change.message);
    if (change.attempt) desk.ends.push({ id, end: change.attempt });
    for (const consequence of change.consequences) desk.news.push({ message: change.message, consequence });
  }

  /** Receipts that came before the answer that names their message. */
  async function applyParked(tx: Executor, desk: Desk): Promise<void> {
    const given = newIds(desk);
    const owners = new Map(given.map((each) => [`${each.accountId} ${each.providerId}`, each]));
    for (const event of await claimIds(tx, given)) {
      const owner = owners.get(`${event.accountId} ${event.providerId}`);
      if (owner) apply(desk, owner.messageId, { kind: 'receipt', event, part: event.part ?? owner.part });
    }
  }

  /** Writes the desk. @returns what is told after the commit */
  async function write(tx: Executor, desk: Desk): Promise<Written> {
    await applyParked(tx, desk);
    const events = await noteConsequences(tx, gate, desk.news, clock.now());
    const changes = changesOf(desk);
    const moved = changes.filter(({ message, before }) => message !== before);
    for (const { message, before } of moved) if (message.state !== before.state) events.push(deliveryEvent(message));
    if (moved.length === 0 && desk.ends.length === 0 && events.length === 0) return { entries: [], ids: [] };
    const entries = await saveChanges(tx, changes, lastEnds(desk.ends), events);
    const ids = moved.map(({ message }) => message.id);
    if (ids.length > 0) await conversations.refreshDeliveries(tx, ids);
    return { entries, ids };
  }

  const commit = async (work: (tx: Executor) => Promise<Written>): Promise<number> => {
    const { entries, ids } = await db.transaction(work);
    journal.published(entries);
    if (ids.length > 0) onChanged(ids);
    return ids.length;
  };

  const writeBatch = (batch: readonly News[]): Promise<number> =>
    commit(async (tx) => {
      const events = batch.flatMap((news) => (news.kind === 'receipt' ? [news.event] : []));
      const known = events.length > 0 ? await takeReceipts(tx, events, clock.now()) : [];
      const unknown = known.flatMap(({ id, index }) => (id === null ? [events[index]] : []));
      const parked = unknown.filter((event) => event !== undefined && event.providerId !== null);
      await parkReceipts(tx, parked as DeliveryReported[], clock.now());
      const own = batch.flatMap((news) => (news.kind === 'own' ? [news] : []));
      const ids = [...own.map(({ id }) => id), ...known.flatMap(({ id }) => (id === null ? [] : [id]))];
      const desk = deskOf(await lockMessages(tx, ids));
      for (const { id, event } of own) apply(desk, id, event);
      for (const { id, index, part } of known) {
        const event = events[index];
        if (id !== null && event) apply(desk, id, { kind: 'receipt', event, part: event.part ?? part });
      }
      return write(tx, desk);
    });

  /** One that cannot be stored must not keep the others: they are tried one by one. */
  async function settleBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      await writeBatch(batch.map(({ news }) => news));
      for (const { done } of batch) done();
    } catch (error) {
      if (batch.length === 1) batch[0]?.failed(error);
      else for (const each of batch) await settleBatch([each]);
    }
  }

  async function run(): Promise<void> {
    // what is handed in within the same turn belongs to the same batch
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, outboxLimits.batch);
      waiting = waiting.slice(batch.length);
      await settleBatch(batch);
    }
    running = undefined;
  }

  return {
    settle: (news) =>
      new Promise((resolve, reject) => {
        waiting.push({ news, done: resolve, failed: reject });
        running ??= run();
      }),
    sweep: (account, kind) =>
      commit(async (tx) => {
        const messages = await lockOverdue(tx, account, kind, clock.now(), outboxLimits.batch);
        const desk = deskOf(new Map(messages.map((message) => [message.id, message])));
        for (const { id } of messages) apply(desk, id, { kind });
        return write(tx, desk);
      }),
    sweepParked: () =>
      commit(async (tx) => {
        const found = await takeParked(tx, clock.now());
        const desk = deskOf(
          await lockMessages(
            tx,
            found.map(({ id }) => id),
          ),
        );
        for (const { id, event, part } of found) apply(desk, id, { kind: 'receipt', event, part: event.part ?? part });
        return write(tx, desk);
      }),
    idle: async () => {
      while (running) await running;
    },
  };
}

interface Written {
  readonly entries: readonly JournalEntry[];
  readonly ids: readonly MessageId[];
}

/** Ids that parts of this desk's messages did not have before. */
function newIds({ before, now }: Desk): (GivenId & { readonly part: number | null })[] {
  return [...now.values()].flatMap((message) => {
    const old = before.get(message.id);
    return [...message.parts]
      .filter(([part, { providerId }]) => old?.parts.get(part)?.providerId !== providerId)
      .map(([part, { providerId }]) => ({
        accountId: message.accountId,
        providerId,
        messageId: message.id,
        // the id of a message in one piece is the message's
        part: message.segments === 1 ? null : part,
      }));
  });
}

const changesOf = ({ before, now }: Desk): SavedChange[] =>
  [...now.values()].map((message) => ({
    message,
    before: before.get(message.id) ?? message,
    attempt: null,
    consequences: [],
  }));

/** A statement must not write the same row twice. */
const lastEnds = (ends: Desk['ends']): Desk['ends'] => [
  ...new Map(ends.map((each) => [`${each.id} ${each.end.attempt}`, each])).values(),
];

const deliveryEvent = (message: StoredMessage): JournalEvent => ({
  type: 'message.delivery',
  clientId: message.clientId,
  data: { messageId: message.id, channel: message.channel, state: message.state },
});

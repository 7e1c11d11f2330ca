import { performance } from 'node:perf_hooks';
import type { DeliveryReported, MessageChannel } from '../../channels/message-channel.ts';
import { channelAccounts, channelAddresses, clients as clientRows, queues } from '../../db/schema/index.ts';
import { createClients } from '../../server/clients/index.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { type AccountId, type ConversationId, type MessageId, newId } from '../../server/kernel/ids.ts';
import { createJournal } from '../../server/kernel/journal.ts';
import { silentLog } from '../../server/kernel/log.ts';
import type { MessagesContext } from '../../server/messages/context.ts';
import { type ConversationRow, insertConversation } from '../../server/messages/conversation-store.ts';
import { createConversations } from '../../server/messages/conversations/index.ts';
import { createGate } from '../../server/messages/gate/index.ts';
import { createOutbox } from '../../server/messages/outbox/index.ts';
import { openSetup } from '../../server/routing/live-setup.ts';
import { createTimeline } from '../../server/timeline/index.ts';
import { createScriptedChannel } from '../server/messages/outbox/scripted-channel.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { noSight } from '../support/sight.ts';
import { printFigure } from './support/figure.ts';

type ChannelName = 'sms' | 'email';

/** How long the provider takes to answer, and how many it answers at once. */
const answerMs = 20;
const concurrency = 50;
/** Messages to one client. */
const perClient = 2;
/** Messages written at the same time. */
const writers = 20;

/** A provider that answers after a while and reports two steps of each message later. */
function openProvider(accountId: AccountId, channel: ChannelName, report: (event: DeliveryReported) => void) {
  const wire = createScriptedChannel(accountId, channel, { rate: { perSecond: 100_000, concurrency } });
  wire.script(async (message) => {
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    for (const step of ['sent', 'delivered'] as const)
      setTimeout(
        () =>
          report({
            channel,
            type: 'delivery.reported',
            sourceId: `${message.id} ${step}`,
            accountId,
            at: Date.now(),
            messageId: message.id,
            providerId: `p-${message.id}-0`,
            part: null,
            step,
            problem: null,
            isComplaint: false,
          }),
        step === 'sent' ? 50 : 200,
      );
    return wire.take(message);
  });
  return wire;
}

/** The rooms as the server has them, around one account. */
async function openRooms(db: TestDatabase, channel: ChannelName) {
  const [queue] = await db.orm.insert(queues).values({ name: channel }).returning();
  const [account] = await db.orm
    .insert(channelAccounts)
    .values({ kind: channel === 'sms' ? 'smpp' : 'mailbox', name: channel })
    .returning();
  if (!queue || !account) throw new Error('nothing was inserted');
  const [address] = await db.orm
    .insert(channelAddresses)
    .values({ accountId: account.id, channel, value: channel, queueId: queue.id, isDefault: true })
    .returning();
  if (!address) throw new Error('nothing was inserted');
  const clock = systemClock;
  const journal = createJournal({ db, log: silentLog, after: clock.after });
  const clients = createClients({ db, clock, journal, sight: noSight });
  const channels = new Map<AccountId, MessageChannel>();
  const context = {
    db,
    clock,
    log: silentLog,
    journal,
    setup: await openSetup(db),
    clients,
    timeline: createTimeline({ db, clock, journal, clients, recordingsDir: db.dataDir }),
    pushes: { push: () => undefined, pushToCard: () => undefined, isCardWatched: () => false },
    filesDir: db.dataDir,
    channels,
  } as Partial<MessagesContext> as MessagesContext;
  const conversations = createConversations(context);
  const gate = createGate(context, conversations);
  const outbox = createOutbox({ ...context, conversations, gate });

  async function addConversation(index: number): Promise<ConversationRow> {
    const [client] = await db.orm
      .insert(clientRows)
      .values({ name: `Client ${index}` })
      .returning();
    if (!client || !queue || !address) throw new Error('nothing was inserted');
    const now = new Date();
    return insertConversation(db, {
      ...{ id: newId<ConversationId>(), channel, clientId: client.id, addressId: address.id, queueId: queue.id },
      ...{ peer: `+7916${1_000_000 + index}`, state: 'answered', lastDirection: 'out' },
      ...{ lastMessageAt: now, openedAt: now },
    });
  }

  async function write(conversation: ConversationRow): Promise<MessageId> {
    const id = newId<MessageId>();
    const entries = await db.transaction(async (tx) => {
      const text = 'Your order is ready. '.repeat(channel === 'sms' ? 3 : 60);
      const { events } = await outbox.enqueue(tx, {
        idempotencyKey: id,
        conversation,
        row: {
          ...{ id, at: new Date(), origin: 'agent', fromAddress: channel, text, writtenText: text },
          ...(channel === 'email' ? { subject: 'Order', html: `<p>${text}</p>` } : {}),
          to: [{ address: conversation.peer, name: '' }],
        },
        attachmentIds: [],
        nature: 'person',
        priority: 1,
        notBefore: Date.now(),
        expiresAt: null,
        isHeld: false,
      });
      return journal.append(tx, events);
    });
    journal.published(entries);
    return id;
  }

  return { account, channels, outbox, conversations, journal, addConversation, write };
}

async function countIn(db: TestDatabase, states: readonly string[]): Promise<number> {
  const [row] = await db.run<{ count: number }>({
    name: 'bench_count',
    text: 'SELECT count(*)::int AS count FROM message_outbox WHERE state = ANY($1::text[])',
    values: [states],
  });
  return row?.count ?? 0;
}

/** Waits for this many and says when it was. */
async function whenAll(db: TestDatabase, states: readonly string[], count: number): Promise<number> {
  while ((await countIn(db, states)) < count) await new Promise((resolve) => setTimeout(resolve, 100));
  return performance.now();
}

/** The way out: stored, claimed, handed over, told about twice; everything that a real account does but its wire. */
async function measure(channel: ChannelName, count: number): Promise<void> {
  const db = await openTestDatabase();
  const rooms = await openRooms(db, channel);
  try {
    const conversations: ConversationRow[] = [];
    for (let index = 0; index < count / perClient; index++) conversations.push(await rooms.addConversation(index));
    const left = Array.from({ length: count }, (_, index) => conversations[index % conversations.length]);
    const begun = performance.now();
    const writeSome = async (): Promise<void> => {
      for (let next = left.pop(); next; next = left.pop()) await rooms.write(next);
    };
    await Promise.all(Array.from({ length: writers }, writeSome));
    const written = performance.now();

    const reports: Promise<unknown>[] = [];
    const wire = openProvider(rooms.account.id, channel, (event) => reports.push(rooms.outbox.report(event)));
    rooms.channels.set(rooms.account.id, wire);
    const cpu = process.cpuUsage();
    rooms.outbox.start();
    const accepted = whenAll(db, ['accepted', 'sent', 'delivered'], count);
    const delivered = await whenAll(db, ['delivered'], count);
    await Promise.all(reports);
    const used = process.cpuUsage(cpu);
    const dimensions = { bench: 'messages-outbox', engine: db.kind, messages: count };
    const short = channel === 'sms' ? 'sms' : 'mail';
    const perSecond = (from: number, to: number, of = count): number => (of * 1000) / (to - from);
    const print = (figure: string, value: number, unit: string): void =>
      printFigure({ ...dimensions, figure: `${short}_${figure}`, value, unit });
    print('stored_per_second', perSecond(begun, written), '1/s');
    print('accepted_per_second', perSecond(written, await accepted), '1/s');
    print('out_per_second', perSecond(written, delivered), '1/s');
    print('receipts_per_second', perSecond(written, delivered, 2 * count), '1/s');
    print('cpu_per_message', (used.user + used.system) / 1000 / count, 'ms');
    print('twice', wire.taken.length - new Set(wire.taken.map(({ id }) => id)).size, '');
  } finally {
    await rooms.outbox.close();
    await rooms.conversations.close();
    await rooms.journal.close();
    await db.close();
  }
}

/**
 * Messages a second through the outbox, with two receipts each. One JSON object a line.
 * @param args how many short messages and how many mails; default 5000 and 2000
 */
export async function run(args: readonly string[]): Promise<void> {
  const [sms = 5_000, mails = 2_000] = args.map(Number);
  if (sms > 0) await measure('sms', sms);
  if (mails > 0) await measure('email', mails);
}

import { eq } from 'drizzle-orm';
import type { Database, Executor } from '../../../db/client.ts';
import { channelAccounts, channelAddresses, conversations, messages } from '../../../db/schema/index.ts';
import type { AssignmentReason, MessageChannelName } from '../../../server/contract/messages-words.ts';
import {
  type AddressId,
  type ClientId,
  type ConversationId,
  type MessageId,
  newId,
  type QueueId,
  type UserId,
} from '../../../server/kernel/ids.ts';
import type { JournalEvent } from '../../../server/kernel/journal.ts';
import {
  answeredEvents,
  assignedEvent,
  closedEvents,
  messageEvent,
  overdueEvent,
  unassignedEvent,
  waitingEvent,
} from '../../../server/messages/conversation-events.ts';
import {
  type ConversationRow,
  insertConversation,
  lockConversation,
  moveConversation,
} from '../../../server/messages/conversation-store.ts';
import { minutes, type openHouse } from './house.ts';

type House = Awaited<ReturnType<typeof openHouse>>;

/** What clients write and what is done about it, with the rows and events of the room of messages, without it. */
export async function openWriting(db: Database, house: House, queueId: QueueId) {
  const { clock, journal } = house;
  const at = (): Date => new Date(clock.now());
  const addresses = new Map<MessageChannelName, AddressId>();
  for (const [channel, kind] of [
    ['email', 'demo_email'],
    ['sms', 'demo_sms'],
  ] as const) {
    const [account] = await db.orm.insert(channelAccounts).values({ kind, name: channel }).returning();
    const address = {
      accountId: account?.id as never,
      channel,
      value: `our-${channel}`,
      name: `Our ${channel}`,
      queueId,
    };
    const [row] = await db.orm.insert(channelAddresses).values(address).returning();
    addresses.set(channel, row?.id as AddressId);
  }

  type Work = (tx: Parameters<typeof lockConversation>[0], row: ConversationRow) => Promise<readonly JournalEvent[]>;

  async function change(id: ConversationId, work: Work): Promise<void> {
    const entries = await db.transaction(async (tx) =>
      journal.append(tx, await work(tx, await lockConversation(tx, id))),
    );
    journal.published(entries);
    await house.tasks.idle();
  }

  async function addMessage(tx: Executor, row: ConversationRow, direction: 'in' | 'out', userId: UserId | null) {
    const message = { id: newId<MessageId>(), direction, at: at(), nature: 'human', userId };
    const origin = direction === 'in' ? ('client' as const) : ('agent' as const);
    const { id: conversationId, channel } = row;
    await tx.orm
      .insert(messages)
      .values({ ...message, origin, conversationId, channel, fromAddress: 'x', text: 'Hello' });
    return messageEvent(row, { ...message, origin });
  }

  /** The client writes; somebody has it at once or nobody. */
  async function write(
    clientId: ClientId,
    channel: MessageChannelName = 'email',
    { dueInMs = minutes(60), because = 'nobody_free' as AssignmentReason } = {},
  ): Promise<ConversationId> {
    const id = newId<ConversationId>();
    const entries = await db.transaction(async (tx) => {
      const row = await insertConversation(tx, {
        id,
        channel,
        clientId,
        addressId: addresses.get(channel) as AddressId,
        peer: channel === 'sms' ? '+79031112233' : 'client@example.com',
        state: 'waiting',
        queueId,
        assignedBecause: because,
        waitingSince: at(),
        dueAt: new Date(clock.now() + dueInMs),
        lastMessageAt: at(),
        lastDirection: 'in',
        openedAt: at(),
      });
      const why = because === 'nobody_on_shift' ? [unassignedEvent(row, { because, from: null })] : [];
      return journal.append(tx, [waitingEvent(row), ...why]);
    });
    const [row] = await db.orm.select().from(conversations).where(eq(conversations.id, id));
    if (!row) throw new Error('an inserted conversation was not found');
    const received = await journal.append(db, [await addMessage(db, row, 'in', null)]);
    journal.published([...entries, ...received]);
    await house.tasks.idle();
    return id;
  }

  return {
    write,
    /** Writes in a conversation that nobody waits in. */
    writeAgain: (id: ConversationId) =>
      change(id, async (tx, before) => {
        const waits = { waitingSince: at(), dueAt: new Date(clock.now() + minutes(60)) };
        const row = await moveConversation(tx, before, 'arrive', waits);
        return [await addMessage(tx, row, 'in', null), waitingEvent(row)];
      }),
    overdue: (id: ConversationId) => change(id, async (_tx, row) => [overdueEvent(row)]),
    give: (id: ConversationId, userId: UserId) =>
      change(id, async (tx, before) => {
        const to = { ownerId: userId, assignedAt: at(), assignedBecause: 'round_robin' as const };
        return [
          assignedEvent(await moveConversation(tx, before, 'assign', to), { because: 'round_robin', from: null }),
        ];
      }),
    answer: (id: ConversationId, userId: UserId) =>
      change(id, async (tx, before) => {
        await moveConversation(tx, before, 'answer', { waitingSince: null, dueAt: null });
        const event = await addMessage(tx, before, 'out', userId);
        return [event, ...answeredEvents(before, { userId, messageId: newId(), at: clock.now() })];
      }),
    close: (id: ConversationId, userId: UserId) =>
      change(id, async (tx, before) => {
        await moveConversation(tx, before, 'close', { waitingSince: null, dueAt: null });
        return closedEvents(before, { userId, at: clock.now() });
      }),
    /** One of us writes to a client who waits for nothing. */
    async writeTo(clientId: ClientId, userId: UserId): Promise<ConversationId> {
      const id = newId<ConversationId>();
      const row = await insertConversation(db, {
        id,
        channel: 'sms',
        clientId,
        addressId: addresses.get('sms') as AddressId,
        peer: '+79031112233',
        state: 'answered',
        queueId,
        lastMessageAt: at(),
        lastDirection: 'out',
        openedAt: at(),
      });
      journal.published(await journal.append(db, [await addMessage(db, row, 'out', userId)]));
      await house.tasks.idle();
      return id;
    },
  };
}

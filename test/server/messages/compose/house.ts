import { eq } from 'drizzle-orm';
import type { MessageChannel } from '../../../../channels/message-channel.ts';
import {
  channelAccounts,
  channelAddresses,
  conversations as conversationRows,
  messageOutbox,
  messages as messageRows,
  queues,
} from '../../../../db/schema/index.ts';
import type { RouteHandler, RouteInput, SignedInUser } from '../../../../server/access/route.ts';
import type { OperationKey, Output } from '../../../../server/contract/api.ts';
import type { Push } from '../../../../server/contract/events.ts';
import type { MessageInput } from '../../../../server/contract/messages-schemas.ts';
import {
  type AccountId,
  type ClientId,
  type ConversationId,
  type MessageId,
  newId,
} from '../../../../server/kernel/ids.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { createCompose } from '../../../../server/messages/compose/index.ts';
import type { MessagesContext } from '../../../../server/messages/context.ts';
import {
  insertConversation,
  lockConversation,
  moveConversation,
} from '../../../../server/messages/conversation-store.ts';
import { createConversations } from '../../../../server/messages/conversations/index.ts';
import { createGate } from '../../../../server/messages/gate/index.ts';
import { createOutbox } from '../../../../server/messages/outbox/index.ts';
import { openSetup } from '../../../../server/routing/live-setup.ts';
import { createTimeline } from '../../../../server/timeline/index.ts';
import type { TestDatabase } from '../../../support/database.ts';
import { openClients } from '../../clients/house.ts';
import { createScriptedChannel } from '../outbox/scripted-channel.ts';

/** The parts of the room that write, over a real database and providers that take everything. Noon in Moscow, Monday. */
export async function openWritingHouse(db: TestDatabase) {
  const house = await openClients(db);
  const { clock, journal, clients, anna } = house;
  const [queue] = await db.orm.insert(queues).values({ name: newId<string>() }).returning();
  const channels = new Map<AccountId, MessageChannel>();

  async function addAddress(channel: 'sms' | 'email', value: string) {
    const kind = channel === 'sms' ? 'smpp' : 'mailbox';
    const [account] = await db.orm.insert(channelAccounts).values({ kind, name: newId<string>() }).returning();
    if (!account || !queue) throw new Error('nothing was inserted');
    const [address] = await db.orm
      .insert(channelAddresses)
      .values({ accountId: account.id, channel, value, name: 'Shop', queueId: queue.id, isDefault: true })
      .returning();
    const wire = createScriptedChannel(account.id, channel, { maxAttachmentBytes: 1000 });
    channels.set(account.id, wire);
    if (!address) throw new Error('nothing was inserted');
    return { account, address, wire };
  }

  const sms = await addAddress('sms', '+74950000001');
  const email = await addAddress('email', 'shop@example.com');
  const setup = await openSetup(db);
  const pushed: { clientId: ClientId; push: Push }[] = [];
  const context = {
    db,
    clock,
    log: silentLog,
    journal,
    setup,
    clients,
    timeline: createTimeline({ db, clock, journal, clients, recordingsDir: db.dataDir }),
    pushes: {
      push: () => undefined,
      pushToCard: (clientId: ClientId, push: Push) => void pushed.push({ clientId, push }),
      isCardWatched: () => true,
    },
    reading: {
      safeHtml: (html: string) => ({ html, blockedPictures: 0 }),
      parts: (text: string) => [{ kind: 'written' as const, text }],
      subjectKey: (subject: string) => subject.toLowerCase().replace(/^re: /, '') || null,
    },
    filesDir: db.dataDir,
    publicUrl: () => 'http://localhost',
    channels,
    createTask: async () => undefined,
    isOnline: () => true,
  } as Partial<MessagesContext> as MessagesContext;
  const conversations = createConversations(context);
  const gate = createGate(context, conversations);
  const outbox = createOutbox({ ...context, conversations, gate });
  const compose = createCompose(context, { conversations, outbox, gate });
  outbox.start();

  const handlers = new Map<string, RouteHandler<OperationKey>>();
  for (const { routes } of [gate, compose])
    routes((key, handler) => void handlers.set(key, handler as unknown as RouteHandler<OperationKey>));

  /** An operation as the web server calls it. */
  async function ask<K extends OperationKey>(
    key: K,
    user: SignedInUser,
    input: Partial<Pick<RouteInput<K>, 'params' | 'body'>> = {},
  ): Promise<Output<K>> {
    const handler = handlers.get(key);
    if (!handler) throw new Error(`${key} is not mounted`);
    const query = { limit: 100 };
    return (await handler({ params: undefined, body: undefined, ...input, query, user } as never)) as Output<K>;
  }

  let numbers = 0;
  async function addClient(name = 'Petrov Ivan Petrovich', points?: { kind: 'phone' | 'email'; value: string }[]) {
    const number = String(1_000_000 + numbers++);
    const contactPoints = points ?? [
      { kind: 'phone' as const, value: `+7916${number}` },
      { kind: 'email' as const, value: `client${number}@example.org` },
    ];
    const card = await clients.create({ name, contactPoints }, anna);
    return { id: card.id, phone: `+7916${number}`, mail: `client${number}@example.org` };
  }

  const message = (clientId: ClientId, changes: Partial<MessageInput> = {}): MessageInput => ({
    clientId,
    channel: 'sms',
    mode: 'new',
    to: [],
    cc: [],
    subject: '',
    text: 'Hello',
    attachmentIds: [],
    purpose: 'service',
    ...changes,
  });

  const write = (input: MessageInput, more: { key?: string; seenMessages?: number; despiteWarnings?: boolean } = {}) =>
    ask('POST /api/v1/messages', anna, { body: { key: newId<string>(), message: input, ...more } });

  /** The client wrote, as the room that takes in stores it: he waits. */
  async function arrive(
    client: { id: ClientId; phone: string; mail: string },
    row: Partial<typeof messageRows.$inferInsert> & { channel?: 'sms' | 'email' } = {},
  ) {
    const channel = row.channel ?? 'sms';
    const peer = channel === 'sms' ? client.phone : client.mail;
    const at = new Date(clock.now());
    const id = newId<MessageId>();
    const conversation = await db.transaction(async (tx) => {
      const fresh = await insertConversation(tx, {
        id: newId<ConversationId>(),
        channel,
        clientId: client.id,
        addressId: channel === 'sms' ? sms.address.id : email.address.id,
        peer,
        subject: row.subject ?? '',
        state: 'answered',
        queueId: queue?.id as never,
        lastMessageAt: at,
        lastDirection: 'in',
        openedAt: at,
      });
      await conversations.insertMessages(tx, [
        {
          row: {
            ...{ id, conversationId: fresh.id, channel, direction: 'in', at, origin: 'client', fromAddress: peer },
            text: 'Where is my order?',
            writtenText: 'Where is my order?',
            ...row,
          },
          conversation: fresh,
          attachmentIds: [],
        },
      ]);
      return moveConversation(tx, await lockConversation(tx, fresh.id), 'arrive', { waitingSince: at });
    });
    return { id, conversation };
  }

  const conversationOf = async (id: string) => {
    const [row] = await db.orm
      .select()
      .from(conversationRows)
      .where(eq(conversationRows.id, id as ConversationId));
    if (!row) throw new Error(`no conversation ${id}`);
    return row;
  };
  const storedOf = async (id: string) => {
    const [row] = await db.orm
      .select()
      .from(messageRows)
      .innerJoin(messageOutbox, eq(messageOutbox.id, messageRows.id))
      .where(eq(messageRows.id, id as MessageId));
    if (!row) throw new Error(`no message ${id}`);
    return { ...row.messages, outbox: row.message_outbox };
  };

  /** Moves the clock, and waits for what fell due. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) {
      await outbox.idle();
      await new Promise(setImmediate);
    }
  }

  /** An administrator switches an account on, with this adapter, or (`null`) off. */
  async function switchAccount(id: AccountId, adapter: MessageChannel | null): Promise<void> {
    await db.orm
      .update(channelAccounts)
      .set({ enabled: adapter !== null })
      .where(eq(channelAccounts.id, id));
    if (adapter) channels.set(id, adapter);
    else channels.delete(id);
    outbox.accountChanged(id);
    await outbox.idle();
    outbox.wake();
  }

  return {
    ...house,
    timeline: context.timeline,
    switchAccount,
    sms,
    email,
    channels,
    setup,
    pushed,
    conversations,
    gate,
    outbox,
    compose,
    ask,
    addClient,
    message,
    write,
    arrive,
    conversationOf,
    storedOf,
    pass,
    async close() {
      await outbox.close();
      await conversations.close();
    },
  };
}

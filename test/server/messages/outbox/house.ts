import { eq } from 'drizzle-orm';
import type { DeliveryReported, MessageChannel } from '../../../../channels/message-channel.ts';
import type { Database } from '../../../../db/client.ts';
import {
  channelAccounts,
  channelAddresses,
  clients,
  conversations as conversationRows,
  messageAttempts,
  messageOutbox,
  messages,
  queues,
} from '../../../../db/schema/index.ts';
import type { MessageChannelName, OutboxState } from '../../../../server/contract/messages-words.ts';
import { createFakeClock } from '../../../../server/kernel/clock.ts';
import {
  type AccountId,
  type ClientId,
  type ConversationId,
  type MessageId,
  newId,
} from '../../../../server/kernel/ids.ts';
import { createJournal, type JournalEntry } from '../../../../server/kernel/journal.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { type ConversationRow, insertConversation } from '../../../../server/messages/conversation-store.ts';
import { createOutbox } from '../../../../server/messages/outbox/index.ts';
import type { ConsentNote, NewMessage, NewOutgoing } from '../../../../server/messages/rooms.ts';
import { createScriptedChannel, type ScriptedChannel } from './scripted-channel.ts';

/** An outbox over a real database; the rooms beside it are as small as can be. */
export async function openOutboxHouse(
  db: Database,
  {
    channel: channelName = 'sms',
    makeChannel = createScriptedChannel,
  }: {
    channel?: MessageChannelName;
    makeChannel?: (id: AccountId, channel: MessageChannelName) => ScriptedChannel;
  } = {},
) {
  const clock = createFakeClock();
  const journal = createJournal({ db, log: silentLog, after: clock.after });
  const heard: JournalEntry[] = [];
  journal.subscribe((entry) => void heard.push(entry));

  const name = newId<string>();
  const [queue] = await db.orm.insert(queues).values({ name }).returning();
  const [account] = await db.orm.insert(channelAccounts).values({ kind: 'smpp', name }).returning();
  if (!queue || !account) throw new Error('nothing was inserted');
  const [address] = await db.orm
    .insert(channelAddresses)
    .values({ accountId: account.id, channel: channelName, value: name, queueId: queue.id })
    .returning();
  if (!address) throw new Error('nothing was inserted');

  const channel = makeChannel(account.id, channelName);
  const channels = new Map<AccountId, MessageChannel>([[account.id, channel]]);
  const refusals: ConsentNote[] = [];
  const told: MessageId[] = [];
  const rooms = {
    conversations: {
      async insertMessages(tx: Pick<Database, 'orm'>, all: readonly NewMessage[]) {
        for (const { row, conversation } of all)
          await tx.orm.insert(messages).values({ ...row, conversationId: conversation.id });
      },
      refreshDeliveries: async () => undefined,
      deliveriesChanged: async (ids: readonly MessageId[]) => void told.push(...ids),
      readFile: async () => Buffer.from('file'),
    },
    gate: {
      async noteConsent(_tx: unknown, note: ConsentNote) {
        refusals.push(note);
        return [];
      },
    },
  };
  const open = () => createOutbox({ db, clock, log: silentLog, journal, channels, luck: () => 0.5, ...rooms });
  let outbox = open();
  outbox.start();

  async function addConversation(): Promise<ConversationRow> {
    const [client] = await db.orm.insert(clients).values({ name: 'Client' }).returning();
    return insertConversation(db, {
      id: newId<ConversationId>(),
      channel: channelName,
      clientId: client?.id as ClientId,
      addressId: address?.id as never,
      peer: '+79161112233',
      state: 'answered',
      queueId: queue?.id as never,
      lastMessageAt: new Date(clock.now()),
      lastDirection: 'out',
      openedAt: new Date(clock.now()),
    });
  }

  type Changes = Partial<NewOutgoing> & { text?: string; to?: string };

  const outgoing = (conversation: ConversationRow, { text = 'Hello', to, ...changes }: Changes = {}): NewOutgoing => ({
    idempotencyKey: newId<string>(),
    conversation,
    row: {
      id: newId<MessageId>(),
      at: new Date(clock.now()),
      origin: 'agent',
      fromAddress: '+74950000001',
      to: [{ address: to ?? conversation.peer, name: '' }],
      text,
      writtenText: text,
    },
    attachmentIds: [],
    nature: 'person',
    priority: 1,
    notBefore: clock.now(),
    expiresAt: null,
    isHeld: false,
    ...changes,
  });

  /** As whoever writes does: stored and journalled, then woken. */
  async function write(conversation: ConversationRow, changes: Changes = {}): Promise<MessageId> {
    const message = outgoing(conversation, changes);
    const { id, entries } = await db.transaction(async (tx) => {
      const { id, events } = await outbox.enqueue(tx, message);
      return { id, entries: await journal.append(tx, events) };
    });
    journal.published(entries);
    outbox.wake();
    return id;
  }

  async function rowOf(id: MessageId) {
    const [row] = await db.orm.select().from(messageOutbox).where(eq(messageOutbox.id, id));
    if (!row) throw new Error(`no row ${id}`);
    return row;
  }

  const stateOf = async (id: MessageId): Promise<OutboxState> => (await rowOf(id)).state;

  /** Waits until a message is in this state; the clock stands still. */
  async function reaches(id: MessageId, state: OutboxState): Promise<void> {
    for (;;) {
      if ((await stateOf(id)) === state) return;
      await new Promise(setImmediate);
    }
  }

  /** Waits until so many attempts have ended and their outcome is stored. */
  async function attempted(id: MessageId, count = 1): Promise<void> {
    for (;;) {
      const ended = (await attemptsOf(id)).filter(({ endedAt }) => endedAt !== null);
      if (ended.length >= count) return rest();
      await new Promise(setImmediate);
    }
  }

  /** Waits for what is under way. */
  async function rest(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await outbox.idle();
      await new Promise(setImmediate);
    }
  }

  /** Moves the clock, and waits for what fell due. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    await rest();
  }

  const receipt = (changes: Partial<DeliveryReported>): DeliveryReported => ({
    channel: channelName,
    type: 'delivery.reported',
    sourceId: newId<string>(),
    accountId: account.id,
    at: clock.now(),
    messageId: null,
    providerId: null,
    part: null,
    step: 'delivered',
    problem: null,
    isComplaint: false,
    ...changes,
  });

  const attemptsOf = async (id: MessageId) =>
    (await db.orm.select().from(messageAttempts).where(eq(messageAttempts.messageId, id))).sort(
      (one, other) => one.attempt - other.attempt,
    );

  return {
    db,
    clock,
    journal,
    heard,
    channel,
    channels,
    account,
    address,
    refusals,
    told,
    open,
    get outbox() {
      return outbox;
    },
    /** What follows is done by another sender over the same rows; the old one is told nothing. */
    restart() {
      outbox = open();
      outbox.start();
    },
    addConversation,
    outgoing,
    write,
    rowOf,
    stateOf,
    reaches,
    attempted,
    rest,
    pass,
    receipt,
    attemptsOf,
    conversationOf: async (id: ConversationId) =>
      (await db.orm.select().from(conversationRows).where(eq(conversationRows.id, id)))[0],
  };
}

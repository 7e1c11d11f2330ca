import { eq } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import {
  channelAccounts,
  channelAddresses,
  clients as clientRows,
  conversations as conversationRows,
  messageSettings,
  queueAgents,
  queues,
  users,
  workSchedules,
} from '../../../../db/schema/index.ts';
import type { SignedInUser } from '../../../../server/access/route.ts';
import type { MessageChannelName } from '../../../../server/contract/messages-words.ts';
import type { RoutingStatus } from '../../../../server/contract/words.ts';
import {
  type AddressId,
  type ClientId,
  type ConversationId,
  type InteractionId,
  newId,
  type QueueId,
  type UserId,
} from '../../../../server/kernel/ids.ts';
import type { JournalEvent } from '../../../../server/kernel/journal.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { createAssignment } from '../../../../server/messages/assignment/index.ts';
import type { MessagesContext } from '../../../../server/messages/context.ts';
import { answeredEvents, closedEvents, waitingEvent } from '../../../../server/messages/conversation-events.ts';
import {
  type ConversationRow,
  insertConversation,
  lockConversation,
  moveConversation,
} from '../../../../server/messages/conversation-store.ts';
import type { Conversations } from '../../../../server/messages/rooms.ts';
import { openSetup } from '../../../../server/routing/live-setup.ts';
import { createRoster } from '../../../../server/routing/roster.ts';
import { openClients } from '../../clients/house.ts';

const minute = 60_000;

/** A company whose clients write: assignment over a real database, with stand-ins for what takes in and shows. */
export async function openHouse(db: Database) {
  const { clock, journal, clients, heard, anna } = await openClients(db);
  const setup = await openSetup(db);
  const roster = createRoster(setup, clock);
  const online = new Set<UserId>();
  const told: { id: ConversationId; formerOwnerId?: UserId | null; alert: boolean }[] = [];
  const addresses = new Map<string, AddressId>();
  const answeredByCall: ConversationId[] = [];

  async function inTransaction(
    id: ConversationId,
    work: (tx: Parameters<typeof lockConversation>[0], row: ConversationRow) => Promise<readonly JournalEvent[]>,
  ): Promise<void> {
    const entries = await db.transaction(async (tx) =>
      journal.append(tx, await work(tx, await lockConversation(tx, id))),
    );
    journal.published(entries);
    await settle();
  }

  const conversations = {
    changed: async (news) => void told.push(news),
    answered: async (tx, id, by) => {
      const before = await lockConversation(tx, id);
      await moveConversation(tx, before, 'answer', { waitingSince: null, dueAt: null, lastDirection: 'out' });
      if (by.messageId === null) answeredByCall.push(id);
      return answeredEvents(before, by);
    },
    view: async (id) => ({ id }) as never,
  } as Partial<Conversations> as Conversations;

  const context = {
    db,
    clock,
    log: silentLog,
    journal,
    setup,
    roster,
    clients,
    isOnline: (id: UserId) => online.has(id),
  } as Partial<MessagesContext> as MessagesContext;
  let assignment = createAssignment(context, conversations);

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(setImmediate);
      await assignment.idle();
    }
  }

  async function addUser(
    login: string,
    hours: { from: string; to: string } | null,
    role: 'agent' | 'supervisor' | 'admin' = 'agent',
  ): Promise<SignedInUser> {
    const row = { login, name: login, role, passwordHash: '', sipSecret: '' };
    const [user] = await db.orm.insert(users).values(row).returning();
    const id = user?.id as UserId;
    const weekly = hours && Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [hours]]));
    if (weekly) await db.orm.insert(workSchedules).values({ userId: id, timeZone: 'Europe/Moscow', weekly });
    return { ...row, id, teamId: null, language: 'ru', sees: 'all', mayExport: false };
  }

  async function addQueue(name: string, members: readonly UserId[]): Promise<QueueId> {
    const [queue] = await db.orm.insert(queues).values({ name }).returning();
    const queueId = queue?.id as QueueId;
    for (const [position, userId] of members.entries())
      await db.orm.insert(queueAgents).values({ queueId, userId, position });
    for (const [channel, kind] of [
      ['email', 'demo_email'],
      ['sms', 'demo_sms'],
      ['chat', 'web_chat'],
    ] as const) {
      const account = { kind, name: `${name} ${channel}` };
      const [{ id: accountId } = { id: 0 as never }] = await db.orm.insert(channelAccounts).values(account).returning();
      const address = { accountId, channel, value: `${name}-${channel}`, queueId };
      const [row] = await db.orm.insert(channelAddresses).values(address).returning();
      addresses.set(`${queueId} ${channel}`, row?.id as AddressId);
    }
    return queueId;
  }

  /** As the setting room does after a change. */
  async function applySetting(): Promise<void> {
    await setup.reload();
    roster.apply(setup, () => false);
    assignment.settingChanged();
    await settle();
  }

  let numbers = 0;
  async function addClient(responsibleId: UserId | null = null): Promise<ClientId> {
    const contactPoints = [{ kind: 'phone' as const, value: `+7916${String(3_000_000 + numbers++)}` }];
    const { id } = await clients.create({ name: `Client ${numbers}`, contactPoints }, anna);
    if (responsibleId !== null)
      await db.orm
        .update(clientRows)
        .set({ responsibleId })
        .where(eq(clientRows.id, id as ClientId));
    return id;
  }

  interface Wait {
    readonly clientId: ClientId;
    readonly queueId: QueueId;
    readonly channel?: MessageChannelName;
    readonly dueInMs?: number;
  }

  /** The client writes: a new conversation. */
  async function arrive({
    clientId,
    queueId,
    channel = 'email',
    dueInMs = 60 * minute,
  }: Wait): Promise<ConversationId> {
    const id = newId<ConversationId>();
    const now = clock.now();
    const entries = await db.transaction(async (tx) => {
      const row = await insertConversation(tx, {
        id,
        channel,
        clientId,
        addressId: addresses.get(`${queueId} ${channel}`) as AddressId,
        peer: 'client',
        state: 'waiting',
        queueId,
        waitingSince: new Date(now),
        dueAt: new Date(now + dueInMs),
        lastMessageAt: new Date(now),
        lastDirection: 'in',
        openedAt: new Date(now),
      });
      return journal.append(tx, [waitingEvent(row)]);
    });
    journal.published(entries);
    await settle();
    return id;
  }

  /** The client writes again in one that was answered or closed. */
  const again = (id: ConversationId, dueInMs = 60 * minute) =>
    inTransaction(id, async (tx, before) => {
      const waits = { waitingSince: new Date(clock.now()), dueAt: new Date(clock.now() + dueInMs) };
      const row = await moveConversation(tx, before, 'arrive', { ...waits, lastDirection: 'in' });
      return [waitingEvent(row)];
    });

  const answer = (id: ConversationId, userId: UserId) =>
    inTransaction(id, (tx) =>
      conversations.answered(tx, id, { userId, messageId: newId(), at: clock.now() }).then((events) => events),
    );

  const closeConversation = (id: ConversationId, userId: UserId) =>
    inTransaction(id, async (tx, before) => {
      await moveConversation(tx, before, 'close', { waitingSince: null, dueAt: null });
      return closedEvents(before, { userId, at: clock.now() });
    });

  async function read(id: ConversationId): Promise<ConversationRow> {
    const [row] = await db.orm.select().from(conversationRows).where(eq(conversationRows.id, id));
    if (!row) throw new Error(`there is no conversation ${id}`);
    return row;
  }

  /** Who has it, and why; `waiting` when nobody has. */
  async function holder(id: ConversationId): Promise<readonly [UserId | 'waiting', string | null]> {
    const { state, ownerId, assignedBecause } = await read(id);
    return [state === 'assigned' && ownerId !== null ? ownerId : 'waiting', assignedBecause];
  }

  async function setStatus(userId: UserId, status: RoutingStatus): Promise<void> {
    const since = new Date(clock.now());
    roster.setPresence({ userId, status, reason: '', nextStatus: null, nextReason: '', since, cause: 'agent' });
    await settle();
  }

  /** Signed in and ready. */
  async function comeIn(userId: UserId): Promise<void> {
    online.add(userId);
    await setStatus(userId, 'available');
  }

  async function setWork(userId: UserId, kind: 'ringing' | 'on_call' | 'wrap_up' | null): Promise<void> {
    roster.setWork(userId, kind && { kind, interactionId: newId<InteractionId>() });
    await settle();
  }

  async function advance(ms: number): Promise<void> {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      clock.advance(Math.min(15_000, end - clock.now()));
      await settle();
    }
  }

  async function setCapacity(capacity: number): Promise<void> {
    await db.orm.update(messageSettings).set({ capacity });
    await applySetting();
  }

  return {
    db,
    clock,
    journal,
    roster,
    setup,
    heard,
    told,
    online,
    conversations,
    answeredByCall,
    addUser,
    addQueue,
    addClient,
    applySetting,
    arrive,
    again,
    answer,
    closeConversation,
    read,
    holder,
    setStatus,
    comeIn,
    setWork,
    setCapacity,
    advance,
    settle,
    get assignment() {
      return assignment;
    },
    start: async () => {
      await applySetting();
      await assignment.start();
      await settle();
    },
    /** What follows is done by a fresh one over the same database. */
    restart: async () => {
      await assignment.close();
      assignment = createAssignment(context, conversations);
      await assignment.start();
      await settle();
    },
    close: () => assignment.close(),
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import type { MessageChannel } from '../../channels/message-channel.ts';
import {
  channelAccounts,
  channelAddresses,
  presence,
  queueAgents,
  queues,
  users,
  workSchedules,
} from '../../db/schema/index.ts';
import type { SignedInUser } from '../../server/access/route.ts';
import { createClients } from '../../server/clients/index.ts';
import type { Push } from '../../server/contract/events.ts';
import type { AccountKind, MessageChannelName } from '../../server/contract/messages-words.ts';
import { createFakeClock } from '../../server/kernel/clock.ts';
import type { AccountId, AddressId, ClientId, QueueId, UserId } from '../../server/kernel/ids.ts';
import { createJournal, type JournalEntry } from '../../server/kernel/journal.ts';
import { silentLog } from '../../server/kernel/log.ts';
import type { MessagesContext } from '../../server/messages/context.ts';
import { openSetup } from '../../server/routing/live-setup.ts';
import { createRoster } from '../../server/routing/roster.ts';
import { createTimeline } from '../../server/timeline/index.ts';
import type { TestDatabase } from './database.ts';
import { openSight } from './sight.ts';

const allDay = [{ from: '00:00', to: '00:00' }] as const;
const always = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };

/** An address of ours with its account. */
export interface HouseAddress {
  readonly accountId: AccountId;
  readonly addressId: AddressId;
  readonly value: string;
}

export type MessagesHouse = Awaited<ReturnType<typeof openMessagesHouse>>;

/**
 * A company with Anna and Boris in one queue that never closes (others on demand), a mailbox, a number and a site, over a
 * real database: everything that the room of messages stands on, and what is heard of it.
 */
export async function openMessagesHouse(db: TestDatabase, queueRules: Partial<typeof queues.$inferInsert> = {}) {
  const agents = await db.orm
    .insert(users)
    .values(
      ['anna', 'boris'].map((login) => ({
        login,
        name: login === 'anna' ? 'Anna' : 'Boris',
        role: 'agent' as const,
        passwordHash: '',
        sipSecret: '',
      })),
    )
    .returning();
  await db.orm.insert(workSchedules).values(agents.map(({ id }) => ({ userId: id, timeZone: 'UTC', weekly: always })));
  await db.orm.insert(presence).values(agents.map(({ id }) => ({ userId: id, status: 'available' as const })));
  const [queue] = await db.orm
    .insert(queues)
    .values({ name: 'Sales', ...queueRules })
    .returning();
  if (!queue) throw new Error('no queue');
  await db.orm
    .insert(queueAgents)
    .values(agents.map(({ id }, position) => ({ queueId: queue.id, userId: id, position })));

  const clock = createFakeClock();
  const journal = createJournal({ db, log: silentLog, after: clock.after });
  const heard: JournalEntry[] = [];
  journal.subscribe((entry) => void heard.push(entry));
  const sight = await openSight(db, clock);
  const clients = createClients({ db, clock, journal, sight });
  const timeline = createTimeline({ db, clock, journal, clients, recordingsDir: db.dataDir });
  const setup = await openSetup(db);
  const roster = createRoster(setup, clock);
  const pushed: { userId: UserId; push: Push }[] = [];
  const pushedToCard: { clientId: ClientId; push: Push }[] = [];
  const tasks: Parameters<MessagesContext['createTask']>[0][] = [];
  const online = new Set<UserId>();
  const channels = new Map<AccountId, MessageChannel>();
  const filesDir = path.join(db.dataDir, 'message-files');
  mkdirSync(filesDir, { recursive: true });
  const context: MessagesContext = {
    db,
    clock,
    log: silentLog,
    journal,
    setup,
    roster,
    clients,
    timeline,
    pushes: {
      push: (userId, push) => void pushed.push({ userId, push }),
      pushToCard: (clientId, push) => void pushedToCard.push({ clientId, push }),
      isCardWatched: () => true,
    },
    reading: {
      safeHtml: (html) => ({ html, blockedPictures: 0 }),
      parts: (text) => [{ kind: 'written', text }],
      subjectKey: (subject) => subject.replace(/^(re: *)+/i, '').toLowerCase() || null,
    },
    filesDir,
    publicUrl: () => 'https://switchroom.test',
    channels,
    createTask: async (task) => void tasks.push(task),
    isOnline: (userId) => online.has(userId),
  };

  /** Another address, on an account of its own. */
  async function addAddress(
    channel: MessageChannelName,
    kind: AccountKind,
    value: string,
    queueId: QueueId = queue?.id as QueueId,
  ): Promise<HouseAddress> {
    const [account] = await db.orm.insert(channelAccounts).values({ kind, name: value }).returning();
    if (!account) throw new Error('no account');
    const isDefault = true;
    const [address] = await db.orm
      .insert(channelAddresses)
      .values({ accountId: account.id, channel, value, name: `Shop ${channel}`, queueId, isDefault })
      .returning();
    if (!address) throw new Error('no address');
    return { accountId: account.id, addressId: address.id, value };
  }

  const signedIn = (row: (typeof agents)[number] | undefined): SignedInUser => ({
    id: row?.id as UserId,
    login: row?.login ?? '',
    name: row?.name ?? '',
    role: 'agent',
    teamId: null,
    language: 'ru',
    sees: 'all',
    mayExport: false,
  });
  const [anna, boris] = agents;
  return {
    db,
    clock,
    context,
    journal,
    clients,
    setup,
    roster,
    queueId: queue.id,
    anna: signedIn(anna),
    boris: signedIn(boris),
    email: await addAddress('email', 'mailbox', 'shop@ours.example'),
    sms: await addAddress('sms', 'smpp', '+74950000001'),
    chat: await addAddress('chat', 'web_chat', 'shop-site'),
    addAddress,
    channels,
    online,
    tasks,
    heard,
    pushed,
    pushedToCard,
  };
}

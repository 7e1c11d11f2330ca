import { and, eq } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { channelAccounts, channelAddresses, contactPoints, messageSettings, queues } from '../../../db/schema/index.ts';
import { seedClients } from '../../../db/seed/bulk.ts';
import type { AccountKind, MessageChannelName } from '../../../server/contract/messages-words.ts';
import type { FarEnd } from './far-end.ts';

export const ourNumber = '+74950000777';
export const ourMailbox = 'shop@ours.example';

/** Strangers write so many messages each. */
const messagesEach = 3;
/** Endings that mean something to the SMSC. */
const special = /(?:00[1-8]|01[04]|045|058|09[6-9])$/;

/** Messages with an even number are SMS, the others mails. */
export const channelOf = (index: number): 'sms' | 'email' => (index % 2 === 0 ? 'sms' : 'email');

/** Who writes `in INDEX`. */
export function strangerAt(index: number): string {
  const who = Math.floor(index / (2 * messagesEach));
  return index % 2 === 0 ? `+7977${String(who).padStart(7, '0')}` : `stranger-${who}@strangers.example`;
}

/** Who gets `out INDEX`. */
export interface Recipient {
  readonly clientId: number;
  readonly address: string;
}

/**
 * Clients who are written to, each once, and accounts on the far end. Nobody sleeps, nothing waits to be undone.
 * @returns recipients by the number of their message
 */
export async function makePeople(db: Database, { ports }: FarEnd, count: number): Promise<Recipient[]> {
  const set = { quietFrom: '00:00', quietTo: '00:00', undoSeconds: 0 };
  await db.orm.insert(messageSettings).values(set).onConflictDoUpdate({ target: messageSettings.id, set });
  await addAccount(db, {
    kind: 'smpp',
    channel: 'sms',
    value: ourNumber,
    settings: { host: '127.0.0.1', port: ports.smsc, perSecond: 1_000, window: 50 },
    secrets: { systemId: 'esme', password: 'secret' },
  });
  const open = { host: '127.0.0.1', security: 'none' };
  await addAccount(db, {
    kind: 'mailbox',
    channel: 'email',
    value: ourMailbox,
    settings: {
      imap: { ...open, port: ports.imap, user: 'shop', sentFolder: null, sinceDays: 3_000 },
      smtp: { ...open, port: ports.smtp, auth: 'none', perDomainPerMinute: 0 },
    },
    secrets: { password: 'secret' },
  });
  // seven of ten have an e-mail address
  await seedClients(db, Math.ceil(count * 0.8) + 40);
  const phones = (await primary(db, 'phone')).filter(({ address }) => !special.test(address));
  const emails = await primary(db, 'email');
  return Array.from({ length: count }, (_, index) => {
    const recipient = (channelOf(index) === 'sms' ? phones : emails)[Math.floor(index / 2)];
    if (!recipient) throw new Error('not enough clients');
    return recipient;
  });
}

interface Account {
  readonly kind: AccountKind;
  readonly channel: MessageChannelName;
  readonly value: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
}

async function addAccount(db: Database, { kind, channel, value, settings, secrets }: Account): Promise<void> {
  const [queue] = await db.orm.select().from(queues);
  const [account] = await db.orm.insert(channelAccounts).values({ kind, name: value, settings, secrets }).returning();
  if (!queue || !account) throw new Error('no queue or account');
  await db.orm.update(channelAddresses).set({ isDefault: false }).where(eq(channelAddresses.channel, channel));
  await db.orm
    .insert(channelAddresses)
    .values({ accountId: account.id, channel, value, name: 'Shop', queueId: queue.id, isDefault: true });
}

/** Of the clients made in bulk; the demo company's own are left alone. */
async function primary(db: Database, kind: 'phone' | 'email'): Promise<Recipient[]> {
  const isIt = and(eq(contactPoints.kind, kind), eq(contactPoints.isPrimary, true));
  const points = await db.orm.select().from(contactPoints).where(isIt).orderBy(contactPoints.clientId);
  return points
    .filter(({ value }) => (kind === 'phone' ? value.startsWith('+7964') : value.endsWith('@bulk.example')))
    .map(({ clientId, value }) => ({ clientId, address: value }));
}

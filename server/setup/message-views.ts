import { asc } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import {
  channelAccounts,
  channelAddresses,
  inboundRules,
  messageSettings,
  messageTemplates,
} from '../../db/schema/index.ts';
import { channelOfAccount } from '../contract/messages-words.ts';
import type { MessageSettings, SetupAccount, SetupRule, SetupTemplate } from '../contract/setup-message-schemas.ts';

/** @param publicUrl where providers reach the house, without a slash at the end */
export async function accountViews({ orm }: Executor, publicUrl: string): Promise<SetupAccount[]> {
  const rows = await orm.select().from(channelAccounts).orderBy(asc(channelAccounts.id));
  const addresses = await orm.select().from(channelAddresses).orderBy(asc(channelAddresses.id));
  return rows.map(({ id, version, kind, name, enabled, settings, secrets }) => ({
    id,
    version,
    kind,
    channel: channelOfAccount[kind],
    name,
    enabled,
    settings,
    addresses: addresses
      .filter((address) => address.accountId === id)
      .map(({ id, value, name, queueId, isDefault }) => ({ id, value, name, queueId, isDefault })),
    // names alone
    secrets: Object.keys(secrets).sort(),
    webhookUrl: `${publicUrl}/channels/${id}/`,
  }));
}

export async function templateViews({ orm }: Executor): Promise<SetupTemplate[]> {
  const rows = await orm.select().from(messageTemplates).orderBy(asc(messageTemplates.name), asc(messageTemplates.id));
  return rows.map(({ archivedAt, ...row }) => ({ ...row, archived: archivedAt !== null }));
}

export async function ruleViews({ orm }: Executor): Promise<SetupRule[]> {
  return await orm.select().from(inboundRules).orderBy(asc(inboundRules.position), asc(inboundRules.id));
}

export async function messageSettingsView({ orm }: Executor): Promise<MessageSettings> {
  const [row] = await orm.select().from(messageSettings);
  if (!row) throw new Error('the database has no row of message settings');
  const { id: _, ...settings } = row;
  return settings;
}

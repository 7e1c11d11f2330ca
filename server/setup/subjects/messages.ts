import { inArray, sql } from 'drizzle-orm';
import {
  channelAddresses,
  inboundRules,
  messageSettings,
  messageTemplates,
  queues,
  users,
} from '../../../db/schema/index.ts';
import type { MessageChannelName, RuleAction, RuleMatch } from '../../contract/messages-words.ts';
import type { MessageSettings } from '../../contract/setup-message-schemas.ts';
import { templateFieldNames } from '../../contract/setup-message-words.ts';
import type { AddressId, QueueId, UserId } from '../../kernel/ids.ts';
import { wrongField } from '../problems.ts';
import type { Checked } from '../subject.ts';
import { exists, requireFree, rowSubject } from './row.ts';

/** Id of the one row. */
export const messageSettingsId = 1;

const known: readonly string[] = templateFieldNames;

/** Fields that nobody fills in would stand in the message as they are. */
function checkFields(field: string, text: string): void {
  for (const [, name = ''] of text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g))
    if (!known.includes(name)) throw wrongField(field, `there is no field {{${name}}}`);
}

export interface TemplateData {
  readonly channel: MessageChannelName | null;
  readonly name: string;
  /** Lower case. */
  readonly shortcut: string;
  readonly language: 'ru' | 'en' | '';
  readonly subject: string;
  readonly body: string;
  readonly archived: boolean;
}

/** Templates of messages. Messages of the past name them: they are archived, never removed. */
export const templateSubject = rowSubject({
  kind: 'message_template',
  table: messageTemplates,
  nameOf: ({ name }: TemplateData) => name,
  toData: ({ channel, name, shortcut, language, subject, body, archivedAt }): TemplateData => ({
    channel,
    name,
    shortcut,
    language,
    subject,
    body,
    archived: archivedAt !== null,
  }),
  toRow: ({ archived, ...data }) => ({
    ...data,
    archivedAt: archived ? sql`coalesce(${messageTemplates.archivedAt}, now())` : null,
  }),
  async check(data, { tx, before }) {
    if (!/^[\p{L}\p{N}_-]+$/u.test(data.shortcut))
      throw wrongField('shortcut', 'has other characters than letters, digits, _ and -');
    const wanted = { table: messageTemplates, column: messageTemplates.shortcut, value: data.shortcut };
    await requireFree(tx, wanted, { id: before?.id, field: 'shortcut', label: messageTemplates.name });
    checkFields('subject', data.subject);
    checkFields('body', data.body);
  },
  retired: (data) => ({ ...data, archived: true }),
});

export interface RuleData {
  readonly name: string;
  readonly enabled: boolean;
  readonly position: number;
  readonly channel: MessageChannelName | null;
  readonly addressId: number | null;
  readonly match: RuleMatch;
  readonly words: readonly string[];
  readonly action: RuleAction;
  readonly text: string;
  readonly queueId: number | null;
  readonly userId: number | null;
}

function checkAction({ action, text, queueId, match, words }: RuleData): void {
  if ((match === 'keyword' || match === 'contains') && words.length === 0)
    throw wrongField('words', 'at least one must be given');
  if ((action === 'reply' || action === 'task') && text.trim() === '') throw wrongField('text', 'must be given');
  if (action === 'reply') checkFields('text', text);
  if (action === 'queue' && queueId === null) throw wrongField('queueId', 'must be given');
}

async function checkReferences(data: RuleData, { tx }: Checked<RuleData>): Promise<void> {
  const { addressId, channel, queueId, userId } = data;
  if (addressId !== null) {
    const ids = [addressId as AddressId];
    const [address] = await tx.orm.select().from(channelAddresses).where(inArray(channelAddresses.id, ids));
    if (!address) throw wrongField('addressId', `there is no address ${addressId}`);
    if (channel !== null && address.channel !== channel) throw wrongField('addressId', 'is of another channel');
  }
  if (queueId !== null && !(await exists(tx, queues, queueId)))
    throw wrongField('queueId', `there is no queue ${queueId}`);
  if (userId !== null && !(await exists(tx, users, userId))) throw wrongField('userId', `there is no user ${userId}`);
}

/** What is done with a message before people see it. */
export const ruleSubject = rowSubject({
  kind: 'inbound_rule',
  table: inboundRules,
  nameOf: ({ name }: RuleData) => name,
  toData: ({ id: _id, version: _version, ...data }): RuleData => data,
  toRow: ({ words, addressId, queueId, userId, ...data }) => ({
    ...data,
    words: [...words],
    addressId: addressId as AddressId | null,
    queueId: queueId as QueueId | null,
    userId: userId as UserId | null,
  }),
  async check(data, checked) {
    checkAction(data);
    await checkReferences(data, checked);
  },
});

export type MessageSettingsData = Omit<MessageSettings, 'version'>;

/** Capacity, quiet hours, frequency. */
export const messageSettingsSubject = rowSubject({
  kind: 'message_settings',
  table: messageSettings,
  nameOf: (_data: MessageSettingsData) => 'messages',
  toData: ({ id: _id, version: _version, ...data }): MessageSettingsData => data,
  toRow: (data) => data,
  async check(data) {
    const costs = [data.weightEmail, data.weightSms, data.weightChat];
    if (Math.max(...costs) > data.capacity)
      throw wrongField('capacity', 'is less than one conversation costs: nobody could be given any');
  },
});

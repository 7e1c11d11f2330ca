import type { AccountKind, MessageChannelName } from '../../server/contract/messages-words.ts';
import type { QueueId } from '../../server/kernel/ids.ts';
import type { Orm } from '../client.ts';
import { channelAccounts, channelAddresses, messageTemplates } from '../schema/index.ts';

/** Where clients of the demo write to; the far end is the page /demo (channels/demo). */
export const demoMailAddress = 'sales@switchroom.example';
export const demoSmsNumber = '+74950000001';
export const demoSite = 'demo-site';

const accounts: readonly {
  readonly kind: AccountKind;
  readonly name: string;
  readonly channel: MessageChannelName;
  readonly value: string;
  readonly settings: Readonly<Record<string, unknown>>;
}[] = [
  { kind: 'demo_email', name: 'Demo mailbox', channel: 'email', value: demoMailAddress, settings: {} },
  { kind: 'demo_sms', name: 'Demo SMS', channel: 'sms', value: demoSmsNumber, settings: {} },
  {
    kind: 'web_chat',
    name: 'Demo web chat',
    channel: 'chat',
    value: demoSite,
    settings: {
      origins: [],
      title: 'Switchroom',
      greeting: 'Здравствуйте! Чем помочь? / Hello! How can we help?',
      color: '#2456c4',
      callLine: demoSmsNumber,
    },
  },
];

const templates = [
  {
    name: 'Перезвоним / We will call',
    shortcut: 'call',
    language: '' as const,
    body: 'Здравствуйте, {{client.firstName}}! Получили ваше сообщение и перезвоним сегодня. {{agent.name}}, {{company.name}}',
  },
  {
    name: 'Спасибо за заказ',
    shortcut: 'thanks',
    language: 'ru' as const,
    body: '{{client.firstName}}, спасибо за заказ! Если что-то не так, просто ответьте на это сообщение. {{agent.name}}',
  },
  {
    name: 'Thank you',
    shortcut: 'thanks-en',
    language: 'en' as const,
    body: 'Dear {{client.firstName}}, thank you for your order. If anything is wrong, just answer this message. {{agent.name}}',
  },
] as const;

/** A mailbox, a number for SMS and a chat, all of them with the demo's own far end, and some templates. */
export async function seedAccounts(orm: Orm, queueId: QueueId, addressName: string): Promise<void> {
  for (const { kind, name, channel, value, settings } of accounts) {
    const [account] = await orm.insert(channelAccounts).values({ kind, name, settings }).returning();
    if (!account) throw new Error('no account was made');
    await orm
      .insert(channelAddresses)
      .values({ accountId: account.id, channel, value, name: addressName, queueId, isDefault: true });
  }
  await orm.insert(messageTemplates).values([...templates]);
}

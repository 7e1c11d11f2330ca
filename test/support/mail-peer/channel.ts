import { createEmailChannel, type EmailChannelOptions } from '../../../channels/email/adapter.ts';
import { createMailSigner } from '../../../channels/email/index.ts';
import { type EmailSecrets, parseEmailSettings } from '../../../channels/email/settings.ts';
import type { AdapterState, MessageChannel, OutgoingMessage } from '../../../channels/message-channel.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import { type AccountId, type MessageId, newId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { createMemoryHouse, createMemoryState, type MemoryHouse } from './house.ts';

export const signer = createMailSigner(Buffer.alloc(32, 7));

export interface TestMailbox {
  readonly channel: MessageChannel;
  readonly house: MemoryHouse;
  readonly state: AdapterState;
}

export interface TestMailboxOptions extends Partial<Omit<EmailChannelOptions, 'account'>> {
  readonly address: string;
  readonly imap?: object | null;
  readonly smtp?: object | null;
  readonly secrets?: EmailSecrets;
  readonly house?: MemoryHouse;
}

/** A channel for one mailbox, with a house in memory. Without `house` and `state` both are new. */
export function openMailbox({ address, imap, smtp, secrets, ...rest }: TestMailboxOptions): TestMailbox {
  const { house = createMemoryHouse(), state = createMemoryState() } = rest;
  const channel = createEmailChannel({
    receive: (event) => house.receive(event),
    clock: systemClock,
    log: silentLog,
    signer,
    ...rest,
    state,
    account: {
      id: 1 as AccountId,
      name: address,
      settings: parseEmailSettings({ imap: imap ?? null, smtp: smtp ?? null }),
      secrets: secrets ?? { password: 'secret' },
      addresses: [address],
    },
  });
  return { channel, house, state };
}

/** A mail to a client. */
export const outgoing = (from: string, to: string, rest: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: newId<MessageId>(),
  conversationId: newId(),
  attempt: 1,
  from: { address: from, name: 'Поддержка' },
  to: [{ address: to, name: 'Анна' }],
  cc: [],
  subject: 'Ваш заказ №5',
  text: 'Здравствуйте!\n\nЗаказ отправлен.\n.\nДо свидания.',
  html: null,
  attachments: [],
  references: [],
  nature: 'person',
  unsubscribeUrl: null,
  createdAt: Date.UTC(2026, 2, 1, 12, 0, 0),
  partsDone: {},
  ...rest,
});

/** Never aborted. */
export const noAbort = new AbortController().signal;

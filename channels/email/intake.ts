import type { Clock } from '../../server/kernel/clock.ts';
import { AppError } from '../../server/kernel/errors.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { InboundEvent, Receive } from '../channel.ts';
import type { MessageEvent } from '../message-channel.ts';
import { type MailReading, unreadArrival } from './arrival.ts';
import { fingerprintOf } from './imap/fingerprint.ts';
import type { FolderMail, ReadStep } from './imap/folder.ts';
import type { MailStep } from './imap/in-hand.ts';
import { limits } from './limits.ts';
import type { MailContext } from './mail-context.ts';
import type { MailReader } from './reader.ts';
import { createStoreFailures } from './store-failures.ts';

export interface IntakeOptions {
  readonly accountId: AccountId;
  /** Of the account, lower case, the main one first. */
  readonly addresses: readonly string[];
  readonly receive: Receive;
  readonly reader: MailReader;
  readonly clock: Clock;
  readonly log: Log;
}

/** Of an error's message: what a database adds in the next ones may be the mail itself. */
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');

const withRaw = (event: MessageEvent, raw: Uint8Array | null): MessageEvent =>
  event.type === 'message.arrived' ? { ...event, raw } : event;

/** Whom and what an event has to do with: people, messages of ours and of others, conversations. */
function keysOf(event: MessageEvent): string[] {
  if (event.type === 'consent.reported') return [`address ${event.address.value.toLowerCase()}`];
  const ids = event.providerId === null ? [] : [`id ${event.providerId}`];
  if (event.type === 'delivery.reported') return event.messageId === null ? ids : [...ids, `sent ${event.messageId}`];
  const { from, participants, thread, direction } = event;
  const roles: readonly string[] = direction === 'echo' ? ['to', 'cc'] : ['from'];
  const people = participants.filter(({ role }) => roles.includes(role)).map(({ address }) => address);
  return [
    ...[...(direction === 'echo' ? [] : [from.value]), ...people].map((address) => `address ${address.toLowerCase()}`),
    ...ids,
    ...thread.messageIds.map((id) => `id ${id}`),
    ...thread.sentIds.map((id) => `sent ${id}`),
    ...thread.conversationIds.map((id) => `conversation ${id}`),
  ];
}

/** Between the mailbox and the door of the house: mails are read, and named by what they are. */
export function createIntake(options: IntakeOptions): ReadStep {
  const { accountId, addresses, reader, clock, log } = options;
  const failures = createStoreFailures();

  function contextOf(mail: FolderMail): MailContext {
    const { direction } = mail.folder;
    // a mail that nobody has seen has only its number
    const name = mail.bytes ? fingerprintOf(mail.bytes) : `${mail.uidValidity}.${mail.uid}`;
    const now = clock.now();
    return {
      sourceId: `${accountId}/${direction}/${name}`,
      accountId,
      addresses,
      direction,
      at: Math.min(mail.at ?? now, now),
      cutFrom: mail.isCut ? mail.size : null,
    };
  }

  function reading(mail: FolderMail, context: MailContext): Promise<MailReading> {
    if (mail.bytes) return reader.read(mail.bytes, context);
    return Promise.resolve({ kind: 'event', event: unreadArrival(context, 'the mail server does not give this mail') });
  }

  /** @throws AppError `unavailable` when the house does not take it now; whatever else keeps it from being stored */
  async function offer(event: InboundEvent): Promise<void> {
    const receipt = await options.receive(event);
    if (!receipt.accepted && receipt.reason !== 'duplicate') {
      throw new AppError('unavailable', `the house takes no mail: ${receipt.reason}`, { retryable: true });
    }
    failures.stored(event.sourceId, receipt.accepted);
  }

  /** Without its content, after it could not be stored with it many times: a fault of this mail holds up no others. */
  async function offerUnread(mail: FolderMail, context: MailContext, cause: unknown): Promise<void> {
    const { sourceId } = context;
    const times = failures.failed(sourceId);
    const problem = firstLine(cause);
    log.error({ sourceId, times, err: cause }, 'A mail could not be stored');
    if (times < limits.storeAttempts) {
      throw new AppError('unavailable', `a mail could not be stored: ${problem}`, { cause, retryable: true });
    }
    try {
      await offer(withRaw(unreadArrival(context, `it could not be stored: ${problem}`), mail.bytes));
    } catch (error) {
      throw new AppError('unavailable', 'the house stores no mail', { cause: error, retryable: true });
    }
  }

  async function handIn(event: MessageEvent, mail: FolderMail, context: MailContext): Promise<void> {
    try {
      await offer(withRaw(event, mail.bytes));
    } catch (error) {
      if (error instanceof AppError && error.code === 'unavailable') throw error;
      await offerUnread(mail, context, error);
    }
  }

  return async (mail): Promise<MailStep> => {
    const context = contextOf(mail);
    const read = await reading(mail, context);
    if (read.kind === 'ours') return { keys: [], handIn: async () => undefined };
    const { event } = read;
    return { keys: keysOf(event), handIn: () => handIn(event, mail, context) };
  };
}

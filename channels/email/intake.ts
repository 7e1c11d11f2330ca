import type { Clock } from '../../server/kernel/clock.ts';
import { AppError } from '../../server/kernel/errors.ts';
import type { AccountId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { InboundEvent, Receive } from '../channel.ts';
import type { MessageEvent } from '../message-channel.ts';
import { type MailReading, unreadArrival } from './arrival.ts';
import { fingerprintOf } from './imap/fingerprint.ts';
import type { FolderMail, MailSink } from './imap/folder.ts';
import { limits } from './limits.ts';
import type { MailContext } from './mail-context.ts';
import type { MailReader } from './reader.ts';

export interface IntakeOptions {
  readonly accountId: AccountId;
  /** Of the account, lower case, the main one first. */
  readonly addresses: readonly string[];
  readonly receive: Receive;
  readonly reader: MailReader;
  readonly clock: Clock;
  readonly log: Log;
}

const withRaw = (event: MessageEvent, raw: Uint8Array | null): MessageEvent =>
  event.type === 'message.arrived' ? { ...event, raw } : event;

/** Between the mailbox and the door of the house: mails are read, named by what they are, and handed in one by one. */
export function createIntake(options: IntakeOptions): MailSink {
  const { accountId, addresses, reader, clock, log } = options;
  const readings = new WeakMap<FolderMail, { readonly context: MailContext; readonly reading: Promise<MailReading> }>();
  /** The mail that could not be stored, and how often. */
  let failing = { sourceId: '', times: 0 };

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

  function begin(mail: FolderMail) {
    const context = contextOf(mail);
    const reading: Promise<MailReading> = mail.bytes
      ? reader.read(mail.bytes, context)
      : Promise.resolve({ kind: 'event', event: unreadArrival(context, 'the mail server does not give this mail') });
    return { context, reading };
  }

  async function offer(event: InboundEvent): Promise<void> {
    const receipt = await options.receive(event);
    if (receipt.accepted || receipt.reason === 'duplicate') return;
    if (receipt.reason === 'overloaded' || receipt.reason === 'unavailable') {
      throw new AppError('unavailable', `the house takes no mail: ${receipt.reason}`, { retryable: true });
    }
    log.warn({ sourceId: event.sourceId, reason: receipt.reason }, 'A mail was refused by the house');
  }

  /** Without its content, after it could not be stored with it several times: a fault of this mail holds up no others. */
  async function offerUnread(mail: FolderMail, context: MailContext, cause: unknown): Promise<void> {
    failing =
      failing.sourceId === context.sourceId
        ? { ...failing, times: failing.times + 1 }
        : { sourceId: context.sourceId, times: 1 };
    const problem = cause instanceof Error ? cause.message : String(cause);
    log.error({ sourceId: context.sourceId, times: failing.times, err: cause }, 'A mail could not be stored');
    if (failing.times < limits.storeAttempts) {
      throw new AppError('unavailable', `a mail could not be stored: ${problem}`, { cause, retryable: true });
    }
    try {
      await offer(withRaw(unreadArrival(context, `it could not be stored: ${problem}`), mail.bytes));
    } catch (error) {
      throw new AppError('unavailable', 'the house stores no mail', { cause: error, retryable: true });
    }
  }

  return {
    prepare(mail) {
      readings.set(mail, begin(mail));
    },
    async handIn(mail) {
      const { context, reading } = readings.get(mail) ?? begin(mail);
      readings.delete(mail);
      const read = await reading;
      if (read.kind === 'ours') return;
      try {
        await offer(withRaw(read.event, mail.bytes));
      } catch (error) {
        if (error instanceof AppError && error.code === 'unavailable') throw error;
        await offerUnread(mail, context, error);
      }
    },
  };
}

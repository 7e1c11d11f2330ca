import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { startScriptedMailbox } from '../../channels/email/imap/scripted-mailbox.ts';
import { type Delivered, startSmsc } from '../smsc.ts';
import { ourMailbox, ourNumber, strangerAt } from './people.ts';

/** A message as a provider took it. */
export interface Taken {
  /** The words of it that tell it from all others: `out 17`. */
  readonly text: string;
  /** Of a mail, by which mailboxes recognise a repetition. */
  readonly messageId: string | null;
}

/** Providers in the test's own process, which outlive the server. */
export interface FarEnd {
  readonly ports: { readonly smsc: number; readonly smtp: number; readonly imap: number };
  /** Everything that a provider took, in order. */
  readonly sms: readonly Taken[];
  readonly mails: readonly Taken[];
  /** Whether the server is connected to the SMSC. */
  isBound(): boolean;
  /** A stranger writes `in INDEX`: an SMS by even numbers, a mail by odd ones. */
  write(index: number): void;
  /** Messages of strangers by SMS that the server has not acknowledged. */
  unacknowledged(): number;
  close(): Promise<void>;
}

const fieldOf = (raw: string, name: string): string | null =>
  new RegExp(`^${name}: *(.*)$`, 'im').exec(raw)?.[1]?.trim() ?? null;

/** Takes every mail; it is taken when its last byte has come, before that is said. */
async function startSmtp(mails: Taken[]): Promise<SMTPServer> {
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
      buffer(stream).then((bytes) => {
        const raw = bytes.toString('latin1');
        mails.push({ text: fieldOf(raw, 'Subject') ?? '', messageId: fieldOf(raw, 'Message-ID') });
        done();
      }, done);
    },
  });
  // a client that dies is what tests are for
  smtp.on('error', () => undefined);
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  return smtp;
}

const mailOf = (index: number): string =>
  [
    `From: <${strangerAt(index)}>`,
    `To: <${ourMailbox}>`,
    'Subject: A question',
    `Message-ID: <in-${index}@strangers.example>`,
    'Date: Mon, 02 Jun 2025 10:00:00 +0300',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `in ${index}`,
    '',
  ].join('\r\n');

/** An SMSC, a mail server that takes and a mailbox that gives, on free ports. */
export async function startFarEnd(): Promise<FarEnd> {
  const smsc = await startSmsc({ repeatMs: 100 });
  const imap = await startScriptedMailbox();
  const mails: Taken[] = [];
  const smtp = await startSmtp(mails);
  const deliveries: Delivered[] = [];
  return {
    ports: { smsc: smsc.port, smtp: (smtp.server.address() as AddressInfo).port, imap: imap.port },
    get sms() {
      return smsc.submitted.map(({ text }) => ({ text, messageId: null }));
    },
    mails,
    isBound: () => smsc.bound > 0,
    write(index) {
      if (index % 2 === 0) {
        deliveries.push(...smsc.write({ from: strangerAt(index), to: ourNumber, text: `in ${index}` }));
      } else {
        imap.mails.set(imap.mails.size + 1, mailOf(index));
        imap.announce();
      }
    },
    unacknowledged: () => deliveries.filter(({ statuses }) => statuses.at(-1) !== 0).length,
    async close() {
      await Promise.all([smsc.stop(), imap.close(), new Promise<void>((resolve) => void smtp.close(() => resolve()))]);
    },
  };
}

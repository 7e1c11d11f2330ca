import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { until } from '../../../demo/actors/within.ts';
import { openMailbox, type TestMailbox, type TestMailboxOptions } from './channel.ts';
import { type MailPeer, type MailUser, shop } from './peer.ts';

export const addressOf = (user: MailUser): string => `${user}@${shop}`;

/** A client's letter. */
export const letter = (
  to: string,
  subject: string,
  text = 'Когда привезут заказ?',
  more: readonly string[] = [],
): string =>
  [
    'From: =?utf-8?B?0JDQvdC90LA=?= <anna@customer.test>',
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: <${subject}@customer.test>`,
    'Date: Mon, 02 Jun 2025 10:00:00 +0300',
    ...more,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
  ].join('\r\n');

/** Channels on a peer's mailboxes. */
export interface Mailboxes {
  imap(user: MailUser): object;
  smtp(user: MailUser): object;
  /** Started; what comes at all comes by IDLE, as the next poll is an hour away. */
  follow(user: MailUser, rest?: Partial<TestMailboxOptions>): Promise<TestMailbox>;
  /** Waits for the first look into the folders to be over. */
  isUp(mailbox: TestMailbox): Promise<unknown>;
  closeAll(): Promise<void>;
}

export function mailboxesOf(peer: () => MailPeer): Mailboxes {
  const open: TestMailbox[] = [];
  const mailboxes: Mailboxes = {
    imap: (user) => ({
      host: 'localhost',
      port: peer().ports.imap,
      security: 'starttls',
      user: addressOf(user),
      auth: 'password',
      sinceDays: 3_000,
    }),
    smtp: (user) => ({
      host: 'localhost',
      port: peer().ports.submission,
      security: 'starttls',
      user: addressOf(user),
      plusAddressing: true,
      perDomainPerMinute: 0,
    }),
    async follow(user, rest = {}) {
      const mailbox = openMailbox({
        address: addressOf(user),
        imap: mailboxes.imap(user),
        smtp: mailboxes.smtp(user),
        ca: peer().ca,
        imapTiming: { pollMs: 3_600_000, backOffMs: [100, 500], commandMs: 5_000, houseMs: [50, 100] },
        ...rest,
      });
      open.push(mailbox);
      await mailbox.channel.start();
      return mailbox;
    },
    isUp: ({ channel }) => until(() => channel.health().state === 'up', 15_000, 'the connection'),
    async closeAll() {
      for (const { channel } of open.splice(0)) await channel.close();
    },
  };
  return mailboxes;
}

/** Hands a mail to the server as another mail server does (RFC 5321), without any library. */
export async function sendFromOutside(port: number, to: string, raw: string): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expectReply = async (digit: string): Promise<void> => {
    for (;;) {
      const { value = '', done } = await lines.next();
      if (done || !value.startsWith(digit)) throw new Error(`the mail server says: ${value}`);
      if (value[3] !== '-') return;
    }
  };
  await expectReply('2');
  const dotted = raw.replace(/^\./gm, '..');
  for (const [command, digit] of [
    ['EHLO customer.test', '2'],
    ['MAIL FROM:<anna@customer.test>', '2'],
    [`RCPT TO:<${to}>`, '2'],
    ['DATA', '3'],
    [`${dotted}\r\n.`, '2'],
    ['QUIT', '2'],
  ] as const) {
    socket.write(`${command}\r\n`);
    await expectReply(digit);
  }
  socket.end();
  if (!socket.destroyed) await once(socket, 'close');
}

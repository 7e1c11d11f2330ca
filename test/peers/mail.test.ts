import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readMail } from '../../channels/email/index.ts';
import { until } from '../../demo/actors/within.ts';
import {
  noAbort,
  openMailbox,
  outgoing,
  signer,
  type TestMailbox,
  type TestMailboxOptions,
} from '../support/mail-peer/channel.ts';
import { whyNoMailPeer } from '../support/mail-peer/needs.ts';
import { customers, type MailPeer, type MailUser, shop, startMailPeer } from '../support/mail-peer/peer.ts';

const why = whyNoMailPeer();
if (why) process.stderr.write(`test/peers/mail.test.ts is skipped: ${why}\n`);

const addressOf = (user: MailUser): string => `${user}@${shop}`;
const letter = (to: string, subject: string, text = 'Когда привезут заказ?'): string =>
  [
    'From: =?utf-8?B?0JDQvdC90LA=?= <anna@customer.test>',
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: <${subject}@customer.test>`,
    'Date: Mon, 02 Jun 2025 10:00:00 +0300',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
  ].join('\r\n');

describe.skipIf(why !== null)('a mailbox on a real mail server', () => {
  let peer: MailPeer;
  const open: TestMailbox[] = [];

  beforeAll(async () => {
    peer = await startMailPeer();
  });
  afterEach(async () => {
    for (const { channel } of open.splice(0)) await channel.close();
  });
  afterAll(() => peer?.close());

  const imapOf = (user: MailUser) => ({
    host: 'localhost',
    port: peer.ports.imap,
    security: 'starttls',
    user: addressOf(user),
    auth: 'password',
    sinceDays: 3_000,
  });
  const smtpOf = (user: MailUser) => ({
    host: 'localhost',
    port: peer.ports.submission,
    security: 'starttls',
    user: addressOf(user),
    plusAddressing: true,
    perDomainPerMinute: 0,
  });

  async function follow(user: MailUser, rest: Partial<TestMailboxOptions> = {}): Promise<TestMailbox> {
    const mailbox = openMailbox({
      address: addressOf(user),
      imap: imapOf(user),
      smtp: smtpOf(user),
      ca: peer.ca,
      // what comes at all comes by IDLE
      imapTiming: { pollMs: 3_600_000, backOffMs: [100, 500], commandMs: 5_000 },
      ...rest,
    });
    open.push(mailbox);
    await mailbox.channel.start();
    return mailbox;
  }
  const isUp = ({ channel }: TestMailbox) => until(() => channel.health().state === 'up', 15_000, 'the connection');

  it('hands in what is there and what comes, told by IDLE', async () => {
    peer.mailbox('support').deliver(letter(addressOf('support'), 'before'));
    const mailbox = await follow('support');
    const first = await mailbox.house.arrival(({ subject }) => subject === 'before');
    expect(first).toMatchObject({
      from: { kind: 'email', value: 'anna@customer.test', displayName: 'Анна' },
      to: ['support@shop.test'],
      text: 'Когда привезут заказ?',
      direction: 'in',
      nature: 'human',
      mayAutoReply: true,
    });
    await isUp(mailbox);
    peer.mailbox('support').deliver(letter(addressOf('support'), 'after'));
    await mailbox.house.arrival(({ subject }) => subject === 'after');
  });

  it('sends over submission with STARTTLS and a password, and knows the answer', async () => {
    const mailbox = await follow('support');
    const message = outgoing(addressOf('support'), `anna@${customers}`);
    const result = await mailbox.channel.send(message, noAbort);
    const id = signer.messageId(message.id, shop);
    expect(result).toEqual({ kind: 'accepted', providerId: id, parts: [] });
    const raw = await until(() => peer.sink.mails().find((mail) => mail.includes(id)), 15_000, 'the mail');
    const read = readMail(raw);
    expect(read.text).toBe(message.text);
    const answer = letter(read.replyTo[0]?.address ?? '', 'answered').replace('Date:', `In-Reply-To: ${id}\r\nDate:`);
    peer.mailbox('support').deliver(answer);
    const { thread } = await mailbox.house.arrival(({ subject }) => subject === 'answered');
    expect(thread).toMatchObject({ conversationIds: [message.conversationId], sentIds: [message.id] });
  });
});

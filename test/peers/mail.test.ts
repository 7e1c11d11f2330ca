import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readMail } from '../../channels/email/index.ts';
import { until } from '../../demo/actors/within.ts';
import { noAbort, openMailbox, outgoing, signer } from '../support/mail-peer/channel.ts';
import { addressOf, letter, mailboxesOf, sendFromOutside } from '../support/mail-peer/mailboxes.ts';
import { whyNoMailPeer } from '../support/mail-peer/needs.ts';
import { customers, type MailPeer, shop, startMailPeer } from '../support/mail-peer/peer.ts';

const why = whyNoMailPeer();
if (why) process.stderr.write(`test/peers/mail.test.ts is skipped: ${why}\n`);

describe.skipIf(why !== null)('a mailbox on a real mail server', () => {
  let peer: MailPeer;
  const mailboxes = mailboxesOf(() => peer);

  beforeAll(async () => {
    peer = await startMailPeer();
  });
  afterEach(() => mailboxes.closeAll());
  afterAll(() => peer?.close());

  /** What came to the customers with this text in it. */
  const sunk = (text: string): Promise<Buffer> =>
    until(() => peer.sink.mails().find((mail) => mail.includes(text)), 20_000, `a mail with ${text}`);

  it('hands in what is there and what comes, told by IDLE', async () => {
    peer.mailbox('support').deliver(letter(addressOf('support'), 'before'));
    const mailbox = await mailboxes.follow('support');
    const first = await mailbox.house.arrival(({ subject }) => subject === 'before');
    expect(first).toMatchObject({
      from: { kind: 'email', value: 'anna@customer.test', displayName: 'Анна' },
      to: ['support@shop.test'],
      text: 'Когда привезут заказ?',
      direction: 'in',
      nature: 'human',
      mayAutoReply: true,
      providerId: '<before@customer.test>',
    });
    expect(Buffer.from(first.raw ?? []).toString()).toContain('Subject: before');
    await mailboxes.isUp(mailbox);
    await sendFromOutside(peer.ports.mx, addressOf('support'), letter(addressOf('support'), 'after'));
    await mailbox.house.arrival(({ subject }) => subject === 'after');
  });

  it('begins with what is new when nothing older is wanted', async () => {
    peer.mailbox('sales').deliver(letter(addressOf('sales'), 'old'));
    const mailbox = await mailboxes.follow('sales', { imap: { ...mailboxes.imap('sales'), sinceDays: 0 } });
    await mailboxes.isUp(mailbox);
    peer.mailbox('sales').deliver(letter(addressOf('sales'), 'new'));
    await mailbox.house.arrival(({ subject }) => subject === 'new');
    expect(mailbox.house.arrivals().map(({ subject }) => subject)).toEqual(['new']);
  });

  it('sends over submission with STARTTLS and a password, and knows the answer', async () => {
    const mailbox = await mailboxes.follow('support');
    const message = outgoing(addressOf('support'), `anna@${customers}`);
    const result = await mailbox.channel.send(message, noAbort);
    const id = signer.messageId(message.id, shop);
    expect(result).toEqual({ kind: 'accepted', providerId: id, parts: [] });
    const read = readMail(await sunk(id));
    expect(read.text).toBe(message.text);
    const answer = letter(read.replyTo[0]?.address ?? '', 'answered', 'Спасибо', [`In-Reply-To: ${id}`]);
    await sendFromOutside(peer.ports.mx, read.replyTo[0]?.address ?? '', answer);
    const { thread, to } = await mailbox.house.arrival(({ subject }) => subject === 'answered');
    expect(thread).toMatchObject({ conversationIds: [message.conversationId], sentIds: [message.id] });
    expect(to[0]).toMatch(/^support\+c\w{42}@shop\.test$/);
  });

  it('sends the same bytes again when it is asked to', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const smtp = { ...mailboxes.smtp('support'), dkim: { domain: shop, selector: 's1' } };
    const secrets = { password: 'secret', dkimKey: privateKey };
    const message = outgoing(addressOf('support'), `anna@${customers}`, {
      subject: 'twice',
      html: '<p>Здравствуйте!</p>',
    });
    for (const attempt of [1, 2]) {
      const mailbox = await mailboxes.follow('support', { imap: null, smtp, secrets });
      expect(await mailbox.channel.send({ ...message, attempt }, noAbort)).toMatchObject({ kind: 'accepted' });
    }
    const id = signer.messageId(message.id, shop);
    const both = await until(
      () => {
        const found = peer.sink.mails().filter((mail) => mail.includes(id));
        return found.length === 2 && found;
      },
      20_000,
      'both copies',
    );
    const [one, other] = both.map((mail) => mail.subarray(mail.indexOf('DKIM-Signature:')).toString());
    expect(one).toContain('h=from:reply-to:subject:date:message-id:to:');
    expect(other).toBe(one);
  });

  it.each([
    ['unknown', 'rejected', 'recipient', '550 5.1.1'],
    ['greylist', 'retry', 'temporary', '451 4.7.1'],
    ['quota', 'rejected', 'temporary', '552 5.2.2'],
    ['policy', 'rejected', 'sender', '550 5.7.1'],
  ])('tells why %s@ is not taken, and the link still works', async (local, kind, problem, code) => {
    const mailbox = await mailboxes.follow('support', {
      imap: null,
      smtp: { ...mailboxes.smtp('support'), port: peer.ports.mx, security: 'none', auth: 'none' },
    });
    const refused = await mailbox.channel.send(outgoing(addressOf('support'), `${local}@${customers}`), noAbort);
    expect(refused).toMatchObject({ kind, problem: { kind: problem, code } });
    const next = await mailbox.channel.send(outgoing(addressOf('support'), `anna@${customers}`), noAbort);
    expect(next).toMatchObject({ kind: 'accepted' });
  });

  it('is told to slow down', async () => {
    const smtp = { ...mailboxes.smtp('support'), port: peer.ports.mx, security: 'none', auth: 'none' };
    const mailbox = await mailboxes.follow('support', { imap: null, smtp });
    const result = await mailbox.channel.send(outgoing(addressOf('support'), `throttle@${customers}`), noAbort);
    expect(result).toMatchObject({ kind: 'throttled', afterMs: 60_000, problem: { code: '421 4.7.0' } });
  });

  it('reports a recipient who was refused while others were not', async () => {
    const smtp = { ...mailboxes.smtp('support'), port: peer.ports.mx, security: 'none', auth: 'none' };
    const mailbox = await mailboxes.follow('support', { imap: null, smtp });
    const cc = [{ address: `unknown@${customers}`, name: '' }];
    const message = outgoing(addressOf('support'), `anna@${customers}`, { cc });
    expect(await mailbox.channel.send(message, noAbort)).toMatchObject({ kind: 'accepted' });
    expect(mailbox.house.reports()).toMatchObject([
      { messageId: message.id, part: 1, step: 'failed', problem: { kind: 'recipient', code: '550 5.1.1' } },
    ]);
  });

  it.each([
    ['bounce', 'failed', 'recipient', '5.1.1', false],
    ['bounce-full', 'failed', 'temporary', '5.2.2', true],
    ['delay', 'delayed', 'temporary', '4.3.0', false],
  ] as const)('ties the report of %s@ to its message', async (local, step, problem, code, bounceAddressing) => {
    const mailbox = await mailboxes.follow('support', { smtp: { ...mailboxes.smtp('support'), bounceAddressing } });
    const message = outgoing(addressOf('support'), `${local}@${customers}`);
    expect(await mailbox.channel.send(message, noAbort)).toMatchObject({ kind: 'accepted' });
    const report = await mailbox.house.report(({ messageId }) => messageId === message.id, 60_000);
    expect(report).toMatchObject({ step, problem: { kind: problem, code }, isComplaint: false });
  });

  it('hands in what our people sent with their own programs, and not what it sent itself', async () => {
    const mailbox = await mailboxes.follow('billing', {
      smtp: { ...mailboxes.smtp('billing'), saveToSent: true },
      imapTiming: { pollMs: 500 },
    });
    await mailboxes.isUp(mailbox);
    const message = outgoing(addressOf('billing'), `anna@${customers}`);
    expect(await mailbox.channel.send(message, noAbort)).toMatchObject({ kind: 'accepted' });
    const id = signer.messageId(message.id, shop);
    const saved = () =>
      peer
        .mailbox('billing')
        .mails('Sent')
        .some((mail) => mail.includes(id));
    await until(saved, 20_000, 'the copy in the Sent folder');
    const written = letter(`anna@${customers}`, 'by hand').replace(/^From: .*/, `From: <${addressOf('billing')}>`);
    peer.mailbox('billing').deliver(written, 'Sent');
    const echo = await mailbox.house.arrival(({ subject }) => subject === 'by hand');
    expect(echo).toMatchObject({
      direction: 'echo',
      nature: 'human',
      mayAutoReply: false,
      to: [addressOf('billing')],
      participants: [{ address: `anna@${customers}`, role: 'to' }],
    });
    expect(mailbox.house.arrivals()).toHaveLength(1);
  });

  it('signs in with access tokens, fetched before every connection', async () => {
    const given: string[] = [];
    const token = async (): Promise<string> => {
      given.push(peer.token('sales'));
      return given.at(-1) ?? '';
    };
    const imap = { ...mailboxes.imap('sales'), port: peer.ports.imaps, security: 'tls', auth: 'xoauth2' };
    const smtp = { ...mailboxes.smtp('sales'), port: peer.ports.submissions, security: 'tls', auth: 'xoauth2' };
    const mailbox = await mailboxes.follow('sales', { imap, smtp, token, secrets: {} });
    await mailboxes.isUp(mailbox);
    const sent = await mailbox.channel.send(outgoing(addressOf('sales'), `anna@${customers}`), noAbort);
    expect(sent).toMatchObject({ kind: 'accepted' });
    peer.killSessions();
    peer.mailbox('sales').deliver(letter(addressOf('sales'), 'by token'));
    await mailbox.house.arrival(({ subject }) => subject === 'by token');
    expect(given.length).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['a wrong password', { auth: 'password' }, { password: 'guess' }],
    ['a token that is no longer good', { auth: 'xoauth2' }, {}],
  ])('is down with %s', async (_name, auth, secrets) => {
    const { channel } = openMailbox({
      address: addressOf('boris'),
      imap: { ...mailboxes.imap('boris'), ...auth },
      smtp: { ...mailboxes.smtp('boris'), ...auth },
      secrets,
      token: async () => peer.token('boris', -60),
      ca: peer.ca,
    });
    try {
      await channel.start();
      await until(() => channel.health().state === 'down', 20_000, 'the refusal');
      expect(channel.health().problem).not.toBe('');
      const result = await channel.send(outgoing(addressOf('boris'), `anna@${customers}`), noAbort);
      expect(result).toMatchObject({ kind: 'account_down', problem: { kind: 'sender' } });
    } finally {
      await channel.close();
    }
  });

  it('sends nothing to a server whose certificate nobody vouches for', async () => {
    const { channel } = openMailbox({ address: addressOf('boris'), smtp: mailboxes.smtp('boris') });
    const result = await channel.send(outgoing(addressOf('boris'), `anna@${customers}`), noAbort);
    expect(result).toMatchObject({ kind: 'account_down' });
    await channel.close();
  });
});

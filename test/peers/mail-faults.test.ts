import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../channels/email/limits.ts';
import type { AdapterState } from '../../channels/message-channel.ts';
import { until } from '../../demo/actors/within.ts';
import { openMailbox, type TestMailbox } from '../support/mail-peer/channel.ts';
import { addressOf, letter, mailboxesOf } from '../support/mail-peer/mailboxes.ts';
import { whyNoMailPeer } from '../support/mail-peer/needs.ts';
import { type MailPeer, type MailUser, startMailPeer } from '../support/mail-peer/peer.ts';

const why = whyNoMailPeer();
if (why) process.stderr.write(`test/peers/mail-faults.test.ts is skipped: ${why}\n`);

const catchUpMails = 10_000;

describe.skipIf(why !== null)('a mailbox whose server fails', () => {
  let peer: MailPeer;
  const mailboxes = mailboxesOf(() => peer);

  beforeAll(async () => {
    peer = await startMailPeer();
  });
  afterEach(() => mailboxes.closeAll());
  afterAll(() => peer?.close());

  const subjects = ({ house }: TestMailbox): string[] => house.arrivals().map(({ subject }) => subject);
  const allOf = (mailbox: TestMailbox, wanted: readonly string[]) =>
    until(() => wanted.every((subject) => subjects(mailbox).includes(subject)), 60_000, `${wanted.length} mails`);
  /** Delivers one mail after another; `between` happens on the way. */
  async function deliverMany(
    user: MailUser,
    names: readonly string[],
    between: (done: number) => Promise<void> | void,
  ) {
    for (const [index, name] of names.entries()) {
      peer.mailbox(user).deliver(letter(addressOf(user), name));
      await between(index + 1);
    }
  }
  const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

  it('loses nothing and takes nothing twice while its server stops, starts and cuts connections', async () => {
    const mailbox = await mailboxes.follow('anna');
    await mailboxes.isUp(mailbox);
    const wanted = names('restart', 100);
    await deliverMany('anna', wanted, async (done) => {
      if (done === 25 || done === 75) peer.killSessions();
      if (done === 40) await peer.stopImap();
      if (done === 60) await peer.startImap();
      if (done % 10 === 0)
        await until(() => mailbox.house.events.length >= Math.min(done, 30) - 10, 30_000, 'some mails');
    });
    await allOf(mailbox, wanted);
    expect(subjects(mailbox).toSorted()).toEqual(wanted.toSorted());
  });

  it('goes on where another instance was killed', async () => {
    const { state } = openMailbox({ address: addressOf('boris') });
    // one that is killed between storing a mail and moving its bookmark
    const forgetful = (): AdapterState => {
      let writes = 0;
      return { ...state, set: async (key, value) => (++writes > 2 ? undefined : state.set(key, value)) };
    };
    const first = await mailboxes.follow('boris', { state: forgetful() });
    const wanted = names('killed', 100);
    let current = first;
    await deliverMany('boris', wanted, async (done) => {
      if (done % 20 !== 0) return;
      await until(() => first.house.events.length >= done - 10, 30_000, 'some mails');
      await current.channel.close();
      current = await mailboxes.follow('boris', { house: first.house, state: forgetful() });
    });
    await allOf(first, wanted);
    expect(subjects(first).toSorted()).toEqual(wanted.toSorted());
    expect(first.house.duplicates()).toBeGreaterThan(0);
  });

  it('knows its mails again when the server has forgotten their numbers', async () => {
    const wanted = names('numbered', 20);
    await deliverMany('billing', wanted, () => undefined);
    const mailbox = await mailboxes.follow('billing');
    await allOf(mailbox, wanted);
    await peer.stopImap();
    peer.mailbox('billing').forgetNumbers();
    await peer.startImap();
    await deliverMany('billing', ['newer'], () => undefined);
    await allOf(mailbox, ['newer']);
    expect(subjects(mailbox).toSorted()).toEqual([...wanted, 'newer'].toSorted());
    expect(mailbox.house.duplicates()).toBeGreaterThanOrEqual(20);
  });

  it('leaves a server that answers nothing for a new connection', async () => {
    const mailbox = await mailboxes.follow('sales', {
      imapTiming: { pollMs: 500, commandMs: 1_000, backOffMs: [100, 500], connectMs: 5_000 },
    });
    await mailboxes.isUp(mailbox);
    peer.freezeSessions();
    try {
      const wanted = names('frozen', 5);
      await deliverMany('sales', wanted, () => undefined);
      await allOf(mailbox, wanted);
    } finally {
      peer.thawSessions();
    }
  });

  it('waits with its mails while the house takes none', async () => {
    const mailbox = await mailboxes.follow('sales');
    await mailboxes.isUp(mailbox);
    let refusals = 0;
    mailbox.house.onReceive = () => {
      refusals++;
      return refusals > 3 ? null : { accepted: false, reason: 'overloaded' };
    };
    const wanted = names('refused', 3);
    await deliverMany('sales', wanted, () => undefined);
    await allOf(mailbox, wanted);
    expect(refusals).toBeGreaterThan(3);
  });

  it('hands in a mail without its content when the house cannot store it, and the next one whole', async () => {
    const mailbox = await mailboxes.follow('sales');
    await mailboxes.isUp(mailbox);
    mailbox.house.onReceive = (event) => {
      if (event.type === 'message.arrived' && event.subject === 'poison') throw new Error('cannot be stored');
      return null;
    };
    await deliverMany('sales', ['poison', 'wholesome'], () => undefined);
    await allOf(mailbox, ['wholesome']);
    const stub = await mailbox.house.arrival(({ facts }) => facts.unreadable !== undefined);
    expect(stub.facts.unreadable).toContain('cannot be stored');
    expect(Buffer.from(stub.raw ?? []).toString()).toContain('Subject: poison');
  });

  it('takes only the head of a mail that is too large', async () => {
    const mailbox = await mailboxes.follow('support');
    await mailboxes.isUp(mailbox);
    const file = randomBytes(23_000_000)
      .toString('base64')
      .replace(/(.{76})/g, '$1\r\n');
    const large = [
      'From: anna@customer.test',
      `To: ${addressOf('support')}`,
      'Subject: large',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b\r\nContent-Type: text/plain\r\n\r\nSee the film\r\n--b',
      'Content-Type: video/mp4\r\nContent-Disposition: attachment; filename=film.mp4',
      `Content-Transfer-Encoding: base64\r\n\r\n${file}\r\n--b--`,
      '',
    ].join('\r\n');
    expect(large.length).toBeGreaterThan(limits.fetchBytes);
    peer.mailbox('support').deliver(large);
    peer.mailbox('support').deliver(letter(addressOf('support'), 'small'));
    const taken = await mailbox.house.arrival(({ subject }) => subject === 'large');
    expect(taken.text).toBe('See the film');
    expect(taken.raw).toHaveLength(limits.largeHeadBytes);
    expect(taken.facts.truncated).toContain(`of ${large.length} bytes`);
    await allOf(mailbox, ['small']);
  });

  it(`catches up with ${catchUpMails} mails and tells how far it is`, async () => {
    const wanted = names('bulk', catchUpMails);
    await deliverMany('bulk', wanted, () => undefined);
    const progress: { done: number; total: number }[] = [];
    const mailbox = await mailboxes.follow('bulk');
    mailbox.house.onReceive = () => {
      const { catchUp } = mailbox.channel.health();
      if (catchUp) progress.push(catchUp);
      return null;
    };
    await until(() => mailbox.house.events.length >= catchUpMails, 120_000, 'all mails');
    expect(new Set(subjects(mailbox)).size).toBe(catchUpMails);
    expect(mailbox.house.duplicates()).toBe(0);
    expect(progress.at(-1)).toEqual({ done: catchUpMails - 1, total: catchUpMails });
    await until(() => mailbox.channel.health().catchUp === null, 10_000, 'the end of the progress');
  });
});

import { getEventListeners, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../../channels/email/limits.ts';
import type { SendResult } from '../../../../channels/message-channel.ts';
import { until } from '../../../../demo/actors/within.ts';
import { noAbort, openMailbox, outgoing, type TestMailboxOptions } from '../../../support/mail-peer/channel.ts';
import { type Moment, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  for (const { close } of open.splice(0)) await close();
  await server.close();
});

/** Long enough on a busy machine. */
const patient = { silenceMs: 20_000, connectMs: 20_000 };
/** For servers that say nothing more. */
const impatient = { silenceMs: 1_500, connectMs: 1_500 };

function mailbox(rest: Partial<TestMailboxOptions> = {}) {
  const { channel, house } = openMailbox({
    address: 'support@shop.test',
    smtp: { host: '127.0.0.1', port: server.port, security: 'none', user: 'support', perDomainPerMinute: 0 },
    smtpTiming: patient,
    ...rest,
  });
  open.push(channel);
  return { channel, house };
}
const mail = (to = 'anna@customer.test') => outgoing('support@shop.test', to);
/** Large enough not to fit into the buffers of one socket. */
const large = () => {
  const read = async () => Buffer.alloc(10_000_000);
  const attachments = [{ name: 'a.bin', type: 'application/octet-stream', contentId: null, isInline: false, read }];
  return outgoing('support@shop.test', 'anna@customer.test', { attachments });
};

const kindOf = ({ kind }: SendResult): string => kind;

describe('one attempt', () => {
  it('is accepted', async () => {
    const { channel } = mailbox();
    expect(await channel.send(mail(), noAbort)).toMatchObject({ kind: 'accepted' });
    expect(server.mails).toHaveLength(1);
  });

  it.each<[string, Moment, SendResult['kind'], number]>([
    ['before the greeting', 'greeting', 'retry', 0],
    ['after EHLO', 'EHLO', 'retry', 0],
    ['after the password', 'AUTH', 'retry', 0],
    ['after MAIL', 'MAIL', 'retry', 0],
    ['after RCPT', 'RCPT', 'retry', 0],
    ['after DATA', 'DATA', 'retry', 0],
    ['after the final dot', 'dot', 'unknown', 1],
  ])('that is cut %s is what it is', async (_name, moment, kind, taken) => {
    const { channel } = mailbox();
    server.script = (at) => (at === moment ? 'cut' : undefined);
    expect(kindOf(await channel.send(mail(), noAbort))).toBe(kind);
    expect(server.mails).toHaveLength(taken);
  });

  it('that is cut in the middle of the message was surely not taken', async () => {
    const { channel } = mailbox();
    server.script = (at) => (at === 'message' ? 'cut' : undefined);
    expect(kindOf(await channel.send(large(), noAbort))).toBe('retry');
    expect(server.mails).toHaveLength(0);
  });

  it.each<[Moment, SendResult['kind']]>([
    ['greeting', 'retry'],
    ['EHLO', 'retry'],
    ['RCPT', 'retry'],
    ['DATA', 'retry'],
    ['dot', 'unknown'],
  ])('to a server that falls silent at %s does not last for ever', async (moment, kind) => {
    const { channel } = mailbox({ smtpTiming: impatient });
    server.script = (at) => (at === moment ? 'silence' : undefined);
    expect(kindOf(await channel.send(mail(), noAbort))).toBe(kind);
  });

  it.each<[Moment, string, SendResult['kind'], string]>([
    ['greeting', '421 4.3.2 busy', 'throttled', 'temporary'],
    ['greeting', '554 5.7.1 you are on a list', 'account_down', 'sender'],
    ['AUTH', '535 5.7.8 wrong', 'account_down', 'sender'],
    ['AUTH', '454 4.7.0 try later', 'retry', 'temporary'],
    ['MAIL', '530 5.7.0 sign in first', 'account_down', 'sender'],
    ['MAIL', '452 4.3.1 no space', 'retry', 'temporary'],
    ['MAIL', '550 5.7.1 sender denied', 'rejected', 'sender'],
    ['RCPT', '450 4.2.0 try later', 'retry', 'temporary'],
    ['RCPT', '451 4.7.1 Greylisted', 'retry', 'temporary'],
    ['RCPT', '451 4.7.0 too many messages, slow down', 'throttled', 'temporary'],
    ['RCPT', '550 5.1.1 no such user', 'rejected', 'recipient'],
    ['RCPT', '550 User unknown', 'rejected', 'recipient'],
    ['RCPT', '553 bad address', 'rejected', 'recipient'],
    ['RCPT', '552 5.2.2 mailbox full', 'rejected', 'temporary'],
    ['dot', '552 5.3.4 too big', 'rejected', 'content'],
    ['dot', '554 5.6.0 malformed', 'rejected', 'content'],
    ['dot', '554 5.7.1 looks like spam', 'rejected', 'sender'],
    ['dot', '550 no', 'rejected', 'content'],
    ['dot', '451 4.3.0 local error', 'retry', 'temporary'],
    ['dot', '421 4.7.0 closing', 'throttled', 'temporary'],
  ])('answered at %s with "%s"', async (moment, say, kind, problem) => {
    const { channel } = mailbox();
    server.script = (at) => (at === moment ? { say, close: say.startsWith('421') } : undefined);
    expect(await channel.send(mail(), noAbort)).toMatchObject({ kind, problem: { kind: problem } });
  });

  it('to a port where nobody listens may work later', async () => {
    const { port } = server;
    const { channel } = mailbox({ smtp: { host: '127.0.0.1', port, security: 'none', auth: 'none' } });
    await server.close();
    expect(kindOf(await channel.send(mail(), noAbort))).toBe('retry');
    server = await startScriptedServer();
  });

  it('is refused without STARTTLS where it is wanted, and no password is told', async () => {
    const smtp = { host: '127.0.0.1', port: server.port, security: 'starttls', user: 'support' };
    const { channel } = mailbox({ smtp });
    expect(kindOf(await channel.send(mail(), noAbort))).toBe('account_down');
    expect(server.commands.join()).not.toContain('AUTH');
  });

  it('to an address that is none is refused without asking', async () => {
    const { channel } = mailbox();
    const result = await channel.send(mail('anna@customer.test>\r\nRCPT TO:<boris@customer.test'), noAbort);
    expect(result).toMatchObject({ kind: 'rejected', problem: { kind: 'recipient' } });
    expect(server.commands.join()).not.toContain('boris');
  });

  it('from an address that is none is refused without asking', async () => {
    const { channel } = mailbox();
    const from = { address: 'support@shop.test\r\nBcc: boris@customer.test', name: '' };
    const result = await channel.send({ ...mail(), from }, noAbort);
    expect(result).toMatchObject({ kind: 'rejected', problem: { kind: 'sender' } });
    expect(server.connections()).toBe(0);
  });

  it('that is given up before the message is no doubt, after it is one', async () => {
    const { channel } = mailbox();
    for (const [moment, kind] of [
      ['RCPT', 'retry'],
      ['dot', 'unknown'],
    ] as const) {
      const giveUp = new AbortController();
      server.script = (at) => {
        if (at !== moment) return undefined;
        setImmediate(() => giveUp.abort());
        return 'silence';
      };
      expect(kindOf(await channel.send(mail(), giveUp.signal))).toBe(kind);
    }
    expect(kindOf(await channel.send(mail(), AbortSignal.abort()))).toBe('retry');
  });

  it('with a file that cannot be read is no reason to fail', async () => {
    const { channel } = mailbox();
    const read = () => Promise.reject(new Error('the disk is gone'));
    const attachments = [{ name: 'a.pdf', type: 'application/pdf', contentId: null, isInline: false, read }];
    const result = await channel.send({ ...mail(), attachments }, noAbort);
    expect(result).toMatchObject({ kind: 'retry', problem: { text: 'the disk is gone' } });
  });
});

it.each([
  ['in all', 30_000_000],
  ['for this server', 25_000_000],
])('refuses a mail that is too large %s', async (_name, bytes) => {
  server.script = (at) => (at === 'EHLO' ? { say: '250-peer.test\r\n250 SIZE 30000000' } : undefined);
  const { channel } = mailbox({ smtp: { host: '127.0.0.1', port: server.port, security: 'none', auth: 'none' } });
  const read = async () => Buffer.alloc(bytes);
  const attachments = [{ name: 'a.bin', type: 'application/octet-stream', contentId: null, isInline: false, read }];
  expect(await channel.send({ ...mail(), attachments }, noAbort)).toMatchObject({
    kind: 'rejected',
    problem: { kind: 'content' },
  });
  expect(server.mails).toHaveLength(0);
});

describe('links', () => {
  it('are used again', async () => {
    const { channel } = mailbox();
    for (let count = 0; count < 5; count++) await channel.send(mail(), noAbort);
    expect(server.mails).toHaveLength(5);
    expect(server.connections()).toBe(1);
  });

  it('are used again after a refusal', async () => {
    const { channel } = mailbox();
    server.script = (at, line) => (at === 'RCPT' && line.includes('nobody') ? { say: '550 5.1.1 no' } : undefined);
    await channel.send(mail('nobody@customer.test'), noAbort);
    expect(await channel.send(mail(), noAbort)).toMatchObject({ kind: 'accepted' });
    expect(server.connections()).toBe(1);
  });

  it('that the server closed meanwhile are replaced in the same attempt, without a second copy', async () => {
    const { channel } = mailbox();
    await channel.send(mail(), noAbort);
    server.script = (at, line) => (at === 'MAIL' && server.connections() === 1 && line ? 'cut' : undefined);
    expect(await channel.send(mail(), noAbort)).toMatchObject({ kind: 'accepted' });
    expect(server.mails).toHaveLength(2);
    expect(server.connections()).toBe(2);
  });

  it('are never more than a few at once, and all mails get through', async () => {
    const { channel } = mailbox();
    const results = await Promise.all(Array.from({ length: 40 }, () => channel.send(mail(), noAbort)));
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(server.connections()).toBeLessThanOrEqual(4);
  });

  it('that come free are for the next who still waits', async () => {
    const { channel } = mailbox();
    const { promise: isBusy, resolve: tellBusy } = Promise.withResolvers<void>();
    let dots = 0;
    server.script = (at) => {
      if (at !== 'dot' || ++dots > limits.smtpLinks) return undefined;
      if (dots === limits.smtpLinks) tellBusy();
      return 'silence';
    };
    const aborts = Array.from({ length: limits.smtpLinks }, () => new AbortController());
    const held = aborts.map(({ signal }) => channel.send(mail(), signal));
    await isBusy;
    const impatientOne = new AbortController();
    const first = channel.send(mail(), impatientOne.signal);
    const patientOne = new AbortController();
    const second = channel.send(mail(), patientOne.signal);
    const isWaiting = ({ signal }: AbortController) => getEventListeners(signal, 'abort').length > 0;
    await until(() => [impatientOne, patientOne].every(isWaiting), 10_000, 'both of them waiting');
    impatientOne.abort();
    expect(kindOf(await first)).toBe('retry');
    aborts[0]?.abort();
    // before one of the others is given up by itself
    expect(kindOf(await Promise.race([second, ...held.slice(1)]))).toBe('accepted');
    for (const abort of aborts) abort.abort();
    await Promise.all(held);
  });

  it('are closed when nobody needs them', async () => {
    const { channel } = mailbox({ smtpTiming: { ...patient, idleMs: 50 } });
    await until(
      async () => {
        await channel.send(mail(), noAbort);
        return server.connections() > 1;
      },
      10_000,
      'a second link',
    );
  });

  it('end with the channel: what is under way is what it is', async () => {
    const { channel } = mailbox();
    const reached = new EventTarget();
    server.script = (at) => {
      if (at !== 'dot') return undefined;
      setImmediate(() => reached.dispatchEvent(new Event('dot')));
      return 'silence';
    };
    const dot = once(reached, 'dot');
    const sending = channel.send(mail(), noAbort);
    await dot;
    await channel.close();
    expect(await sending).toMatchObject({ kind: 'unknown' });
  });
});

it('sends nothing unsigned where mails are to be signed', async () => {
  const dkim = { domain: 'shop.test', selector: 's1' };
  const smtp = { host: '127.0.0.1', port: server.port, security: 'none', auth: 'none', dkim };
  for (const secrets of [{}, { dkimKey: 'no key' }]) {
    const { channel } = mailbox({ smtp, secrets });
    expect(await channel.send(mail(), noAbort)).toMatchObject({ kind: 'account_down', problem: { code: 'dkim key' } });
  }
  expect(server.connections()).toBe(0);
});

it('goes slower to one domain than to all', async () => {
  const smtp = { host: '127.0.0.1', port: server.port, security: 'none', auth: 'none', perDomainPerMinute: 2 };
  const { channel } = mailbox({ smtp });
  const kinds: string[] = [];
  for (const domain of ['one', 'one', 'one', 'other']) {
    kinds.push((await channel.send(mail(`anna@${domain}.test`), noAbort)).kind);
  }
  expect(kinds).toEqual(['accepted', 'accepted', 'throttled', 'accepted']);
});

it('is up again after the password was refused and then taken', async () => {
  const { channel } = mailbox();
  await channel.start();
  server.script = (at) => (at === 'AUTH' ? { say: '535 5.7.8 wrong' } : undefined);
  await channel.send(mail(), noAbort);
  expect(channel.health()).toMatchObject({ state: 'down', problem: expect.stringContaining('535 5.7.8') });
  server.script = () => undefined;
  await channel.send(mail(), noAbort);
  expect(channel.health()).toMatchObject({ state: 'up', problem: '' });
});

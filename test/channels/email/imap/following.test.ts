import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Receive } from '../../../../channels/channel.ts';
import type { ImapTiming } from '../../../../channels/email/imap/timing.ts';
import { limits } from '../../../../channels/email/limits.ts';
import { until } from '../../../../demo/actors/within.ts';
import { openMailbox, type TestMailbox, type TestMailboxOptions } from '../../../support/mail-peer/channel.ts';
import { createMemoryHouse, createMemoryState } from '../../../support/mail-peer/house.ts';
import { letter } from '../../../support/mail-peer/mailboxes.ts';
import { type ScriptedMailbox, type Step, startScriptedMailbox } from './scripted-mailbox.ts';

let server: ScriptedMailbox;
const open: TestMailbox[] = [];
beforeEach(async () => {
  server = await startScriptedMailbox();
});
afterEach(async () => {
  for (const { channel } of open.splice(0)) await channel.close();
  await server.close();
});

const patient: Partial<ImapTiming> = { pollMs: 100, backOffMs: [10, 20], houseMs: [10, 20], refusedMs: 300 };
/** For servers that say nothing more. */
const impatient: Partial<ImapTiming> = { ...patient, commandMs: 600, connectMs: 600 };

async function follow(rest: Partial<TestMailboxOptions> = {}): Promise<TestMailbox> {
  const mailbox = openMailbox({
    address: 'support@shop.test',
    imap: {
      host: '127.0.0.1',
      port: server.port,
      security: 'none',
      user: 'support',
      sentFolder: null,
      sinceDays: 3_000,
    },
    imapTiming: patient,
    ...rest,
  });
  open.push(mailbox);
  await mailbox.channel.start();
  return mailbox;
}
const put = (...uids: number[]): void => {
  for (const uid of uids) server.mails.set(uid, letter('support@shop.test', `mail-${uid}`, 'ok'));
};
const subjects = ({ house }: TestMailbox): string[] => house.arrivals().map(({ subject }) => subject);
const bookmarkOf = ({ state }: TestMailbox) => state.get<{ lastUid: number }>('imap:INBOX');
const count = (mailbox: TestMailbox, wanted: number) =>
  until(() => mailbox.house.events.length >= wanted, 20_000, `${wanted} mails`);

describe('a server', () => {
  it('without IDLE, special folders or modification numbers is followed by asking', async () => {
    put(3, 4);
    const mailbox = await follow();
    await count(mailbox, 2);
    put(9);
    await count(mailbox, 3);
    expect(subjects(mailbox)).toEqual(['mail-3', 'mail-4', 'mail-9']);
    expect(mailbox.house.arrivals()[0]?.at).toBe(Date.UTC(2025, 5, 2, 7));
    expect(server.commands.join()).not.toMatch(/STORE|EXPUNGE|SELECT/);
  });

  it.each<[Step, 'cut' | 'silence']>([
    ['greeting', 'silence'],
    ['LOGIN', 'cut'],
    ['LOGIN', 'silence'],
    ['EXAMINE', 'cut'],
    ['SEARCH', 'silence'],
    ['SEARCH', 'cut'],
    ['sizes', 'silence'],
    ['fetch', 'cut'],
    ['fetch', 'silence'],
  ])('that fails at %s (%s) is connected to again, and nothing is lost or taken twice', async (step, how) => {
    put(1, 2, 3);
    let failures = 0;
    server.script = (at) => (at === step && ++failures <= 2 ? how : undefined);
    const mailbox = await follow({ imapTiming: how === 'silence' ? impatient : patient });
    await count(mailbox, 3);
    expect(subjects(mailbox)).toEqual(['mail-1', 'mail-2', 'mail-3']);
    expect(server.connections()).toBeGreaterThan(2);
  });

  it('that refuses to search is no empty mailbox', async () => {
    put(1);
    let refusals = 0;
    server.script = (at) => (at === 'SEARCH' && ++refusals <= 2 ? { no: 'not now' } : undefined);
    const mailbox = await follow();
    await count(mailbox, 1);
    expect(refusals).toBeGreaterThan(2);
  });

  it('that refuses the password is left alone for long, and tried again', async () => {
    put(1);
    let refusals = 0;
    server.script = (at) => (at === 'LOGIN' && ++refusals <= 2 ? { no: '[AUTHENTICATIONFAILED] wrong' } : undefined);
    const mailbox = await follow();
    await until(() => mailbox.channel.health().state === 'down', 10_000, 'the refusal');
    await count(mailbox, 1);
    await until(() => mailbox.channel.health().state === 'up', 10_000, 'the connection');
  });

  it.each<Step>(['STATUS', 'EXAMINE'])('that refuses the Sent folder at %s is followed for the rest', async (step) => {
    put(1);
    server.script = (at, line) => (at === step && line.includes('Nowhere') ? { no: 'there is none' } : undefined);
    const imap = { host: '127.0.0.1', port: server.port, security: 'none', user: 'support', sinceDays: 3_000 };
    const mailbox = await follow({ imap: { ...imap, sentFolder: 'Nowhere' } });
    await count(mailbox, 1);
    expect(server.connections()).toBe(1);
  });

  it.each([true, false])('begins with what is new (told the next number: %s)', async (hasNext) => {
    server.hasNext = hasNext;
    put(3, 4);
    const imap = { host: '127.0.0.1', port: server.port, security: 'none', user: 'support', sentFolder: null };
    const mailbox = await follow({ imap });
    await until(() => mailbox.channel.health().state === 'up', 10_000, 'the connection');
    put(7);
    await count(mailbox, 1);
    expect(subjects(mailbox)).toEqual(['mail-7']);
  });

  it('is left alone with its mails while the house has no address for them', async () => {
    put(1);
    let refusals = 0;
    const house = createMemoryHouse();
    house.onReceive = () => (++refusals <= 2 ? { accepted: false, reason: 'unknown_number' } : null);
    const mailbox = await follow({ house });
    await count(mailbox, 1);
    expect(refusals).toBe(3);
  });

  it('without STARTTLS, where that is wanted, is told no password', async () => {
    const imap = { host: '127.0.0.1', port: server.port, security: 'starttls', user: 'support' };
    const mailbox = await follow({ imap });
    await until(() => server.connections() > 1, 10_000, 'a second try');
    expect(mailbox.channel.health().problem).not.toBe('');
    expect(server.commands.join()).not.toMatch(/LOGIN|AUTHENTICATE/);
  });

  it('that is gone when the channel closes holds nothing up', async () => {
    server.script = () => 'silence';
    const mailbox = await follow({ imapTiming: patient });
    await until(() => server.connections() > 0, 10_000, 'a connection');
    await mailbox.channel.close();
    expect(mailbox.channel.health().state).toBe('off');
  });
});

it('waits for its bookmarks without leaving the server, and begins nothing without them', async () => {
  put(1);
  const state = createMemoryState();
  let failures = 0;
  const fail = () => (++failures <= 3 ? Promise.reject(new Error('the database is down')) : null);
  const mailbox = await follow({
    state: {
      get: async <T>(key: string) => (await fail()) ?? state.get<T>(key),
      set: async (key, value) => (await fail()) ?? state.set(key, value),
    },
  });
  await count(mailbox, 1);
  expect(failures).toBeGreaterThan(3);
  expect(server.connections()).toBe(1);
  expect(mailbox.house.duplicates()).toBe(0);
});

it('ends after the mail in hand, and marks it as read', async () => {
  put(1, 2);
  const { promise: stored, resolve: store } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const house = createMemoryHouse();
  const receive: Receive = async (event) => {
    ask();
    await stored;
    return house.receive(event);
  };
  const { channel, state } = await follow({ receive });
  await asked;
  let isClosed = false;
  const closing = channel.close().then(() => {
    isClosed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  store();
  await closing;
  expect(house.arrivals().map(({ subject }) => subject)).toEqual(['mail-1']);
  expect(await state.get('imap:INBOX')).toMatchObject({ lastUid: 1 });
});

describe('the numbers of a mailbox', () => {
  it.each([
    ['another one', { user: 'sales' }, 2],
    ['restored from a backup, with the same numbers for other mails', {}, 2],
    ['restored, and has had as many mails since', {}, 3],
  ])('that is %s now pass over no mail', async (_how, other, newUid) => {
    put(1, 2, 3);
    server.modseq = 40;
    const house = createMemoryHouse();
    const state = createMemoryState();
    const imap = { host: '127.0.0.1', port: server.port, security: 'none', user: 'support', sentFolder: null };
    const first = await follow({ house, state, imap: { ...imap, sinceDays: 3_000 } });
    await count(first, 3);
    await first.channel.close();
    server.mails.clear();
    put(1);
    server.mails.set(newUid, letter('support@shop.test', 'newer', 'ok'));
    server.modseq = 25;
    const mailbox = await follow({ house, state, imap: { ...imap, ...other, sinceDays: 3_000 } });
    await count(mailbox, 4);
    expect(subjects(mailbox)).toEqual(['mail-1', 'mail-2', 'mail-3', 'newer']);
    await until(async () => (await bookmarkOf(mailbox))?.lastUid === newUid, 10_000, 'the bookmark');
    expect(await bookmarkOf(mailbox)).toMatchObject({ highestModseq: '25' });
  });
});

describe('many mails', () => {
  const from = (sender: string, uid: number): void => {
    const mail = letter('support@shop.test', `mail-${uid}`, 'ok').replace('anna@', `${sender}@`);
    server.mails.set(uid, mail);
  };
  /** A house that stores a mail when it is told to. */
  function slowHouse() {
    const house = createMemoryHouse();
    const asked = new Map<string, () => void>();
    const receive: Receive = async (event) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      asked.set(event.type === 'message.arrived' ? event.subject : '', resolve);
      await promise;
      return house.receive(event);
    };
    const isAsked = (...names: string[]) => until(() => names.every((name) => asked.has(name)), 10_000, names.join());
    return { house, receive, asked, isAsked };
  }

  it('of different people are stored at once, those of one in their order, and the bookmark waits for the first', async () => {
    from('anna', 1);
    from('anna', 2);
    from('boris', 3);
    const { house, receive, asked, isAsked } = slowHouse();
    const { channel, state } = await follow({ house, receive });
    await isAsked('mail-1', 'mail-3');
    asked.get('mail-3')?.();
    await until(() => house.events.length === 1, 10_000, 'mail-3');
    expect(asked.has('mail-2')).toBe(false);
    const closing = channel.close();
    asked.get('mail-1')?.();
    await closing;
    expect(asked.has('mail-2')).toBe(false);
    expect(await state.get('imap:INBOX')).toMatchObject({ lastUid: 1 });
    await follow({ house, state });
    await until(() => house.events.length === 3, 10_000, 'the rest');
    expect(house.arrivals().map(({ subject }) => subject)).toEqual(['mail-3', 'mail-1', 'mail-2']);
    await until(() => house.duplicates() === 1, 10_000, 'the one that was stored already');
  });

  it('with one among them that the house refuses for some time are stored once', async () => {
    for (let uid = 1; uid <= 40; uid++) from(`sender-${uid % 7}`, uid);
    const house = createMemoryHouse();
    let refusals = 0;
    house.onReceive = (event) => {
      if (event.type !== 'message.arrived' || event.subject !== 'mail-9' || ++refusals > 3) return null;
      return { accepted: false, reason: 'overloaded' };
    };
    const mailbox = await follow({ house });
    await count(mailbox, 40);
    expect(refusals).toBe(4);
    for (let sender = 0; sender < 7; sender++) {
      const theirs = house.arrivals().filter(({ from: { value } }) => value === `sender-${sender}@customer.test`);
      const uids = theirs.map(({ subject }) => Number(subject.slice(5)));
      expect(uids).toEqual(uids.toSorted((one, other) => one - other));
    }
    await until(async () => (await bookmarkOf(mailbox))?.lastUid === 40, 10_000, 'the bookmark');
  });

  it.each([
    ['one person', 1, 7],
    ['several people', 3, limits.storeAttempts * 6 + 1],
  ])('of %s come whole after a house that stored nothing for long', async (_whose, senders, most) => {
    for (let uid = 1; uid <= 6; uid++) from(`sender-${uid % senders}`, uid);
    const house = createMemoryHouse();
    let failures = 0;
    house.onReceive = () => {
      if (++failures <= most) throw new Error('the database is down');
      return null;
    };
    const mailbox = await follow({ house });
    await count(mailbox, 6);
    expect(subjects(mailbox).toSorted()).toEqual(['mail-1', 'mail-2', 'mail-3', 'mail-4', 'mail-5', 'mail-6']);
  });

  it('with one that the house never stores are told of it, and the others are stored', async () => {
    for (let uid = 1; uid <= 6; uid++) from(`sender-${uid % 3}`, uid);
    const house = createMemoryHouse();
    house.onReceive = (event) => {
      if (event.type === 'message.arrived' && event.subject === 'mail-2') throw new Error('it is poison');
      return null;
    };
    const mailbox = await follow({ house });
    await until(() => house.events.length >= 6, 10_000, 'all of them');
    await until(() => mailbox.channel.health().state === 'up', 10_000, 'the end');
    expect(house.arrivals().find(({ subject }) => subject === '')?.facts.unreadable).toContain('poison');
  });

  it('with long numbers and gaps are asked for in lines that servers read', async () => {
    const first = 4_200_000_001;
    for (let mail = 0; mail < 900; mail++) from('anna', first + mail * 2);
    const mailbox = await follow();
    await until(() => server.commands.some((command) => command.includes('BODY')), 10_000, 'a fetch');
    expect(Math.max(...server.commands.map((command) => command.length))).toBeLessThan(8_000);
    await mailbox.channel.close();
  });

  it('are fetched while the house is at work', async () => {
    for (let uid = 1; uid <= limits.fetchBatch * 4; uid++) from('anna', uid);
    const { house, receive, asked, isAsked } = slowHouse();
    const { channel } = await follow({ house, receive });
    await isAsked('mail-1');
    const fetches = () => server.commands.filter((command) => command.includes('BODY')).length;
    // as long as there is room in hand
    const ahead = 1 + Math.floor(limits.inHandMails / limits.fetchBatch);
    await until(() => fetches() === ahead, 10_000, 'the batches that find room');
    const closing = channel.close();
    asked.get('mail-1')?.();
    await closing;
    expect(fetches()).toBe(ahead);
  });
});

it('tells no password in its log, whatever happens', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  server.script = (at) => (at === 'LOGIN' ? { no: '[AUTHENTICATIONFAILED] wrong' } : undefined);
  const mailbox = await follow({ log, secrets: { password: 'hush-hush' } });
  await until(() => mailbox.channel.health().state === 'down', 10_000, 'the refusal');
  expect(lines.join()).toContain('The connection to a mailbox was lost');
  const told = `${lines.join()}${JSON.stringify(mailbox.channel.health())}`;
  expect(told).not.toContain('hush-hush');
  expect(told).not.toContain(Buffer.from('hush-hush').toString('base64').replace(/=*$/, ''));
});

describe('a mail', () => {
  it('that the server lists and does not give holds up no others, and is told of', async () => {
    put(1, 2, 3);
    server.withheld.add(2);
    const mailbox = await follow();
    await count(mailbox, 3);
    expect(subjects(mailbox)).toEqual(['mail-1', '', 'mail-3']);
    expect(mailbox.house.arrivals()[1]).toMatchObject({
      raw: null,
      facts: { unreadable: 'the mail server does not give this mail' },
    });
  });

  it('at which the server breaks off every time is given up at last', async () => {
    put(1, 2, 3);
    server.script = (at, line) => (at === 'fetch' && /FETCH \S*\b2\b|FETCH 1:3/.test(line) ? 'cut' : undefined);
    const mailbox = await follow();
    await count(mailbox, 3);
    expect(subjects(mailbox)).toEqual(['mail-1', '', 'mail-3']);
  });

  it('in the middle of which the server breaks off every time holds up none before or behind it', async () => {
    put(1, 2, 3, 4, 5);
    server.breaking.add(3);
    const mailbox = await follow();
    await until(() => mailbox.house.arrivals().some(({ subject }) => subject === 'mail-5'), 10_000, 'the last mail');
    expect(subjects(mailbox)).toEqual(['mail-1', 'mail-2', '', 'mail-4', 'mail-5']);
    expect(mailbox.house.duplicates()).toBe(0);
  });

  it('that comes slowly is waited for as long as it comes', async () => {
    server.mails.set(1, letter('support@shop.test', 'mail-1', 'x'.repeat(limits.imapSlowBytes * 20)));
    server.script = (at) => (at === 'fetch' ? 'slowly' : undefined);
    const mailbox = await follow({ imapTiming: impatient });
    await count(mailbox, 1);
    expect(subjects(mailbox)).toEqual(['mail-1']);
  });

  it('that was deleted between the list and the fetch is passed over', async () => {
    put(1, 2, 3);
    server.script = (at) => {
      if (at === 'fetch') server.mails.delete(2);
      return undefined;
    };
    const mailbox = await follow();
    await count(mailbox, 2);
    put(4);
    await count(mailbox, 3);
    expect(subjects(mailbox)).toEqual(['mail-1', 'mail-3', 'mail-4']);
  });

  it('that takes a batch of its own by its size comes in its turn', async () => {
    put(1, 3);
    server.mails.set(2, letter('support@shop.test', 'mail-2', 'x'.repeat(limits.fetchBytes)));
    const mailbox = await follow({ imapTiming: patient });
    await count(mailbox, 3);
    expect(subjects(mailbox)).toEqual(['mail-1', 'mail-2', 'mail-3']);
    expect(mailbox.house.arrivals()[1]?.facts.truncated).toMatch(/^fetched of/);
  });
});

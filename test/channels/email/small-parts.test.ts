import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHealth } from '../../../channels/email/health.ts';
import { type Bookmark, type FolderFacts, startingFrom } from '../../../channels/email/imap/bookmark.ts';
import { batchLength, uidSet } from '../../../channels/email/imap/fetch.ts';
import { fingerprintOf } from '../../../channels/email/imap/fingerprint.ts';
import { backOff } from '../../../channels/email/imap/timing.ts';
import { limits } from '../../../channels/email/limits.ts';
import { parseEmailSettings } from '../../../channels/email/settings.ts';
import { createDomainRate } from '../../../channels/email/smtp/rate.ts';
import { verdictOfFailure } from '../../../channels/email/smtp/verdict.ts';
import { createStoreFailures } from '../../../channels/email/store-failures.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';

describe('settings', () => {
  const imap = { host: 'imap.shop.test', user: 'support' };
  const smtp = { host: 'smtp.shop.test' };

  it('have defaults for what is not said, and null for what is not done', () => {
    expect(parseEmailSettings({ imap })).toEqual({
      imap: { ...imap, port: 993, security: 'tls', auth: 'password', sentFolder: '', sinceDays: 0 },
      smtp: null,
      oauth: null,
    });
    expect(parseEmailSettings({ smtp }).smtp).toMatchObject({
      port: 465,
      security: 'tls',
      perDomainPerMinute: 20,
      dkim: null,
    });
  });

  it.each([
    [{ imap: { ...imap, host: 'a b' } }, ['imap.host']],
    [{ imap: { user: 'support' } }, ['imap.host']],
    [{ imap: { ...imap, port: 0 }, smtp: { ...smtp, security: 'ssl' } }, ['imap.port', 'smtp.security']],
    [{ imap: { ...imap, other: 1 } }, ['imap']],
    [{ smtp: { ...smtp, bounceAddressing: true } }, ['smtp.bounceAddressing']],
    [{ oauth: { tokenUrl: 'http://shop.test/token', clientId: 'x' } }, ['oauth.tokenUrl']],
    [{ smtp: { ...smtp, dkim: { domain: 'shop.test' } } }, ['smtp.dkim.selector']],
  ])('name the fields that are wrong: %j', (given, fields) => {
    let wrong: unknown;
    try {
      parseEmailSettings(given);
    } catch (error) {
      wrong = error;
    }
    expect(wrong).toMatchObject({ code: 'bad_request', details: { fields: expect.arrayContaining(fields) } });
  });
});

describe('a bookmark', () => {
  const mailbox = 'support@imap.shop.test';
  const box = { uidValidity: 7n, uidNext: 101, highestModseq: 40n };
  const rules = { mailbox, now: Date.UTC(2026, 0, 31), sinceDays: 0, rescanDays: 10 };
  const known: Bookmark = { mailbox, uidValidity: '7', lastUid: 50, highestModseq: '40', since: null };
  const again: Bookmark = { ...known, lastUid: 0, since: '2026-01-20' };

  it.each<[string, Bookmark | null, FolderFacts, typeof rules, Bookmark]>([
    ['goes on', known, box, rules, known],
    ['goes on in a folder that is open', known, { ...box, uidNext: null }, rules, known],
    ['goes on behind the last mail', { ...known, lastUid: 100 }, box, rules, { ...known, lastUid: 100 }],
    ['begins with what is new', null, box, rules, { ...known, lastUid: 100 }],
    ['begins some days ago', null, box, { ...rules, sinceDays: 5 }, { ...again, since: '2026-01-25' }],
    ['looks again after a rebuild', { ...known, uidValidity: '6' }, box, rules, again],
    ['looks again in another mailbox', { ...known, mailbox: 'sales@imap.shop.test' }, box, rules, again],
    ['looks again when numbers are given a second time', { ...known, lastUid: 101 }, box, rules, again],
    [
      'goes on with a higher modification number',
      { ...known, highestModseq: '39' },
      box,
      rules,
      { ...known, highestModseq: '39' },
    ],
    ['looks again when the modification number is behind', { ...known, highestModseq: '41' }, box, rules, again],
    ['goes on where the server has none', known, { ...box, highestModseq: null }, rules, known],
    ['goes on with a look that was broken off', { ...again, lastUid: 20 }, box, rules, { ...again, lastUid: 20 }],
  ])('%s', (_name, bookmark, folder, given, wanted) => {
    expect(startingFrom(bookmark, folder, given)).toEqual(wanted);
  });
});

it('fetches every mail once, large ones alone, never too much at a time', () => {
  const size = fc.oneof(fc.nat(20_000), fc.integer({ min: 1_000_000, max: limits.fetchBytes + 1_000_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 300 }), (sizes) => {
      const mails = sizes.map((bytes, index) => ({ uid: index + 1, size: bytes, at: null }));
      let at = 0;
      while (at < mails.length) {
        const batch = mails.slice(at, at + batchLength(mails, at));
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(limits.fetchBatch);
        if (batch.length > 1) {
          expect(batch.every((mail) => mail.size < limits.fetchBytes)).toBe(true);
          expect(batch.reduce((sum, mail) => sum + mail.size, 0)).toBeLessThanOrEqual(limits.fetchBatchBytes);
        }
        at += batch.length;
      }
      expect(at).toBe(mails.length);
    }),
  );
});

it.each([
  [[], ''],
  [[7], '7'],
  [[1, 2, 3], '1:3'],
  [[1, 3, 4, 9], '1,3:4,9'],
])('writes %j as %s', (uids, set) => {
  expect(uidSet(uids)).toBe(set);
});

describe('a fingerprint', () => {
  const mail =
    'Received: by a\r\nMessage-ID: <1@x>\r\nSubject: a\r\n b\r\nFrom: a@b.test\r\nDelivered-To: x@shop.test\r\n\r\nHello\r\n';
  const of = (text: string): string => fingerprintOf(Buffer.from(text, 'latin1'));

  it('is the same after a mailbox was moved', () => {
    const moved = mail
      .replace('Received: by a', 'X-Uid: 7\r\nReceived: by b\r\nReceived: by a')
      .replace('a\r\n b', 'a   b');
    expect(of(moved)).toBe(of(mail));
  });
  it.each([
    ['text', 'Hello', 'Hello!'],
    ['id', '<1@x>', '<2@x>'],
    ['mailbox of ours', 'x@shop', 'y@shop'],
  ])('differs with another %s', (_name, was, is) => {
    expect(of(mail.replace(was, is))).not.toBe(of(mail));
  });
  it('is made of anything', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => /^[\w-]{43}$/.test(fingerprintOf(bytes))));
  });
});

describe('the rate of a domain', () => {
  it('fills evenly, and never passes what a minute holds', () => {
    const clock = createFakeClock();
    const rate = createDomainRate(6, clock.now);
    for (let count = 0; count < 6; count++) expect(rate.take(['a.test'])).toBe(0);
    expect(rate.take(['a.test'])).toBe(10_000);
    expect(rate.take(['b.test', 'a.test'])).toBe(10_000);
    clock.advance(10_000);
    expect(rate.take(['a.test'])).toBe(0);
    expect(rate.take(['a.test'])).toBe(10_000);
    clock.advance(3_600_000);
    for (let count = 0; count < 6; count++) expect(rate.take(['a.test'])).toBe(0);
    expect(rate.take(['a.test'])).toBeGreaterThan(0);
  });
  it('takes nothing from the one domain when the other has nothing', () => {
    const clock = createFakeClock();
    const rate = createDomainRate(1, clock.now);
    rate.take(['a.test']);
    expect(rate.take(['a.test', 'b.test'])).toBeGreaterThan(0);
    expect(rate.take(['b.test'])).toBe(0);
  });
  it('is remembered for so many domains only', () => {
    const rate = createDomainRate(1, createFakeClock().now);
    rate.take(['first.test']);
    for (let count = 0; count < limits.rateDomains; count++) rate.take([`${count}.test`]);
    expect(rate.take(['first.test'])).toBe(0);
    expect(rate.take([`${limits.rateDomains - 1}.test`])).toBeGreaterThan(0);
  });
});

it('waits longer after every failure, up to a bound', () => {
  const waits = [1, 2, 3, 10, 1_000].map((failures) => backOff([1_000, 60_000], failures, 1));
  expect(waits).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect(backOff([1_000, 60_000], 1, 0)).toBe(500);
});

it('an attempt without a reply is in doubt only after the last byte', () => {
  for (const stage of ['connect', 'login', 'envelope'] as const) {
    expect(verdictOfFailure({ stage, code: null, text: 'reset', isTls: false }).kind).toBe('retry');
  }
  expect(verdictOfFailure({ stage: 'handed', code: null, text: 'reset', isTls: false }).kind).toBe('unknown');
});

it('whatever a server says after the last byte is a decision, silence is a doubt', () => {
  const code = fc.integer({ min: 400, max: 599 });
  fc.assert(
    fc.property(code, fc.string(), (number, text) => {
      const { kind } = verdictOfFailure({ stage: 'handed', code: number, text: `${number} ${text}`, isTls: false });
      expect(['retry', 'throttled', 'rejected', 'account_down']).toContain(kind);
    }),
  );
});

describe('health', () => {
  it('is that of the worse half, and tells since when', () => {
    const clock = createFakeClock(1_000);
    const health = createHealth(clock.now);
    expect(health.now()).toEqual({ state: 'off', since: 1_000, problem: '', catchUp: null });
    health.set('out', 'up', '');
    clock.advance(5);
    health.set('in', 'connecting', '');
    expect(health.now()).toMatchObject({ state: 'connecting', since: 1_005 });
    clock.advance(5);
    health.set('in', 'up', '');
    expect(health.now()).toMatchObject({ state: 'up', since: 1_010 });
    clock.advance(5);
    health.set('in', 'up', '');
    health.set('out', 'down', '535');
    health.catchUp({ done: 1, total: 2 });
    expect(health.now()).toEqual({ state: 'down', since: 1_015, problem: '535', catchUp: { done: 1, total: 2 } });
  });
});

describe('a mail that could not be stored', () => {
  it('is to blame when it fails alone, or while others are stored', () => {
    const failures = createStoreFailures();
    expect([failures.failed('a'), failures.failed('a')]).toEqual([1, 2]);
    // the house itself may be the reason
    expect([failures.failed('b'), failures.failed('a'), failures.failed('b')]).toEqual([0, 2, 0]);
    failures.stored('c', true);
    expect([failures.failed('a'), failures.failed('b'), failures.failed('a')]).toEqual([3, 1, 3]);
    failures.stored('b', false);
    expect([failures.failed('a'), failures.failed('a')]).toEqual([4, 5]);
  });
  it('is remembered with so many others only', () => {
    const failures = createStoreFailures();
    failures.failed('first');
    for (let count = 0; count < limits.failingMails; count++) failures.failed(`${count}`);
    failures.stored('other', true);
    expect(failures.failed('first')).toBe(0);
    expect(failures.failed(`${limits.failingMails - 1}`)).toBe(1);
  });
});

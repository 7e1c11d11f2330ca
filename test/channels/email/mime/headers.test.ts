import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../../channels/email/limits.ts';
import { normalAddress, readAddresses } from '../../../../channels/email/mime/addresses.ts';
import { readDate } from '../../../../channels/email/mime/dates.ts';
import { fieldOf, readHead } from '../../../../channels/email/mime/header-fields.ts';
import { readMessageIds } from '../../../../channels/email/mime/message-ids.ts';
import type { Notes } from '../../../../channels/email/mime/notes.ts';

const freshNotes = (): Notes => ({ truncated: new Set(), defects: new Set() });
const head = (text: string, notes = freshNotes()) => readHead(Buffer.from(text, 'latin1'), notes);

describe('header fields (RFC 5322 section 2.2)', () => {
  test('folded lines are one value, the first of two fields counts, the body begins after the empty line', () => {
    const { fields, bodyAt } = head('A: one\r\n\t two\r\nB : x\r\nA: second\r\n\r\nbody');
    expect(fields.map(({ name }) => name)).toEqual(['a', 'b', 'a']);
    expect(fieldOf(fields, 'a')).toBe('one two');
    expect(bodyAt).toBe('A: one\r\n\t two\r\nB : x\r\nA: second\r\n\r\n'.length);
  });

  test('a message that begins with text is all body', () => {
    expect(head('Hello there\r\nA: b\r\n\r\n')).toEqual({ fields: [], bodyAt: 0 });
  });

  test('a header without an end, without an empty line, and none at all', () => {
    expect(head('A: b').fields).toEqual([{ name: 'a', value: 'b' }]);
    expect(head('')).toEqual({ fields: [], bodyAt: 0 });
    expect(head('\r\nbody')).toEqual({ fields: [], bodyAt: 2 });
  });

  test('too many fields and too long ones are cut and named, the body is found all the same', () => {
    const notes = freshNotes();
    const text = `${'A: b\r\n'.repeat(limits.fields + 5)}\r\nbody`;
    const { fields, bodyAt } = head(text, notes);
    expect(fields.length).toBe(limits.fields);
    expect(text.slice(bodyAt)).toBe('body');
    expect([...notes.truncated]).toEqual(['header']);
    const long = freshNotes();
    expect(fieldOf(head(`A: ${'x'.repeat(limits.fieldBytes + 1)}\r\n\r\n`, long).fields, 'a')).toBe('');
    expect([...long.truncated]).toEqual(['header']);
  });
});

const addresses = (raw: string) => readAddresses(Buffer.from(raw).toString('latin1'), null, freshNotes());

describe('addresses (RFC 5322 section 3.4)', () => {
  test.each<[string, [string, string][]]>([
    ['a@b.test', [['', 'a@b.test']]],
    ['Anna Maria <a@b.test>', [['Anna Maria', 'a@b.test']]],
    [
      '"Petrov, Ivan" <a@b.test>, c@d.test',
      [
        ['Petrov, Ivan', 'a@b.test'],
        ['', 'c@d.test'],
      ],
    ],
    ['a@b.test (Anna (home))', [['Anna home', 'a@b.test']]],
    ['"Quoted \\"name\\"" <a@b.test>', [['Quoted "name"', 'a@b.test']]],
    [
      'Team: a@b.test, c@d.test;, e@f.test',
      [
        ['', 'a@b.test'],
        ['', 'c@d.test'],
        ['', 'e@f.test'],
      ],
    ],
    ['undisclosed-recipients:;', []],
    ['<>', []],
    ['<MAILER-DAEMON>', [['MAILER-DAEMON', '']]],
    [',,;', []],
    ['Anna', [['Anna', '']]],
    [
      'a@b.test; c@d.test',
      [
        ['', 'a@b.test'],
        ['', 'c@d.test'],
      ],
    ],
    ["'Anna' <a@b.test>", [['Anna', 'a@b.test']]],
    ['"unclosed <a@b.test>', [['unclosed', 'a@b.test']]],
    ['<a@b.test', [['', 'a@b.test']]],
    ['=?utf-8?Q?Petrov,_"Ivan"_<x@y.test>?= <a@b.test>', [['Petrov, "Ivan" <x@y.test>', 'a@b.test']]],
    ['=?utf-8?q?=3Cboss=40shop.test=3E=2C?= <a@b.test>', [['<boss@shop.test>,', 'a@b.test']]],
  ])('%s', (raw, expected) => {
    expect(addresses(raw).map(({ name, address }) => [name, address])).toEqual(expected);
  });

  test.each([
    ['A.B@Example.TEST', 'A.B@example.test'],
    ['a@b.test.', 'a@b.test'],
    ['mailto:a@b.test', 'a@b.test'],
    ['a\u202e@b.test', 'a@b.test'],
    ['a@пример.test', 'a@xn--e1afmkfd.test'],
    ['no address', 'noaddress'],
    [`${'a'.repeat(limits.addressLength)}@b.test`, ''],
  ])('%s is matched as %s', (raw, normal) => expect(normalAddress(Buffer.from(raw).toString('latin1'))).toBe(normal));

  test('nothing inside an encoded-word becomes an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const raw = `=?utf-8?B?${Buffer.from(name).toString('base64')}?= <real@b.test>`;
        expect(addresses(raw).map(({ address }) => address)).toEqual(['real@b.test']);
      }),
    );
  });

  test('more than the limit are cut', () => {
    const notes = freshNotes();
    expect(readAddresses('a@b.test,'.repeat(limits.addresses + 1), null, notes).length).toBe(limits.addresses);
    expect([...notes.truncated]).toEqual(['addresses']);
    // entries that are none take time too; nothing between two commas takes none
    const many = freshNotes();
    expect(readAddresses(`${'<>,'.repeat(limits.addresses)}a@b.test`, null, many)).toEqual([]);
    expect([...many.truncated]).toEqual(['addresses']);
    expect(readAddresses(`${' ,'.repeat(limits.addresses * 10)}a@b.test`, null, freshNotes())).toHaveLength(1);
  });
});

describe('message ids (RFC 5322 section 3.6.4)', () => {
  test.each<[string, string[]]>([
    ['<a@b>', ['<a@b>']],
    ['<a@b><c@d> <a@b>', ['<a@b>', '<c@d>']],
    ['a@b c@d', ['<a@b>', '<c@d>']],
    ['your letter of <a @b>, thanks', ['<a@b>']],
    ['<>', []],
    ['no ids here', []],
    [`<${'x'.repeat(limits.messageIdLength + 1)}>`, []],
  ])('%s', (raw, ids) => expect(readMessageIds(raw)).toEqual(ids));
});

describe('dates (RFC 5322 sections 3.3 and 4.3)', () => {
  test('every date comes back in every zone', () => {
    const date = fc.date({ min: new Date('1990-01-02'), max: new Date('2080-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.integer({ min: -12 * 60, max: 14 * 60 }), (at, offset) => {
        const whole = new Date(Math.floor(at.getTime() / 1000) * 1000);
        const local = new Date(whole.getTime() + offset * 60_000).toUTCString().replace(' GMT', '');
        const minutes = Math.abs(offset);
        const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0')}`;
        expect(readDate(`${local} ${zone}`)).toEqual(whole);
      }),
    );
  });

  test.each([
    ['5 Jun 25 10:00:00 GMT', '2025-06-05T10:00:00.000Z'],
    ['Thu, 5 June 1999 10:00 EST', '1999-06-05T15:00:00.000Z'],
    ['Thu, 05-Jun-2025 10:00:00 +03:00', '2025-06-05T07:00:00.000Z'],
    ['2025-06-05T10:00:00Z', '2025-06-05T10:00:00.000Z'],
    ['Thu, 5 Jun 2025 23:59:60 +0000', '2025-06-05T23:59:59.000Z'],
  ])('%s', (raw, iso) => expect(readDate(raw)?.toISOString()).toBe(iso));

  test.each(['', 'now', '5 Foo 2025 10:00:00', '32 Jun 2025 10:00:00', '5 Jun 2025 25:00:00', '2025-99-99T10:00'])(
    '%s is none',
    (raw) => expect(readDate(raw)).toBeNull(),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charsetNamed, decodeBytes } from '../../../../channels/email/mime/charset.ts';
import { guessCharset } from '../../../../channels/email/mime/cyrillic.ts';
import { decodeWords } from '../../../../channels/email/mime/encoded-words.ts';
import { readParameters } from '../../../../channels/email/mime/parameters.ts';
import { decodeBase64, decodeQuotedPrintable } from '../../../../channels/email/mime/transfer.ts';

/** Text as a header value may hold it: no control characters, blanks single and inside. */
const headerText = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((text) => text.replace(/[\p{Cc}\s\ufeff]+/gu, ' ').trim());
const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** Cuts bytes where a sender might: anywhere. */
const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

const asB = (bytes: Buffer): string => `=?utf-8?B?${bytes.toString('base64')}?=`;
const asQ = (bytes: Buffer): string =>
  `=?UTF-8*en?q?${[...bytes].map((byte) => (byte === 32 ? '_' : `=${hex(byte)}`)).join('')}?=`;

describe('encoded-words (RFC 2047)', () => {
  test('every text comes back from words that are cut inside its characters', () => {
    fc.assert(
      fc.property(headerText, cuts, fc.boolean(), (text, lengths, q) => {
        const words = cut(Buffer.from(text), lengths).map(q ? asQ : asB);
        expect(decodeWords(words.join('\r\n '))).toBe(text);
      }),
    );
  });

  test('what is decoded is one line without control characters, whatever was sent', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom('utf-8', 'utf-16', 'utf-7', 'koi8-r'),
        (bytes, label) => {
          const decoded = decodeWords(`a =?${label}?b?${Buffer.from(bytes).toString('base64')}?= b`);
          expect(decoded).not.toMatch(/\p{Cc}/u);
          expect(decoded.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['plain text', 'plain text'],
    ['=?utf-8?q?a?= =?utf-8?q?b?=', 'ab'],
    ['=?utf-8?q?a?= b =?utf-8?q?c?=', 'a b c'],
    ['=?utf-8?x?a?=', '=?utf-8?x?a?='],
    ['=?utf-8?q?a', '=?utf-8?q?a'],
    ['=?no-such?q?=D0=AF?=', 'Я'],
  ])('%s', (raw, decoded) => expect(decodeWords(raw)).toBe(decoded));
});

/** RFC 2231 section 4.1: pieces, each percent-encoded or plain, in any order. */
function continued(text: string, lengths: readonly number[]): string {
  const pieces = cut(Buffer.from(text), lengths).map((bytes, index) => {
    const encoded = [...bytes].map((byte) => `%${hex(byte)}`).join('');
    return `name*${index}*=${index === 0 ? "utf-8'ru'" : ''}${encoded}`;
  });
  return `application/pdf; ${pieces.reverse().join(';\r\n ')}`;
}

describe('parameters (RFC 2045 section 5.1, RFC 2231)', () => {
  test('every name comes back from its pieces', () => {
    const name = headerText.filter((text) => text !== '');
    fc.assert(
      fc.property(name, cuts, (text, lengths) => {
        const { value, parameters } = readParameters(continued(text, lengths));
        expect({ value, name: parameters.get('name') }).toEqual({ value: 'application/pdf', name: text });
      }),
    );
  });

  test.each([
    ['TEXT/Plain; CHARSET=UTF-8', { charset: 'UTF-8' }],
    ['text/plain (comment); charset="a;b=\\"c\\\\d"', { charset: 'a;b="c\\d' }],
    ['text/plain; name="a.txt"; name="b.txt"', { name: 'a.txt' }],
    ["text/plain; name=plain.txt; name*=utf-8''%D0%AF.txt", { name: 'Я.txt' }],
    ['text/plain; name = spaced.txt ; format=flowed', { name: 'spaced.txt', format: 'flowed' }],
    ['text/plain; junk; charset=utf-8', { charset: 'utf-8' }],
    ['text/plain; name="unclosed', { name: 'unclosed' }],
    ['text/plain', {}],
  ])('%s', (raw, parameters) => {
    expect(readParameters(raw).value).toBe('text/plain');
    expect(Object.fromEntries(readParameters(raw).parameters)).toEqual(parameters);
  });

  test('a boundary that looks like an encoded-word is none', () => {
    const { parameters } = readParameters('multipart/mixed; boundary="=?utf-8?q?x?="');
    expect(parameters.get('boundary')).toBe('=?utf-8?q?x?=');
  });
});

describe('transfer encodings (RFC 2045 section 6)', () => {
  test('base64 comes back, folded anywhere and with garbage in between', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, lengths) => {
        const lines = cut(Buffer.from(Buffer.from(bytes).toString('base64')), lengths).join('\r\n * ');
        expect(decodeBase64(Buffer.from(lines))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('quoted-printable comes back, with soft breaks anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), cuts, (bytes, lengths) => {
        const pieces = cut(Buffer.from(bytes), lengths).map((piece) =>
          [...piece].map((byte) => `=${hex(byte)}`).join(''),
        );
        expect(decodeQuotedPrintable(Buffer.from(pieces.join('= \t\r\n')))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("blanks at line ends are not the sender's, encoded ones are", () => {
    expect(decodeQuotedPrintable(Buffer.from('a \t\r\nb=20 \nc')).toString()).toBe('a\r\nb \nc');
  });
});

describe('charsets', () => {
  test.each(['utf-8', 'UTF8', '“utf-8”', 'win-1251', 'cp1251', 'KOI8R', '_iso-2022-jp$ESC', 'csKOI8R', 'cp932'])(
    '%s is known',
    (label) => expect(charsetNamed(label)).not.toBeNull(),
  );
  test.each([null, '', 'x-unknown', 'none', 'no-such-thing', '"'])('%s says nothing', (label) =>
    expect(charsetNamed(label)).toBeNull(),
  );

  test('UTF-8 is found under every label that says little, and under none', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(undefined, 'us-ascii', 'utf-8', 'x-unknown'),
        (text, label) => {
          const whole = text.toWellFormed().replace(/^[\ufeff\ufffe]+/, '');
          expect(decodeBytes(Buffer.from(whole), { label })).toBe(whole);
        },
      ),
    );
  });

  test('no bytes and no label throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, label) => {
        expect(typeof decodeBytes(Buffer.from(bytes), { label, hint: label })).toBe('string');
      }),
    );
  });

  /** Small letters in the order of their bytes: from E0 in windows-1251, from C0 in KOI8-R, which follows the Latin alphabet. */
  const rows = [
    { charset: 'windows-1251', letters: 'абвгдежзийклмнопрстуфхцчшщъыьэюя', first: 0xe0 },
    { charset: 'koi8-r', letters: 'юабцдефгхийклмнопярстужвьызшэщчъ', first: 0xc0 },
  ];
  test.each(rows)('Russian without a label is found in $charset', ({ charset, letters, first }) => {
    for (const text of ['добрый день когда придет мой заказ', 'прошу вернуть деньги', 'спасибо большое']) {
      const bytes = Buffer.from([...text].map((letter) => (letter === ' ' ? 32 : first + letters.indexOf(letter))));
      expect(guessCharset(bytes)).toBe(charset);
      expect(decodeBytes(bytes)).toBe(text);
    }
  });

  test('UTF-8 with a broken byte is still UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('Когда придёт заказ'), Buffer.from([0xd0])]);
    expect(decodeBytes(bytes, { label: 'utf-8' })).toBe('Когда придёт заказ\ufffd');
  });

  test('a charset that the rest of the message names goes before a guess', () => {
    expect(decodeBytes(Buffer.from([0xe0]), { hint: 'windows-1253' })).toBe('ΰ');
    expect(decodeBytes(Buffer.from('café à la carte', 'latin1'))).toBe('café à la carte');
  });
});

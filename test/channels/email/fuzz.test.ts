import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidenceOf, judgeMail, type ReadMail, readMail, replyParts, safeHtml } from '../../../channels/email/index.ts';
import { limits } from '../../../channels/email/limits.ts';
import { mailCases, own } from '../../fixtures/email/cases.ts';
import { expectSafe } from './expect-safe.ts';

const seeds = mailCases.map(({ bytes }) => bytes).filter((bytes) => bytes.length < 20_000);
const pieces = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '--',
    '=?utf-8?B?',
    '?=',
    '<',
    '>',
    '"',
    ';',
    '=',
    '\0',
    ':',
    '\r\n ',
    'boundary=',
    '<!--',
    '<svg>',
    '&#',
  ],
  ...[
    '\r\n\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n',
    '--b\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    '\xff\xfe',
    '%F0',
  ],
];

type Damage = (bytes: Buffer) => Buffer;
const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (bytes: Buffer, where: number): number => Math.floor(where * bytes.length);
const insert = (bytes: Buffer, where: number, what: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at(bytes, where)), what, bytes.subarray(at(bytes, where))]);

/** One way to spoil a message. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(place, fc.nat({ max: 255 })).map(
    ([where, byte]): Damage =>
      (bytes) => {
        const copy = Buffer.from(bytes);
        copy[at(bytes, where)] = byte;
        return copy;
      },
  ),
  place.map(
    (where): Damage =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  fc.tuple(place, fc.nat({ max: 80 })).map(
    ([where, length]): Damage =>
      (bytes) => {
        const start = at(bytes, where);
        return insert(bytes, where, bytes.subarray(start, start + length));
      },
  ),
  fc.tuple(place, fc.nat({ max: 40 })).map(
    ([where, length]): Damage =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, where)), bytes.subarray(at(bytes, where) + length)]),
  ),
  fc.tuple(place, place, fc.constantFrom(...seeds)).map(
    ([where, from, other]): Damage =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, where)), other.subarray(at(other, from), at(other, from) + 300)]),
  ),
  fc.tuple(place, fc.constantFrom(...pieces)).map(
    ([where, piece]): Damage =>
      (bytes) =>
        insert(bytes, where, Buffer.from(piece, 'latin1')),
  ),
);

/** What holds for every mail, however it was made. */
function holds(mail: ReadMail): void {
  const oneLiners = [mail.subject, mail.messageId, mail.inReplyTo, ...mail.references];
  for (const { name, address } of [...mail.from, ...mail.to, ...mail.cc, ...mail.replyTo])
    oneLiners.push(name, address);
  for (const { name, contentId } of mail.attachments) oneLiners.push(name, contentId);
  const line = oneLiners.join('');
  expect(line).not.toMatch(/\p{Cc}/u);
  expect(`${mail.text}${mail.html}`).not.toMatch(/[^\P{Cc}\t\n]/u);
  expect(`${line}${mail.text}${mail.html}`.isWellFormed()).toBe(true);
  expect(mail.date === null || !Number.isNaN(mail.date.getTime())).toBe(true);
  expect(mail.text.length).toBeLessThanOrEqual(limits.textLength);
  expect(mail.html?.length ?? 0).toBeLessThanOrEqual(limits.htmlLength);
  expect(mail.subject?.length ?? 0).toBeLessThanOrEqual(limits.subjectLength);
  expect(mail.references.length).toBeLessThanOrEqual(limits.references);
  expect(mail.attachments.length).toBeLessThanOrEqual(limits.parts);
  for (const { name, size, bytes } of mail.attachments) {
    expect(name).toMatch(/^[^./\\][^/\\]*$/);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(limits.fileNameBytes);
    expect(size).toBe(bytes.length);
  }
}

/** Reads, judges, threads and shows; returns what was read. */
function through(bytes: Buffer): ReadMail {
  const mail = readMail(bytes);
  holds(mail);
  expect(judgeMail(mail, own).because).not.toBe('');
  expect(evidenceOf(mail, own.signer).messageIds.length).toBeLessThanOrEqual(limits.threadIds);
  expect(replyParts(mail.text, mail.originalAt).at(-1)?.end).toBe(mail.text.length);
  if (mail.html !== null) {
    const { html, remoteImages } = safeHtml(mail.html, { cidUrl: () => '/files/1' });
    if (html.length < 100_000) expectSafe(html, /^\/files\/1$/);
    expect(remoteImages.length).toBeLessThanOrEqual(limits.remoteImages);
  }
  return mail;
}

describe('damaged and hostile messages', () => {
  test('thousands of damaged messages are read without an exception', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(damage, { minLength: 1, maxLength: 6 }), (seed, damages) => {
        through(damages.reduce((bytes, spoil) => spoil(bytes), seed));
      }),
      { numRuns: 3000 },
    );
  });

  test('any bytes are read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        through(Buffer.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test('reading the same bytes twice gives the same', () => {
    for (const bytes of seeds) expect(readMail(Buffer.from(bytes))).toEqual(readMail(bytes));
  });
});

/** Patterns that are quadratic for readers with backtracking or with searches that begin anew. */
const repeated = [
  ...[
    ' ',
    '=',
    '=?',
    '<',
    '>',
    '"',
    '(',
    ';',
    ',',
    '@',
    'a@',
    '<a@',
    '--b\r\n',
    '> ',
    '\r',
    '&',
    '<!--',
    '<b ',
    '<a x="',
  ],
  ...[
    '<td>',
    '<p></p>',
    '<svg>',
    '</title',
    '<title>',
    '<blockquote>',
    'cid:',
    'begin 644 a\n',
    '-- \n',
    'From: a\nSent: b\n',
  ],
  ...[
    '12:30 a@b.c\n',
    '=?utf-8?B?0JfQ?= ',
    '=?u*',
    '+',
    '=\n',
    're:',
    '[ext]',
    '<a@b>:\nx\n',
    'message-id: <',
    "a*0*=x''%41;",
  ],
];
const length = 200_000;

describe('two hundred thousand times the same', () => {
  test.each(repeated)('%j in headers, texts, HTML, parts and reports', (pattern) => {
    const run = pattern.repeat(Math.ceil(length / pattern.length));
    const inHeaders = `From: ${run}\r\nTo: ${run}\r\nSubject: ${run}\r\nReferences: ${run}\r\nDate: ${run}\r\nX-Failed-Recipients: ${run}\r\n\r\n${run}`;
    const report = `Content-Type: multipart/report; boundary=b; x=${run}\r\n\r\n--b\r\n\r\n${run}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n${run}`;
    for (const text of [run, inHeaders, report, `Content-Type: multipart/mixed\r\n\r\n${run}`])
      through(Buffer.from(text));
    for (const type of ['text/plain; format=flowed', 'text/html']) {
      const encoding = 'Content-Transfer-Encoding: quoted-printable';
      through(Buffer.from(`Content-Type: ${type}\r\n${encoding}\r\n\r\n${run}`));
    }
  });

  test('multiparts in multiparts are not searched over and over', () => {
    const levels = Array.from(
      { length: 8 },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    );
    const filler = Buffer.alloc(limits.boundaryScanBytes / 6, 'x');
    const { truncated } = readMail(Buffer.concat([Buffer.from(levels.join('')), filler]));
    expect(truncated).toEqual(['depth']);
  });

  test('millions of lines that look like a boundary are not looked at one by one', () => {
    const lines = '--bx\n'.repeat(limits.otherBoundaries + 10);
    const mail = readMail(Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n${lines}--b--\n`));
    expect(mail.truncated).toEqual(['parts']);
    expect(mail.text.startsWith('hello\n--bx\n')).toBe(true);
  });

  test('a message over the limit is read as far as the limit, and says so', () => {
    const bytes = Buffer.alloc(limits.messageBytes + 10, 'x\r\n');
    const { truncated, text } = readMail(bytes);
    expect(truncated).toEqual(['bytes', 'text']);
    expect(text.length).toBeLessThanOrEqual(limits.textLength);
  });
});

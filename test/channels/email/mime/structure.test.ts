import { describe, expect, test } from 'vitest';
import { readMail } from '../../../../channels/email/index.ts';
import { limits } from '../../../../channels/email/limits.ts';
import { safeFileName } from '../../../../channels/email/mime/file-name.ts';
import { joinFlowed } from '../../../../channels/email/mime/flowed.ts';
import { takeUuencoded } from '../../../../channels/email/mime/uuencode.ts';
import { message } from '../../../fixtures/email/cases.ts';

const read = (headers: readonly string[], body: string) => readMail(message(headers, body));
const mixed = 'Content-Type: multipart/mixed; boundary=m';
const part = (body: string, ...headers: string[]): string =>
  `--m\r\n${headers.map((h) => `${h}\r\n`).join('')}\r\n${body}\r\n`;

describe('what is wrong with a message is said', () => {
  test.each<[string, readonly string[], string, readonly string[]]>([
    ['nothing', ['Content-Type: text/plain; charset=utf-8'], 'x', []],
    [
      'no boundary',
      ['Content-Type: multipart/mixed'],
      '--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n--x--',
      ['boundary-missing', 'boundary-guessed'],
    ],
    ['no closing boundary', [mixed], part('text'), ['boundary-unclosed']],
    ['a type without a subtype', ['Content-Type: text'], 'x', ['type-unreadable']],
    ['an unknown encoding', ['Content-Transfer-Encoding: x-y'], 'x', ['encoding-unknown']],
    ['an unknown charset', ['Content-Type: text/plain; charset=x-y'], 'x', ['charset-unknown']],
    ['a date that is none', ['Date: soon'], 'x', ['date-unreadable']],
    ['two subjects', ['Subject: again'], 'x', ['field-twice']],
    ['a line without a colon', ['no colon here'], 'x', ['header-junk']],
    ['a NUL', [], 'a\0b', ['control-characters']],
  ])('%s', (_, headers, body, defects) => {
    const mail = read(headers, body);
    expect(mail.defects).toEqual(defects);
    expect(mail.text).not.toBe('');
  });

  test('a charset that the bytes contradict', () => {
    const head = message(['Content-Type: text/plain; charset=utf-8'], '');
    const mail = readMail(Buffer.concat([head, Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2])]));
    expect(mail).toMatchObject({ text: 'Привет', defects: ['charset-wrong'] });
  });

  test('the charset that only the HTML names, and one that the header names better', () => {
    const bytes = Buffer.from('<meta charset="iso-8859-7">\xe1\xe2\xe3', 'latin1');
    const html = (type: string) => readMail(Buffer.concat([message([`Content-Type: ${type}`], ''), bytes])).text;
    expect(html('text/html')).toBe('αβγ');
    expect(html('text/html; charset=windows-1252')).toBe('áâã');
  });

  test('a message without From, and no message at all', () => {
    expect(readMail(Buffer.from('Subject: x\r\n\r\ny')).defects).toEqual(['no-from']);
    expect(readMail(Buffer.alloc(0))).toMatchObject({ text: '', html: null, from: [], attachments: [], truncated: [] });
  });
});

test('of too many references the newest are kept', () => {
  const ids = Array.from({ length: limits.references + 2 }, (_, index) => `<${index}@x.test>`);
  const { references, truncated } = read([`References: ${ids.join(' ')}`], 'x');
  expect(references).toEqual(ids.slice(2));
  expect(truncated).toEqual(['references']);
});

describe('parts', () => {
  test('texts one after another are one text, a file between them is a file', () => {
    const file = part('data', 'Content-Type: application/x-y', 'Content-Disposition: inline; filename=f.bin');
    const mail = read([mixed], `${part('one')}${file}${part('two')}--m--`);
    expect(mail.text).toBe('one\n\ntwo');
    expect(mail.attachments).toMatchObject([{ name: 'f.bin', type: 'application/x-y', size: 4, inline: false }]);
  });

  test('text beside HTML is shown with it', () => {
    const mail = read([mixed], `${part('1 < 2')}${part('<b>two</b>', 'Content-Type: text/html')}--m--`);
    expect(mail.html).toBe('<pre style="white-space:pre-wrap">1 &lt; 2</pre>\n<b>two</b>');
    expect(mail.text).toBe('1 < 2\n\ntwo');
  });

  test('of alternatives the text is the text and the HTML the HTML', () => {
    const alternative = 'Content-Type: multipart/alternative; boundary=m';
    const mail = read([alternative], `${part('text')}${part('<b>html</b>', 'Content-Type: text/html')}--m--`);
    expect(mail).toMatchObject({ text: 'text', html: '<b>html</b>', attachments: [] });
  });

  test("a message that was forwarded whole is a file, and its parts are not this one's", () => {
    const inner = 'Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ninner\r\n--i--';
    const mail = read([mixed], `${part('outer')}${part(inner, 'Content-Type: message/rfc822')}--m--`);
    expect(mail).toMatchObject({ subject: 'Test', text: 'outer', attachments: [{ name: 'message.eml' }] });
  });

  test('a text longer than the limit is cut at a character and says so', () => {
    const mail = read(['Content-Type: text/plain; charset=utf-8'], `x${'😀'.repeat(limits.textLength / 2 + 1)}`);
    expect(mail.truncated).toEqual(['text']);
    expect(mail.text.length).toBe(limits.textLength - 1);
    expect(mail.text.isWellFormed()).toBe(true);
  });
});

describe('format=flowed (RFC 3676)', () => {
  test.each([
    ['a \nb', false, 'a b'],
    ['a \nb', true, 'ab'],
    ['> a \n> b\n>> c', false, '> a b\n>> c'],
    ['> a \nb', false, '> a \nb'],
    [' >no quote', false, '>no quote'],
    ['a \n-- \nb', false, 'a \n-- \nb'],
    ['', false, ''],
  ])('%j', (text, delSp, joined) => expect(joinFlowed(text, delSp)).toBe(joined));
});

describe('uuencoded files', () => {
  const file = ['begin 644 a.txt', '#86)C', '`', 'end'].join('\n');

  test('are taken out, the text round them stays', () => {
    const { text, files } = takeUuencoded(`before\n${file}\nafter`);
    expect(text).toBe('before\nafter');
    expect(files).toEqual([{ name: 'a.txt', bytes: Buffer.from('abc') }]);
  });

  test.each(['begin 644 a.txt\n#86)C', 'begin at once\nend', 'begin 644 a.txt\nM8\nend', 'end'])(
    '%j is a text',
    (text) => expect(takeUuencoded(text)).toEqual({ text, files: [] }),
  );
});

describe('file names', () => {
  test.each([
    ['a.txt', 'a.txt'],
    ['..\\..\\a.txt', 'a.txt'],
    ['/etc/passwd', 'passwd'],
    ['...hidden', 'hidden'],
    ['a\u202etxt.exe', 'atxt.exe'],
    ['', 'attachment-3.pdf'],
    ['../', 'attachment-3.pdf'],
    [`${'a'.repeat(300)}.jpeg`, `${'a'.repeat(limits.fileNameBytes - 5)}.jpeg`],
    ['b'.repeat(300), 'b'.repeat(limits.fileNameBytes)],
  ])('%s', (raw, name) => expect(safeFileName(raw, 3, 'application/pdf')).toBe(name));
});

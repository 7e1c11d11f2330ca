import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { guessDelimiter, guessEncoding } from '../../../../server/clients/import/encoding.ts';
import { rowsOf } from '../../../../server/clients/import/source.ts';
import type { ImportEncoding } from '../../../../server/contract/client-imports.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchroom-encoding-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (bytes: Buffer): string => {
  const path = join(folder, 'file.csv');
  writeFileSync(path, bytes);
  return path;
};

/** As a Russian Windows writes it. */
const windows1251 = (text: string): Buffer =>
  Buffer.from(
    [...text].map((char) => {
      const code = char.charCodeAt(0);
      if (char === 'ё') return 0xb8;
      return code >= 0x410 && code <= 0x44f ? code - 0x350 : code;
    }),
  );
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

const text = 'ФИО;Телефон\r\nпётр;+79161234567\r\n';
const rows = [['пётр', '+79161234567']];
const files: [string, Buffer, ImportEncoding][] = [
  ['UTF-8', Buffer.from(text), 'utf-8'],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), 'utf-8'],
  ['UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'utf-16le'],
  ['UTF-16 without a mark', Buffer.from(text, 'utf16le'), 'utf-16le'],
  ['UTF-16, big end first', swapped(Buffer.from(`\uFEFF${text}`, 'utf16le')), 'utf-16be'],
  ['UTF-16, big end first, without a mark', swapped(Buffer.from(text, 'utf16le')), 'utf-16be'],
  ['windows-1251', windows1251(text), 'windows-1251'],
];

describe('the encoding of a file', () => {
  test.each(files)('%s is guessed and read', async (_, bytes, encoding) => {
    const path = fileOf(bytes);
    expect(await guessEncoding(path)).toBe(encoding);
    const read = [...rowsOf(path, { encoding, delimiter: ';', hasHeader: true })];
    expect(read.map(({ cells }) => cells)).toEqual(rows);
  });

  test('shows late when the first name in Cyrillic comes late', async () => {
    const latin = 'Ivan;+79161234567\r\n'.repeat(30_000);
    expect(await guessEncoding(fileOf(Buffer.concat([Buffer.from(latin), windows1251(text)])))).toBe('windows-1251');
    expect(await guessEncoding(fileOf(Buffer.from(latin + text)))).toBe('utf-8');
  });

  test('may part a letter between two pieces', async () => {
    const path = fileOf(Buffer.from(`a\r\n${'ж'.repeat(400_000)}\r\n`.replaceAll('жж', 'ж;ж')));
    expect(await guessEncoding(path)).toBe('utf-8');
  });

  test('of an empty file does not matter', async () => {
    const path = fileOf(Buffer.alloc(0));
    expect(await guessEncoding(path)).toBe('utf-8');
    expect([...rowsOf(path, { encoding: 'utf-8', delimiter: ',', hasHeader: true })]).toEqual([]);
  });
});

describe('the delimiter', () => {
  test.each([
    ['a;b;c\n1;2;3', ';'],
    ['a,b\n"x;y;z",2\n3,4', ','],
    ['a\tb\n1,5\t2\n1,7\t3', '\t'],
    ['Имя;Сумма\nИван;1,5\nПётр;2,5', ';'],
    ['one column\nonly', ','],
    ['', ','],
  ])('of %j is %j', (head, delimiter) => {
    expect(guessDelimiter(head)).toBe(delimiter);
  });
});

describe('rows of a file', () => {
  test('are numbered under the header and may be begun in the middle', () => {
    const path = fileOf(Buffer.from('h\na\nb\n\nc\n'));
    const format = { encoding: 'utf-8', delimiter: ',', hasHeader: true } as const;
    expect([...rowsOf(path, format)].map(({ row, cells }) => [row, ...cells])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect([...rowsOf(path, format, 2)].map(({ row }) => row)).toEqual([3]);
    expect([...rowsOf(path, { ...format, hasHeader: false })].map(({ row }) => row)).toEqual([1, 2, 3, 4]);
  });

  test('begin behind the line that tells a spreadsheet the delimiter', () => {
    const path = fileOf(Buffer.from('sep=;\r\nh;i\r\na;b\r\n'));
    const read = [...rowsOf(path, { encoding: 'utf-8', delimiter: ';', hasHeader: true })];
    expect(read.map(({ row, cells }) => [row, ...cells])).toEqual([[1, 'a', 'b']]);
  });
});

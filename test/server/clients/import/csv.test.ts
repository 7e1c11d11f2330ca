import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCsvReader, csvLine } from '../../../../server/clients/import/csv.ts';
import { importLimits } from '../../../../server/clients/import/limits.ts';

/** Reads a text in pieces that end at these places. */
function read(text: string, delimiter = ',', cuts: readonly number[] = []): string[][] {
  const reader = createCsvReader(delimiter);
  const rows: string[][] = [];
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (text.length + 1)).sort((a, b) => a - b), text.length]) {
    rows.push(...reader.read(text.slice(from, cut)));
    from = cut;
  }
  return [...rows, ...reader.end()];
}

/** The plainest writer there is: every cell in quotes. */
const quoted = (rows: readonly (readonly string[])[], delimiter: string, lineEnd: string): string =>
  rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter)).join(lineEnd);

const cell = fc.string({
  unit: fc.constantFrom('a', 'Ж', '"', ',', ';', '\t', '\n', '\r', ' ', "'", '1'),
  maxLength: 12,
});
/** Rows without any text are left out by the reader. */
const row = fc.array(cell, { minLength: 1, maxLength: 6 }).filter((cells) => cells.some((one) => one.trim() !== ''));
const cuts = fc.array(fc.nat(500), { maxLength: 8 });

describe('any table', () => {
  test('is read as it was written, wherever the pieces end', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 8 }),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n', '\r'),
        cuts,
        (rows, delimiter, lineEnd, places) => {
          expect(read(quoted(rows, delimiter, lineEnd), delimiter, places)).toEqual(rows);
        },
      ),
    );
  });

  test('survives our own writer, but for the mark before what looks like a formula', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.constantFrom(',', ';', '\t'), (rows, delimiter) => {
        const text = rows.map((cells) => csvLine(cells, delimiter)).join('');
        const marked = rows.map((cells) => cells.map((one) => (/^[\t\r\n]/.test(one) ? `'${one}` : one)));
        expect(read(text, delimiter)).toEqual(marked);
      }),
    );
  });

  test('and any text at all is read without a throw, the same in pieces as at once', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' '), maxLength: 60 });
    fc.assert(
      fc.property(text, cuts, (any, places) => {
        expect(read(any, ',', places)).toEqual(read(any));
      }),
    );
  });
});

describe('what other programs write', () => {
  test.each<[string, string, string[][]]>([
    ['nothing', '', []],
    ['empty lines', '\n\n a ,b\n\r\n \n', [[' a ', 'b']]],
    [
      'no line end at the end',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'an empty last cell',
      'a,\nb,',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    ['a line end in a cell', '"a\r\nb",c', [['a\r\nb', 'c']]],
    ['a quote in the middle of a cell', 'OOO "Ромашка",b', [['OOO "Ромашка"', 'b']]],
    ['text behind a closing quote', '"a"b,c', [['ab', 'c']]],
    ['a quote that nobody closes', 'a,"b\nc', [['a', 'b\nc']]],
    ['quotes inside quotes', '"a ""b"" c"', [['a "b" c']]],
    ['an empty cell in quotes', '"",b', [['', 'b']]],
    [
      'more cells than in the header',
      'a,b\nc,d,e',
      [
        ['a', 'b'],
        ['c', 'd', 'e'],
      ],
    ],
  ])('%s', (_, text, rows) => {
    expect(read(text)).toEqual(rows);
  });

  test('is bounded: long cells and wide rows are cut', () => {
    const [long] = read(`${'x'.repeat(importLimits.cellText * 3)},b`);
    expect(long?.map(({ length }) => length)).toEqual([importLimits.cellText, 1]);
    const [wide] = read(Array.from({ length: 1000 }, () => 'x').join(','));
    expect(wide).toHaveLength(importLimits.columns);
    const [heavy] = read(Array.from({ length: 200 }, () => 'x'.repeat(5000)).join(','));
    expect(heavy?.join('')).toHaveLength(importLimits.rowText);
  });
});

describe('a written cell', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-2+3+cmd|x', "'-2+3+cmd|x"],
    ['+7 (916) 111-22-33 доб. 5; +74950000001', '"+7 (916) 111-22-33 доб. 5; +74950000001"'],
    ['+cmd', "'+cmd"],
    ['+7 916 123-45-67', '+7 916 123-45-67'],
    ['-5', '-5'],
    ['-', "'-"],
    ['+(', "'+("],
    ['+1/7', "'+1/7"],
    ['-2+3', "'-2+3"],
    ['+ext(1)', "'+ext(1)"],
    ['+74950000001,доб.5 ; 89160000001', '"+74950000001,доб.5 ; 89160000001"'],
    ['a;b', '"a;b"'],
  ])('%s', (text, written) => {
    expect(csvLine([text])).toBe(`${written}\r\n`);
  });
});

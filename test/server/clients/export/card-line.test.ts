import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { StoredCard } from '../../../../server/clients/client.ts';
import { cardLine, headLine } from '../../../../server/clients/export/card-line.ts';
import { guessMapping } from '../../../../server/clients/import/columns.ts';
import { createCsvReader } from '../../../../server/clients/import/csv.ts';
import type { ClientId, UserId } from '../../../../server/kernel/ids.ts';

const phone = (value: string, extension = '') => ({
  id: 1,
  kind: 'phone' as const,
  value,
  extension,
  label: '',
  isPrimary: true,
});
const card = (change: Partial<StoredCard> = {}): StoredCard => ({
  id: 1 as ClientId,
  version: 1,
  kind: 'person',
  name: 'Иван',
  company: '',
  position: '',
  responsible: null,
  language: '',
  timeZone: '',
  stage: 'lead',
  vip: false,
  source: '',
  tags: [],
  warning: '',
  contactPoints: [],
  createdAt: new Date(0),
  ...change,
});

/** The cells of a line as the import reads them. */
function cellsOf(line: string): string[] {
  const reader = createCsvReader(',');
  const [row = []] = [...reader.read(line), ...reader.end()];
  return row;
}

describe('the file', () => {
  it('has a mark of UTF-8, and titles that the import reads as the same fields', () => {
    for (const language of ['ru', 'en'] as const) {
      const line = headLine(language);
      expect(line.startsWith('\uFEFF')).toBe(true);
      expect(line.endsWith('\r\n')).toBe(true);
      expect(guessMapping(cellsOf(line.slice(1)), [], 'RU')).toEqual([
        'name',
        'company',
        'position',
        'phone',
        'email',
        'responsible',
        'tags',
        'stage',
        'source',
        'vip',
        'warning',
      ]);
    }
  });

  it('has a card in one line, whatever is in it', () => {
    const made = card({
      name: 'ООО "Ромашка", Тверь',
      responsible: { id: 1 as UserId, name: 'Анна Белова' },
      tags: ['опт', 'vip'],
      stage: 'client',
      vip: true,
      warning: 'Звонить\nпосле 10',
      contactPoints: [phone('+79160000001'), phone('+74950000001', '5')],
    });
    expect(cellsOf(cardLine(made, 'ru'))).toEqual([
      'ООО "Ромашка", Тверь',
      '',
      '',
      '+79160000001; +74950000001 доб. 5',
      '',
      'Анна Белова',
      'опт; vip',
      'клиент',
      '',
      'да',
      'Звонить\nпосле 10',
    ]);
    expect(cellsOf(cardLine(made, 'en'))[7]).toBe('client');
  });

  test.each(['=cmd()', '@SUM(A1)', '+1+cmd|x', '-2+3+cmd|x', '\tx'])('tells %j to be text', (text) => {
    expect(cellsOf(cardLine(card({ name: text, company: text, warning: text }), 'en'))[0]).toBe(`'${text}`);
    const odd = card({ contactPoints: [phone(text)] });
    expect(cellsOf(cardLine(odd, 'en'))[3]).toBe(`'${text}`);
  });

  it('leaves numbers as they are, unless one of them is none', () => {
    const of = (...values: string[]) =>
      cellsOf(cardLine(card({ contactPoints: values.map((one) => phone(one)) }), 'en'))[3];
    expect(of('+79160000001', '+79160000002')).toBe('+79160000001; +79160000002');
    expect(of('+79160000001', '=cmd()')).toBe("'+79160000001; =cmd()");
  });

  it('never begins a cell with what a spreadsheet runs: behind a sign there is a number and nothing else', () => {
    const odd = fc.constantFrom(...'=+-@\t\r\n ().,;/1234567890доб.extцA');
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: odd, maxLength: 12 }),
      fc.string({ unit: odd, maxLength: 12 }).map((rest) => `+${rest}`),
    );
    fc.assert(
      fc.property(text, (name) => {
        const [cell = ''] = cellsOf(cardLine(card({ name, company: 'x' }), 'ru'));
        expect(cell).not.toMatch(/^[=@\t\r\n]/);
        expect([name, `'${name}`]).toContain(cell);
        if (!/^[+-]/.test(cell)) return;
        const withoutExtensions = cell.replaceAll(/(?<=\d[ ,.()-]*)(?:доб|ext)(?=[ .]*\d)/g, '');
        expect(withoutExtensions).toMatch(/^[+-][ (]*\d(?:[\d ().,;-]|[,;] *\+)*$/);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guessMapping } from '../../../../server/clients/import/columns.ts';
import { conflictOf, decide, type MatchedCard } from '../../../../server/clients/import/decide.ts';
import { type Draft, draftOf } from '../../../../server/clients/import/draft.ts';
import { importTransitions } from '../../../../server/clients/import/import-state.ts';
import { type ImportField, type ImportPolicy, importFields } from '../../../../server/contract/client-imports.ts';
import type { ClientId, UserId } from '../../../../server/kernel/ids.ts';
import { checkStateTable } from '../../../support/state-table.ts';

const users = new Map<string, number | null>([
  ['anna', 1],
  ['анна петрова', 1],
  ['иван', null],
]);
/** One row whose columns are these fields. */
function draft(cells: Readonly<Partial<Record<ImportField, string>>>): Draft {
  const mapping = Object.keys(cells) as ImportField[];
  return draftOf(1, Object.values(cells), { mapping, region: 'RU', users });
}
const values = ({ points }: Draft) => points.map(({ value, extension }) => value + (extension && `#${extension}`));

describe('columns', () => {
  test.each<[string[], (ImportField | null)[]]>([
    [
      ['ФИО', 'Телефон', 'Эл. почта', 'Примечание'],
      ['name', 'phone', 'email', 'comment'],
    ],
    [
      ['Фамилия', 'Имя', 'Отчество', 'Тел.', 'Моб. тел'],
      ['lastName', 'firstName', 'middleName', 'phone', 'phone'],
    ],
    [
      ['First Name', 'Last Name', 'Company', 'Job Title', 'E-mail'],
      ['firstName', 'lastName', 'company', 'position', 'email'],
    ],
    [
      ['Организация', 'Ответственный', 'Теги', 'Статус', 'Источник', 'VIP'],
      ['company', 'responsible', 'tags', 'stage', 'source', 'vip'],
    ],
    [
      ['name', 'full name', 'id'],
      ['name', null, null],
    ],
    [
      ['phone_number', 'customer_name'],
      ['phone', 'name'],
    ],
  ])('%j', (header, expected) => {
    expect(guessMapping(header, [], 'RU')).toEqual(expected);
  });

  test('without a title are known by what they hold', () => {
    const rows = [
      ['Иван', '8 916 123-45-67', 'a@b.example'],
      ['Пётр', '+7 495 123-45-67', ''],
    ];
    expect(guessMapping(['', '', ''], rows, 'RU')).toEqual([null, 'phone', 'email']);
  });
});

describe('a row', () => {
  test.each([
    ['8 916 123-45-67', ['+79161234567']],
    ['8 916 123-45-67; 8 495 765-43-21', ['+79161234567', '+74957654321']],
    ['8 916 123-45-67, +7 495 765-43-21 доб. 12', ['+79161234567', '+74957654321#12']],
    ['8(916)1234567/8(916)1234568', ['+79161234567', '+79161234568']],
    ['+79161234567\n89161234568', ['+79161234567', '+79161234568']],
    ['8 916 123-45-67, 79161234567', ['+79161234567']],
    ['8 495 765-43-21, 12', ['+74957654321#12']],
  ])('has the numbers of %j', (phone, expected) => {
    expect(values(draft({ name: 'x', phone }))).toEqual(expected);
  });

  test('has its name from one column or from three', () => {
    expect(draft({ lastName: ' Ёлкина ', firstName: 'Ольга', middleName: '' }).fields.name).toBe('Ёлкина Ольга');
    expect(draft({ name: 'Иван  Петров', lastName: 'другое' }).fields.name).toBe('Иван Петров');
    expect(draft({ company: 'Ромашка' }).fields).toMatchObject({ name: 'Ромашка', kind: 'company' });
  });

  test.each<[Parameters<typeof draft>[0], string[]]>([
    [{ name: 'x', phone: 'нет' }, ['no_valid_address', 'bad_phone']],
    [{ name: 'x', phone: '112' }, ['no_valid_address', 'bad_phone']],
    [{ name: ' ', phone: '' }, ['empty']],
    [{ name: 'x'.repeat(201) }, ['too_long']],
  ])('%j is refused: %j', (cells, codes) => {
    const { isValid, reasons } = draft(cells);
    expect(isValid).toBe(false);
    expect(reasons.map(({ code }) => code)).toEqual(codes);
  });

  test.each<[Parameters<typeof draft>[0], string[]]>([
    [{ name: 'x', email: 'a@b.example, кот' }, ['bad_email']],
    [{ name: 'x', responsible: 'Иван' }, ['unknown_responsible']],
    [{ name: 'x', responsible: 'Кто-то' }, ['unknown_responsible']],
    [{ name: 'x', stage: 'на луне' }, ['unknown_stage']],
    [{ name: 'x', phone: Array.from({ length: 25 }, (_, n) => `8 916 123-45-${n + 10}`).join(';') }, ['too_many']],
  ])('%j is taken without that cell: %j', (cells, codes) => {
    const { isValid, reasons } = draft(cells);
    expect(isValid).toBe(true);
    expect(reasons.map(({ code }) => code)).toEqual(codes);
  });

  test('knows its manager by login or name', () => {
    for (const responsible of ['Anna', 'АННА ПЕТРОВА'])
      expect(draft({ name: 'x', responsible }).fields.responsibleId).toBe(1);
  });

  test('may hold anything: nothing throws and nothing that the database cannot keep is left', () => {
    const cell = fc.string({ unit: 'binary', maxLength: 40 });
    const mapping = [...importFields, 'phone' as const, null];
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 20 }), (cells) => {
        const read = draftOf(1, cells, { mapping, region: 'RU', users });
        const { made, points, note } = decide(read, [], 'fill');
        expect(JSON.stringify({ made, points, note })).not.toContain('\\u0000');
        if (read.isValid) expect(made?.name.trim()).toBeTruthy();
      }),
    );
  });
});

const card: MatchedCard = {
  id: 7 as ClientId,
  version: 3,
  kind: 'person',
  name: 'Иван',
  company: 'Старая',
  position: '',
  responsible: { id: 1 as UserId, name: 'Anna' },
  language: '',
  timeZone: '',
  stage: 'lead',
  vip: false,
  source: '',
  tags: [],
  warning: '',
  contactPoints: [{ id: 1, kind: 'phone', value: '+79161234567', extension: '', label: '', isPrimary: true }],
  createdAt: new Date(0),
  importedNotes: ['было'],
};
const known = { name: 'Пётр', phone: '8 916 123-45-67' };

describe('the plan for a row', () => {
  test.each<[string, Parameters<typeof draft>[0], MatchedCard[], ImportPolicy, string, Record<string, unknown>]>([
    ['nobody has its number', known, [], 'fill', 'created', {}],
    ['nothing is new', known, [card], 'fill', 'skipped', {}],
    ['an empty field', { ...known, position: 'Шеф', company: 'Новая' }, [card], 'fill', 'updated', { position: 'Шеф' }],
    ['every field', { ...known, company: 'Новая' }, [card], 'overwrite', 'updated', { name: 'Пётр', company: 'Новая' }],
    ['nothing is to be touched', { ...known, position: 'Шеф' }, [card], 'skip', 'skipped', {}],
    ['the stage is never empty', { ...known, stage: 'клиент' }, [card], 'fill', 'skipped', {}],
    ['an empty cell erases nothing', { ...known, name: 'Иван', company: '' }, [card], 'overwrite', 'skipped', {}],
    ['a name for a caller', known, [{ ...card, kind: 'unknown' }], 'fill', 'updated', { name: 'Пётр', kind: 'person' }],
    ['another number', { ...known, phone: '8 916 123-45-67; 8 916 123-45-68' }, [card], 'fill', 'updated', {}],
    ['a comment', { ...known, comment: 'новое' }, [card], 'fill', 'updated', {}],
    ['a comment that is there', { ...known, comment: 'было' }, [card], 'fill', 'skipped', {}],
    ['two cards', known, [card, { ...card, id: 8 as ClientId }], 'fill', 'conflict', {}],
    ['it is wrong', { name: '' }, [card], 'fill', 'invalid', {}],
  ])('%s', (_, cells, owners, onMatch, outcome, after) => {
    const decision = decide(draft(cells), owners, onMatch);
    expect(decision.outcome).toBe(outcome);
    expect(decision.changed?.change.after ?? {}).toEqual(after);
    expect(Object.keys(decision.changed?.change.before ?? {})).toEqual(Object.keys(after));
  });

  test('names the cards of a conflict, or the row of the file', () => {
    const cards = [card, { id: -5, name: 'row 5' }];
    expect(conflictOf(draft(known), cards).reasons).toEqual([{ code: 'two_cards', text: 'Иван (7), row 5' }]);
  });

  test('makes the first number and the first e-mail the primary ones', () => {
    const cells = { name: 'x', email: 'a@b.example b@b.example', phone: '8 916 123-45-60; 8 916 123-45-61' };
    const { points } = decide(draft(cells), [], 'fill');
    expect(points.map(({ isPrimary }) => isPrimary)).toEqual([true, false, true, false]);
    const more = decide(draft({ ...known, phone: '8 916 123-45-67; 8 916 123-45-69' }), [card], 'fill');
    expect(more.points).toMatchObject([{ value: '+79161234569', isPrimary: false }]);
  });
});

test('the states of an import', () => {
  checkStateTable(importTransitions, {
    starts: ['uploading'],
    inputs: ['received', 'change', 'plan', 'ready', 'start', 'finish', 'cancel', 'fail', 'undo', 'taken_back'],
    terminal: ['undone'],
  });
});

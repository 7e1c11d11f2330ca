import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContactPointInput } from '../../../server/contract/schemas.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openClients } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openClients>>;

const base: readonly [name: string, company: string, ...contactPoints: string[]][] = [
  ['Пётр Семёнов', 'ООО Ромашка', '+79161112233', 'petr@romashka.example'],
  ['Иван Иванов', 'АО «Василёк»', '+74957778899 доб. 12'],
  ['Иванна Петрова', '', '+79035550101', 'ivanna@example.com'],
  ['Марат Иванченко', '', '+77012345678'],
  ['Anna Smith', 'Daisy_100% Ltd', '+14155552671', 'anna.smith@daisy.example'],
  ['Писка Юнус', '', '+79260000001'],
  ['Горячая линия', 'Банк', '900'],
];

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openClients(db);
  for (const [name, company, ...values] of base) {
    const contactPoints = values.map(
      (value): ContactPointInput => ({ kind: value.includes('@') ? 'email' : 'phone', value }),
    );
    await house.clients.create({ name, company, contactPoints }, house.anna);
    house.clock.advance(60_000);
  }
});
afterAll(() => db.close());

const names = async (typed: string, limit = 20) =>
  (await house.clients.search(typed, limit, null)).map(({ name }) => name);

describe('search finds by', () => {
  test.each([
    ['a fragment of a name', 'мён', ['Пётр Семёнов']],
    ['a name without the dots of ё', 'петр семенов', ['Пётр Семёнов']],
    ['a name in capitals', 'ПЁТР', ['Пётр Семёнов', 'Иванна Петрова']],
    ['words in any order', 'семенов петр', ['Пётр Семёнов']],
    ['a company', 'ромаш', ['Пётр Семёнов']],
    ['a company in quotation marks', 'василек', ['Иван Иванов']],
    ['name and company', 'иван василек', ['Иван Иванов']],
    ['an e-mail', 'Anna.Smith@daisy.example', ['Anna Smith']],
    ['a part of an e-mail', '@romashka', ['Пётр Семёнов']],
    ['a number as people write it', '8 (916) 111-22-33', ['Пётр Семёнов']],
    ['a number in E.164', '+79161112233', ['Пётр Семёнов']],
    ['a number without prefix', '9161112233', ['Пётр Семёнов']],
    ['the end of a number', '22-33', ['Пётр Семёнов']],
    ['the beginning of a number with the trunk prefix', '8903 555', ['Иванна Петрова']],
    ['digits in the middle', '77788', ['Иван Иванов']],
    ['name and number', 'иван 777-88', ['Иван Иванов']],
    ['a short number', '900', ['Горячая линия']],
    ['two letters at the start of a word', 'юн', ['Писка Юнус']],
    ['two letters at the start of a company', 'ба', ['Горячая линия']],
    ['the wrong keyboard layout', 'gbcrf', ['Писка Юнус']],
    ['the wrong layout the other way', 'фттф ыьшер', ['Anna Smith']],
    ['wildcards as letters', '_100%', ['Anna Smith']],
  ])('%s', async (_, typed, expected) => {
    expect(await names(typed)).toEqual(expected);
  });

  test.each([['%'], ['___'], ['пятр'], ['иван смит'], ['ус пи'], ['()']])('not by "%s"', async (typed) => {
    expect(await names(typed)).toEqual([]);
  });
});

describe('search orders', () => {
  test('names that begin with it before the rest', async () => {
    expect(await names('иван')).toEqual(['Иван Иванов', 'Иванна Петрова', 'Марат Иванченко']);
  });

  test('a long name that begins with it, longer than the index looks', async () => {
    const name = 'Общество с ограниченной ответственностью «Рога и копыта»';
    await house.clients.create({ name: `А ещё ${name}` }, house.anna);
    await house.clients.create({ name: `${name}, филиал` }, house.anna);
    expect(await names(name)).toEqual([`${name}, филиал`, `А ещё ${name}`]);
  });

  test('an exact number first', async () => {
    await house.clients.create(
      { name: '900 мелочей', contactPoints: [{ kind: 'phone', value: '+79009009000' }] },
      house.anna,
    );
    expect((await names('900'))[0]).toBe('Горячая линия');
    expect(await names('900')).toHaveLength(2);
  });

  test('and cuts where it is told to', async () => {
    expect(await names('иван', 2)).toEqual(['Иван Иванов', 'Иванна Петрова']);
  });

  test('nothing typed: what was changed last', async () => {
    house.clock.advance(60_000);
    const [first] = await house.clients.search('петр семенов', 1, null);
    const card = await house.clients.card(first?.id as never);
    await house.clients.edit(card.id as never, { version: card.version, vip: true }, house.anna);
    expect((await names(' ', 2))[0]).toBe('Пётр Семёнов');
    expect(await names('', 2)).toHaveLength(2);
  });
});

test('a found card shows its numbers as people read them', async () => {
  expect(await house.clients.search('василек', 1, null)).toMatchObject([
    {
      name: 'Иван Иванов',
      company: 'АО «Василёк»',
      kind: 'person',
      responsible: null,
      contactPoints: [{ kind: 'phone', value: '+74957778899', display: '+7 495 777-88-99' }],
    },
  ]);
});

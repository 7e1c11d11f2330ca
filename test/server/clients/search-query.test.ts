import { describe, expect, test } from 'vitest';
import { otherLayout, searchQuery } from '../../../server/clients/search-query.ts';

const words = (typed: string) => searchQuery(typed, 'RU')?.words;

describe('a query', () => {
  test.each([[''], ['  '], ['-'], ['() %_']])('"%s" asks for nothing', (typed) => {
    expect(searchQuery(typed, 'RU')).toBeNull();
  });

  test('words are AND, folded, and looked for anywhere', () => {
    expect(words('  Пётр   СЕМЁНОВ ')).toEqual([['%петр%'], ['%семенов%']]);
  });

  test('wildcards are letters', () => {
    expect(words('50%_x\\')).toEqual([['%50\\%\\_x\\\\%']]);
  });

  test('one or two letters stand at the start of a word', () => {
    expect(words('Ив')).toEqual([['ив%', '% ив%', '%\nив%']]);
  });

  test.each([
    ['8 (916) 123-45-67', ['%89161234567%', '%79161234567%']],
    ['+7 916 123 45 67', ['%79161234567%']],
    ['9161234567', ['%9161234567%', '%79161234567%']],
    ['8916', ['%8916%', '%7916%']],
    ['123-45', ['%12345%']],
    ['0049 30 123456', ['%004930123456%', '%4930123456%']],
  ])('%s is looked for as the search text has it', (typed, patterns) => {
    expect(new Set(words(typed)?.[0])).toEqual(new Set(patterns));
  });

  test('neighbouring digits are one number, words around it stay', () => {
    expect(words('Иванов 916 123-45 Москва')).toEqual([['%иванов%'], ['%91612345%'], ['%москва%']]);
  });

  test('a whole number or address is an exact hit', () => {
    expect(searchQuery('8 916 123-45-67', 'RU')?.exact).toEqual(['+79161234567']);
    expect(searchQuery('+55 11 8765-4321', 'RU')?.exact).toEqual(['+5511987654321', '+551187654321']);
    expect(searchQuery('112', 'RU')?.exact).toEqual(['112']);
    expect(searchQuery('Ivan@Example.com', 'RU')?.exact).toEqual(['ivan@example.com']);
    expect(searchQuery('Иванов', 'RU')?.exact).toEqual([]);
  });

  test('more than six words are not looked at', () => {
    expect(words('a1 b2 c3 d4 e5 f6 g7 h8')).toHaveLength(6);
  });
});

test.each([
  ['gbcrf', 'писка'],
  ['писка', 'gbcrf'],
  ['Bdfyjd', 'иванов'],
  ['ghbdtn? 12', 'привет? 12'],
  ['[jkjl', 'холод'],
])('%s on the other layout is %s', (typed, meant) => {
  expect(otherLayout(typed)).toBe(meant);
});

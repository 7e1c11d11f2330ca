import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { storableJson } from '../../db/json.ts';

const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '');

test.each([
  ['a\0b', '"ab"'],
  ['\0\0', '""'],
  ['\\u0000', String.raw`"\\u0000"`],
  ['\\\0', String.raw`"\\"`],
  ['\ud83d', '"\ufffd"'],
  ['😀', '"😀"'],
  ['\\ud83d', String.raw`"\\ud83d"`],
])('%j is stored as %s', (text, json) => {
  expect(storableJson(text)).toBe(json);
});

test('whatever is in it, wherever: all but NUL and halves of characters is kept', () => {
  const text = fc.string({ unit: fc.constantFrom('\0', '\\', 'u0000', '\ud83d', '\ude00', '"', 'ж', 'd83d', '\n') });
  fc.assert(
    fc.property(text, text, (key, value) => {
      expect(JSON.parse(storableJson({ [key]: [value] }))).toEqual({ [clean(key)]: [clean(value)] });
    }),
  );
});

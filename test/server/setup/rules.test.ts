import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newPassword } from '../../../server/access/index.ts';
import { concerned } from '../../../server/setup/reach.ts';
import { holesOf } from '../../../server/setup/shifts.ts';
import { changesBetween } from '../../../server/setup/versions.ts';

describe('whom a new order of a queue concerns', () => {
  const mine = (id: number) => id >= 10;
  test.each([
    ['own people anywhere', [1, 2, 10], [10, 1, 11, 2], [11]],
    ['own people taken off', [1, 10, 2], [1, 2], [10]],
    ['others in another order', [1, 2, 3], [2, 1, 3], [2, 1]],
    ['another added', [1], [1, 2], [2]],
    ['another taken off', [1, 2], [2], [1]],
    ['nothing', [1, 2], [1, 2], []],
  ])('%s', (_name, before, after, ids) => {
    expect(concerned(before, after, mine)).toEqual(ids);
  });
});

test('holes are exactly what is open and not covered', () => {
  const span = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 20 }))
    .map(([startsAt, length]) => ({ startsAt, endsAt: startsAt + length }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), (covered) => {
      const open = [
        { startsAt: 5, endsAt: 20 },
        { startsAt: 30, endsAt: 50 },
      ];
      const holes = holesOf(open, covered);
      const isIn = (spans: typeof open, at: number) =>
        spans.some(({ startsAt, endsAt }) => startsAt <= at && at < endsAt);
      for (let at = 0; at < 60; at++) expect(isIn(holes, at)).toBe(isIn(open, at) && !isIn(covered, at));
    }),
  );
});

test('fields that differ: deep, whatever the order of keys, absent where there was none', () => {
  const hours = { timeZone: 'UTC', weekly: { 1: [] } };
  expect(changesBetween({ a: 1, hours }, { a: 1, hours: { weekly: { 1: [] }, timeZone: 'UTC' } })).toEqual([]);
  expect(changesBetween({ a: 1 }, { a: 1, b: null })).toEqual([{ field: 'b', after: null }]);
  expect(changesBetween(null, { a: [1] })).toEqual([{ field: 'a', after: [1] }]);
  expect(changesBetween({ a: [1, 2] }, { a: [2, 1] })).toEqual([{ field: 'a', before: [1, 2], after: [2, 1] }]);
});

test('a generated password can be read out: no letters that look alike, and never the same', () => {
  const made = new Set(Array.from({ length: 200 }, newPassword));
  expect(made.size).toBe(200);
  for (const password of made) expect(password).toMatch(/^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}$/);
});

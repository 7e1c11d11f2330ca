import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidatesOf, candidatesText } from '../../../server/calls/candidates.ts';
import type { UserId } from '../../../server/kernel/ids.ts';
import type { CandidateRow } from '../../../server/routing/router.ts';

const row = fc.oneof(
  fc.constantFrom<[CandidateRow[1], string?][]>(
    ['later_in_turn'],
    ['on_call'],
    ['not_ready', 'lunch'],
    ['wrap_up', ''],
  ),
  fc.tuple(fc.constant('tried' as const), fc.string()),
);

/** In any order, each once, mostly one after the other. */
const ids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }).chain((some) =>
  fc.constantFrom(
    some,
    [...some].sort((a, b) => a - b),
  ),
);

test('candidates come back as they were, in their order', () => {
  fc.assert(
    fc.property(ids, fc.array(row, { minLength: 60, maxLength: 60 }), (numbers, reasons) => {
      const rows = numbers.map((id, index) => [id as UserId, ...(reasons[index] ?? ['ringing'])] as CandidateRow);
      expect(candidatesOf(candidatesText(rows))).toEqual(rows);
    }),
  );
});

test('400 agents of whom one is chosen and two talk need little room', () => {
  const rows = Array.from(
    { length: 400 },
    (_, index): CandidateRow => [
      (index + 3) as UserId,
      index === 7 ? 'round_robin' : index === 9 || index === 200 ? 'on_call' : 'later_in_turn',
    ],
  );
  expect(candidatesText(rows)).toBe(
    '{"ids":"3-402","most":["later_in_turn"],"others":[[10,"round_robin"],[12,"on_call"],[203,"on_call"]]}',
  );
});

test('the plain list of earlier versions is read', () => {
  expect(candidatesOf('[[1,"responsible"],[2,"not_ready","lunch"]]')).toEqual([
    [1, 'responsible'],
    [2, 'not_ready', 'lunch'],
  ]);
});

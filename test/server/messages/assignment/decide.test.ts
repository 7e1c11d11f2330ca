import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageChannelNames } from '../../../../server/contract/messages-words.ts';
import type { UserId } from '../../../../server/kernel/ids.ts';
import {
  type AssignmentQuestion,
  type Capacity,
  decide,
  hindrance,
  type Taker,
} from '../../../../server/messages/assignment/decide.ts';

const user = (id: number): UserId => id as UserId;
const capacity: Capacity = { points: 12, weights: { email: 1, sms: 2, chat: 3 } };

const taker = (id: number, change: Partial<Taker> = {}): Taker => ({
  id: user(id),
  isOnShift: true,
  isOnline: true,
  isAvailable: true,
  work: null,
  load: 0,
  lastGivenAt: 0,
  ...change,
});

const question = (takers: readonly Taker[], change: Partial<AssignmentQuestion> = {}): AssignmentQuestion => ({
  channel: 'email',
  takers,
  formerOwnerId: null,
  responsibleId: null,
  outsiders: new Set(),
  capacity,
  ...change,
});

const given = (asked: AssignmentQuestion) => {
  const decision = decide(asked);
  return decision.kind === 'give' ? [decision.userId, decision.because] : decision.because;
};

describe('who cannot be given anything', () => {
  test.each([
    ['off shift', 'email', { isOnShift: false }, 'off_shift'],
    ['not ready', 'email', { isAvailable: false }, 'not_ready'],
    ['browser away', 'email', { isOnline: false }, 'offline'],
    ['a call is offered, a letter', 'email', { work: 'ringing' }, 'ringing'],
    ['a call is offered, a short message', 'sms', { work: 'ringing' }, 'ringing'],
    ['talking, a letter', 'email', { work: 'on_call' }, null],
    ['talking, a short message', 'sms', { work: 'on_call' }, null],
    ['talking, a chat', 'chat', { work: 'on_call' }, 'on_call'],
    ['wrapping up, a letter', 'email', { work: 'wrap_up' }, null],
    ['wrapping up, a chat', 'chat', { work: 'wrap_up' }, 'wrap_up'],
    ['room for one letter', 'email', { load: 11 }, null],
    ['no room for a short message', 'sms', { load: 11 }, 'no_room'],
    ['room for a chat to the point', 'chat', { load: 9 }, null],
    ['full', 'email', { load: 12 }, 'no_room'],
  ] as const)('%s', (_name, channel, change, expected) => {
    expect(hindrance(taker(1, change), channel, capacity)).toBe(expected);
  });

  test('a weight above the whole capacity is taken by who has nothing else', () => {
    const small: Capacity = { points: 2, weights: { email: 1, sms: 2, chat: 3 } };
    expect(hindrance(taker(1), 'chat', small)).toBeNull();
    expect(hindrance(taker(1, { load: 1 }), 'chat', small)).toBe('no_room');
  });

  test('a capacity of nothing gives nothing to anybody', () => {
    expect(hindrance(taker(1), 'email', { ...capacity, points: 0 })).toBe('no_room');
  });
});

describe('who comes first', () => {
  test('who had it before, whoever is responsible and however much he has', () => {
    const takers = [taker(1), taker(2, { load: 5 }), taker(3)];
    expect(given(question(takers, { formerOwnerId: user(2), responsibleId: user(3) }))).toEqual([2, 'same_agent']);
  });

  test('the responsible manager, when who had it before is gone', () => {
    const takers = [taker(1), taker(2, { isOnShift: false }), taker(3, { load: 5 })];
    expect(given(question(takers, { formerOwnerId: user(2), responsibleId: user(3) }))).toEqual([3, 'responsible']);
  });

  test('the most free points', () => {
    expect(given(question([taker(1, { load: 3 }), taker(2, { load: 2 }), taker(3, { load: 4 })]))).toEqual([
      2,
      'round_robin',
    ]);
  });

  test('as many points: who was given one longest ago, then schedule order', () => {
    const takers = [taker(1, { lastGivenAt: 20 }), taker(2, { lastGivenAt: 10 }), taker(3, { lastGivenAt: 10 })];
    expect(given(question(takers))).toEqual([2, 'round_robin']);
  });

  test('the responsible manager of another queue gets his own clients, nobody else’s', () => {
    const outsiders = new Set([user(9)]);
    const takers = [taker(1, { load: 8 }), taker(9)];
    expect(given(question(takers, { responsibleId: user(9), outsiders }))).toEqual([9, 'responsible']);
    expect(given(question(takers, { outsiders }))).toEqual([1, 'round_robin']);
  });

  test('nobody of the queue on shift is another thing than nobody free', () => {
    expect(given(question([]))).toBe('nobody_on_shift');
    expect(given(question([taker(1, { isOnShift: false })]))).toBe('nobody_on_shift');
    expect(given(question([taker(1, { isOnline: false })]))).toBe('nobody_free');
    const outsiders = new Set([user(9)]);
    const takers = [taker(1, { isOnShift: false }), taker(9, { load: 12 })];
    expect(given(question(takers, { responsibleId: user(9), outsiders }))).toBe('nobody_on_shift');
  });

  test('everybody has a reason', () => {
    const takers = [
      taker(1, { isOnShift: false }),
      taker(2, { work: 'ringing' }),
      taker(3),
      taker(4, { load: 1 }),
      taker(5, { load: 12 }),
      taker(9),
    ];
    const { candidates } = decide(question(takers, { outsiders: new Set([user(9)]), formerOwnerId: user(3) }));
    expect(candidates).toEqual([
      [1, 'off_shift'],
      [2, 'ringing'],
      [3, 'same_agent'],
      [4, 'later_in_turn'],
      [5, 'no_room'],
      [9, 'other_queue'],
    ]);
  });
});

describe('whatever the agents are', () => {
  const takers = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 8 }).map(user),
      isOnShift: fc.boolean(),
      isOnline: fc.boolean(),
      isAvailable: fc.boolean(),
      work: fc.constantFrom('ringing' as const, 'on_call' as const, 'wrap_up' as const, null),
      load: fc.integer({ min: 0, max: 14 }),
      lastGivenAt: fc.integer({ min: 0, max: 3 }),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  );
  const person = fc.option(fc.integer({ min: 1, max: 8 }).map(user));
  const questions = fc.record({
    channel: fc.constantFrom(...messageChannelNames),
    takers,
    formerOwnerId: person,
    responsibleId: person,
    outsiders: fc.uniqueArray(fc.integer({ min: 1, max: 8 }).map(user)).map((ids) => new Set(ids)),
    capacity: fc.record({
      points: fc.integer({ min: 1, max: 12 }),
      weights: fc.record({
        email: fc.integer({ min: 1, max: 4 }),
        sms: fc.integer({ min: 1, max: 4 }),
        chat: fc.integer({ min: 1, max: 4 }),
      }),
    }),
  });

  test('it goes to somebody who can have it, and waits only when nobody can', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const decision = decide(asked);
        const able = asked.takers.filter((one) => hindrance(one, asked.channel, asked.capacity) === null);
        expect(decision.candidates.map(([id]) => id)).toEqual(asked.takers.map(({ id }) => id));
        if (decision.kind === 'wait') {
          const first = new Set([asked.formerOwnerId, asked.responsibleId]);
          expect(able.filter(({ id }) => !asked.outsiders.has(id) || first.has(id))).toEqual([]);
          return;
        }
        const chosen = able.find(({ id }) => id === decision.userId);
        expect(chosen).toBeDefined();
        if (decision.because !== 'round_robin') return;
        const peers = able.filter(({ id }) => !asked.outsiders.has(id));
        expect(Math.min(...peers.map(({ load }) => load))).toBe(chosen?.load);
      }),
    );
  });

  test('a call that rings keeps everything else away', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const decision = decide(asked);
        if (decision.kind !== 'give') return;
        expect(asked.takers.find(({ id }) => id === decision.userId)?.work).not.toBe('ringing');
      }),
    );
  });
});

test('who gave it back is not given it, whoever he is to the client', () => {
  const asked = (takers: readonly Taker[]) =>
    question(takers, { formerOwnerId: user(1), responsibleId: user(1), gaveBackId: user(1) });
  expect(given(asked([taker(1), taker(2, { load: 5 })]))).toEqual([user(2), 'round_robin']);
  expect(decide(asked([taker(1)]))).toMatchObject({ because: 'nobody_free', candidates: [[user(1), 'gave_back']] });
});

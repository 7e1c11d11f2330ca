import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { owedKinds } from '../../../server/contract/tasks-words.ts';
import type { InteractionId, QueueId, UserId } from '../../../server/kernel/ids.ts';
import { type Shift, shiftAt, shiftsBetween, type WorkSchedule } from '../../../server/routing/work-schedule.ts';
import { owedLimits } from '../../../server/tasks/limits.ts';
import { debtOf, type StoredCall, strongest } from '../../../server/tasks/owed/debt.ts';
import { afterWorkingTime, dueAt } from '../../../server/tasks/owed/due.ts';
import { keepsOwner, type OwnerQuestion, ownerOf } from '../../../server/tasks/owed/owner.ts';
import { createRota } from '../../../server/tasks/rota.ts';
import { outcomeOf, type TaskInput, taskTransitions } from '../../../server/tasks/state.ts';
import { checkStateTable } from '../../support/state-table.ts';
import { at, everyDay, hours, minutes } from './house.ts';

const noon = at('2026-01-12T09:00:00Z');
const moscow = (weekly: WorkSchedule['weekly'], exceptions: WorkSchedule['exceptions'] = new Map()): WorkSchedule => ({
  timeZone: 'Europe/Moscow',
  weekly,
  exceptions,
});

test('the table of tasks: all pairs, every state has a way out, ends are ends', () => {
  const inputs: TaskInput[] = ['plan', 'pass', 'finish', 'cancel'];
  checkStateTable(taskTransitions, { starts: ['open'], inputs, terminal: ['done', 'cancelled'] });
});

test.each([
  ['open', null, null],
  ['missed', null, 'broken'],
  ['cancelled', 5, null],
  ['done', 9, 'kept'],
  ['done', 10, 'kept'],
  ['done', 11, 'late'],
] as const)('"%s", closed at %s, with ten as its end: %s', (state, closedAt, outcome) => {
  expect(outcomeOf({ state, passAt: 10, closedAt })).toBe(outcome);
});

describe('who owes the answer', () => {
  const [anna, boris, vera, other] = [1, 2, 3, 9] as UserId[] as [UserId, UserId, UserId, UserId];
  const off = null;
  const day = everyDay('09:00', '18:00');
  const evening = everyDay('18:00', '23:00');

  function ask(schedules: [UserId, WorkSchedule['weekly'] | null][], given: Partial<OwnerQuestion> = {}) {
    const setup = {
      agents: schedules.map(([id]) => ({ id, login: '', name: '', role: 'agent' as const, teamId: null })),
      schedules: new Map(schedules.flatMap(([id, weekly]) => (weekly ? [[id, moscow(weekly)] as const] : []))),
      members: new Map(),
      company: { timeZone: 'Europe/Moscow' } as never,
    };
    const rota = createRota(setup);
    const now = given.now ?? noon;
    const question: OwnerQuestion = {
      now,
      responsibleId: null,
      members: [anna, boris, vera].filter((id) => rota.agent(id)),
      everybody: rota.everybody(),
      lastId: null,
      duty: (id) => rota.duty(id, now),
      timeZoneOf: rota.timeZoneOf,
      ...given,
    };
    const owner = ownerOf(question);
    return owner && { ...owner, until: new Date(owner.until).toISOString() };
  }

  test.each<[string, ReturnType<typeof ask>, UserId | null, string | null]>([
    [
      'the responsible manager on shift',
      ask(
        [
          [anna, day],
          [boris, day],
        ],
        { responsibleId: boris },
      ),
      boris,
      'responsible',
    ],
    [
      'who comes later today',
      ask(
        [
          [anna, day],
          [boris, evening],
        ],
        { responsibleId: boris },
      ),
      boris,
      'responsible',
    ],
    [
      'not when his day is over',
      ask(
        [
          [anna, evening],
          [boris, day],
        ],
        { responsibleId: boris, now: noon + hours(8) },
      ),
      anna,
      'round_robin',
    ],
    [
      'not when he comes tomorrow',
      ask(
        [
          [anna, day],
          [boris, { 2: [{ from: '09:00', to: '18:00' }] }],
        ],
        { responsibleId: boris },
      ),
      anna,
      'round_robin',
    ],
    ['not when he is disabled', ask([[anna, day]], { responsibleId: boris }), anna, 'round_robin'],
    [
      'the first of the queue',
      ask([
        [anna, day],
        [boris, day],
      ]),
      anna,
      'round_robin',
    ],
    [
      'the next after the last',
      ask(
        [
          [anna, day],
          [boris, day],
        ],
        { lastId: anna },
      ),
      boris,
      'round_robin',
    ],
    [
      'round again',
      ask(
        [
          [anna, day],
          [boris, day],
        ],
        { lastId: boris },
      ),
      anna,
      'round_robin',
    ],
    [
      'who is off shift is passed over',
      ask(
        [
          [anna, day],
          [boris, evening],
          [vera, day],
        ],
        { lastId: anna },
      ),
      vera,
      'round_robin',
    ],
    [
      'the first to come',
      ask([
        [anna, evening],
        [boris, everyDay('17:00', '20:00')],
      ]),
      boris,
      'next_to_come',
    ],
    [
      'of the queue within a day, before others who are there',
      ask([
        [anna, evening],
        [other, day],
      ]),
      anna,
      'next_to_come',
    ],
    [
      'else others who are there',
      ask([
        [anna, { 5: [{ from: '09:00', to: '18:00' }] }],
        [other, day],
      ]),
      other,
      'round_robin',
    ],
    [
      'else the queue’s first to come',
      ask([
        [anna, { 5: [{ from: '09:00', to: '18:00' }] }],
        [other, evening],
      ]),
      anna,
      'next_to_come',
    ],
    ['without a queue, who is there', ask([[other, day]], { members: [] }), other, 'round_robin'],
    ['without a queue, who comes', ask([[other, evening]], { members: [] }), other, 'next_to_come'],
    [
      'nobody who never works',
      ask([
        [anna, off],
        [other, {}],
      ]),
      null,
      null,
    ],
  ])('%s', (_name, owner, userId, reason) => {
    expect(owner?.userId ?? null).toBe(userId);
    expect(owner?.reason ?? null).toBe(reason);
  });

  const weeklyPattern = fc.dictionary(
    fc.constantFrom('1', '2', '3', '4', '5', '6', '7'),
    fc.array(
      fc.record({
        from: fc.constantFrom('00:00', '08:00', '13:30', '22:00'),
        to: fc.constantFrom('06:00', '12:00', '18:00', '00:00'),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  );
  const company = fc.array(fc.tuple(weeklyPattern, fc.boolean()), { minLength: 1, maxLength: 5 });

  test('is somebody who is there whenever anybody is, and never nobody while anybody comes within a day', () => {
    fc.assert(
      fc.property(
        company,
        fc.nat(14 * 24 * 60),
        fc.option(fc.integer({ min: 1, max: 5 })),
        (people, minute, responsible) => {
          const now = noon + minutes(minute);
          const schedules = new Map(people.map(([weekly], index) => [(index + 1) as UserId, moscow(weekly)]));
          const rota = createRota({
            agents: [...schedules.keys()].map((id) => ({ id, login: '', name: '', role: 'agent', teamId: null })),
            schedules,
            members: new Map([
              [1 as QueueId, people.flatMap(([, isMember], index) => (isMember ? [(index + 1) as UserId] : []))],
            ]),
            company: { timeZone: 'Europe/Moscow' } as never,
          });
          const question: OwnerQuestion = {
            now,
            responsibleId: responsible as UserId | null,
            members: rota.members(1 as QueueId),
            everybody: rota.everybody(),
            lastId: null,
            duty: (id) => rota.duty(id, now),
            timeZoneOf: rota.timeZoneOf,
          };
          const owner = ownerOf(question);
          const comes = (id: UserId, within: number): boolean => {
            const schedule = schedules.get(id);
            return schedule !== undefined && shiftsBetween(schedule, now, now + within).length > 0;
          };
          if (!owner) expect(question.everybody.some((id) => comes(id, hours(24)))).toBe(false);
          else {
            const shift = shiftAt(schedules.get(owner.userId) ?? moscow({}), owner.until - 1);
            // a chain of shifts without a gap is seen two days ahead, and further when it comes to that
            expect(shift?.endsAt).toBeGreaterThanOrEqual(owner.until);
            expect(owner.until).toBeGreaterThan(now);
            const isThere = question.duty(owner.userId).shift !== null;
            if (!isThere && owner.reason !== 'responsible') {
              expect(owner.reason).toBe('next_to_come');
              expect(question.members.some((id) => question.duty(id).shift)).toBe(false);
            }
            const held = { ownerId: owner.userId, reason: owner.reason, until: owner.until };
            expect(keepsOwner(held, question)).toBe(isThere);
            expect(keepsOwner(held, { ...question, everybody: [] })).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('by when', () => {
  const workers = (schedule: WorkSchedule) => (from: number, to: number) => shiftsBetween(schedule, from, to);
  const office = workers(moscow(everyDay('09:00', '18:00')));

  test.each([
    ['in the middle of a day', noon, minutes(30), '2026-01-12T09:30:00.000Z'],
    ['at its end it goes on in the morning', at('2026-01-12T14:50:00Z'), minutes(30), '2026-01-13T06:20:00.000Z'],
    ['at night it begins in the morning', at('2026-01-12T20:00:00Z'), minutes(30), '2026-01-13T06:30:00.000Z'],
    ['more than a day', noon, hours(10), '2026-01-13T10:00:00.000Z'],
  ])('%s', (_name, from, ms, due) => {
    expect(new Date(afterWorkingTime(from, ms, office)).toISOString()).toBe(due);
  });

  test('where nobody ever works, plain time', () => {
    expect(afterWorkingTime(noon, minutes(30), () => [])).toBe(noon + minutes(30));
  });

  const some = (call: Partial<StoredCall>): StoredCall => ({
    at: noon,
    kind: 'missed',
    askedAt: null,
    interactionId: '1' as InteractionId,
    number: '+79160000001',
    lineName: '',
    queueId: null,
    ...call,
  });

  test.each<[string, Partial<StoredCall>[], number]>([
    ['a missed call', [{}], minutes(30)],
    ['the first of several', [{}, { at: noon + minutes(10) }], minutes(30)],
    ['a message later than a call', [{}, { at: noon + minutes(10), kind: 'voicemail' }], minutes(30)],
    ['a message alone', [{ kind: 'voicemail' }], minutes(60)],
    ['the time asked for', [{}, { kind: 'callback', askedAt: noon + hours(3) }], hours(3)],
    [
      'a call after the request counts for itself',
      [{ kind: 'callback', askedAt: noon + hours(3) }, { at: noon + hours(1) }],
      hours(1.5),
    ],
    [
      'the last time asked for',
      [
        { kind: 'callback', askedAt: noon + hours(1) },
        { kind: 'callback', askedAt: noon + hours(4) },
      ],
      hours(4),
    ],
  ])('%s', (_name, calls, after) => {
    expect(dueAt(calls.map(some), office)).toBe(noon + after);
  });

  test('of any calls: never later than any one of them would have it, unless a time was asked for', () => {
    const kinds = fc.constantFrom(...owedKinds);
    const history = fc.array(fc.record({ kind: kinds, gap: fc.nat(3 * 24 * 60) }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(history, (steps) => {
        let time = noon;
        const calls = steps.map(({ kind, gap }) => {
          time += minutes(gap);
          return some({ kind, at: time });
        });
        const own = calls.map(({ kind, at: from }) => afterWorkingTime(from, owedLimits.answerMs[kind], office));
        expect(dueAt(calls, office)).toBe(Math.min(...own));
        const debt = debtOf({ calls, waits: [] }, time, () => office);
        expect(debt).toMatchObject({
          times: calls.length,
          kind: strongest(calls.map(({ kind }) => kind)),
          lastAt: time,
        });
        expect(debtOf({ calls, waits: [] }, time + owedLimits.tooOldMs + 1, () => office)).toBeNull();
      }),
    );
  });

  test('of many calls the first id and the latest are kept', () => {
    const calls = Array.from({ length: 80 }, (_, index) => some({ interactionId: `${index}` as InteractionId }));
    const ids = debtOf({ calls, waits: [] }, noon, () => office)?.interactionIds ?? [];
    expect(ids).toHaveLength(owedLimits.interactionIds);
    expect([ids[0], ids[1], ids.at(-1)]).toEqual(['0', '31', '79']);
  });

  test('working time of several overlapping shifts counts once', () => {
    const shift = (startsAt: number, endsAt: number): Shift => ({ startsAt, endsAt });
    const both = [
      shift(noon, noon + minutes(20)),
      shift(noon + minutes(10), noon + minutes(25)),
      shift(noon + hours(1), noon + hours(2)),
    ];
    expect(afterWorkingTime(noon, minutes(30), (from) => (from === noon ? both : []))).toBe(
      noon + hours(1) + minutes(5),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../../server/kernel/ids.ts';
import { shiftAt, startOfDay, type WorkSchedule } from '../../../server/routing/work-schedule.ts';
import { type AvailabilityQuestion, availabilityOf, standInFor } from '../../../server/tasks/availability.ts';
import { taskLimits } from '../../../server/tasks/limits.ts';
import { knownZone, localDays, localTime, sameTimeLater } from '../../../server/tasks/local-time.ts';
import { at, everyDay, hours, minutes } from './house.ts';

const id = (number: number): UserId => number as UserId;
const office = [{ from: '09:00', to: '18:00' }];
const weekdays = { 1: office, 2: office, 3: office, 4: office, 5: office };
const schedule = (over: Partial<WorkSchedule> = {}): WorkSchedule => ({
  timeZone: 'Europe/Moscow',
  weekly: weekdays,
  exceptions: new Map(),
  ...over,
});
const monday = at('2026-01-12T09:00:00Z');

function check(dueAt: string, over: Partial<AvailabilityQuestion> = {}, own: WorkSchedule | undefined = schedule()) {
  return availabilityOf({
    now: monday,
    dueAt: at(dueAt),
    assignee: { id: id(1), name: 'Anna', schedule: own },
    colleagues: [],
    responsibleId: null,
    clientTimeZone: null,
    ...over,
  });
}

describe('a time that is about to be promised', () => {
  test.each<[string, string, WorkSchedule | undefined, string | null]>([
    ['in the shift', '2026-01-12T12:00:00Z', schedule(), '2026-01-12T15:00:00.000Z'],
    ['at its start', '2026-01-13T06:00:00Z', schedule(), '2026-01-13T15:00:00.000Z'],
    ['at its end', '2026-01-12T15:00:00Z', schedule(), null],
    ['on a day off', '2026-01-17T12:00:00Z', schedule(), null],
    ['on a holiday', '2026-01-13T12:00:00Z', schedule({ exceptions: new Map([['2026-01-13', []]]) }), null],
    [
      'on an extra Saturday',
      '2026-01-17T12:00:00Z',
      schedule({ exceptions: new Map([['2026-01-17', office]]) }),
      '2026-01-17T15:00:00.000Z',
    ],
    [
      'over midnight',
      '2026-01-12T22:30:00Z',
      schedule({ weekly: { 1: [{ from: '22:00', to: '06:00' }] } }),
      '2026-01-13T03:00:00.000Z',
    ],
    ['without a schedule', '2026-01-12T12:00:00Z', undefined, null],
  ])('%s', (_name, dueAt, own, endsAt) => {
    const answer = check(dueAt, {}, own);
    // undefined means the default to `check`
    const result = own ? answer : check(dueAt, { assignee: { id: id(1), name: 'Anna', schedule: undefined } });
    expect(result.onShift).toBe(endsAt !== null);
    expect(result.shift?.endsAt ?? null).toBe(endsAt);
    if (result.onShift) expect(result.nearest).toEqual([]);
  });

  test('on Saturday afternoon: Friday before the end, Monday morning, Monday afternoon', () => {
    expect(check('2026-01-17T12:00:00Z').nearest).toEqual([
      '2026-01-16T14:45:00.000Z',
      '2026-01-19T06:00:00.000Z',
      '2026-01-19T12:00:00.000Z',
    ]);
  });

  test('nothing that is over already', () => {
    const late = { now: at('2026-01-17T11:00:00Z') };
    expect(check('2026-01-17T12:00:00Z', late).nearest).toEqual([
      '2026-01-19T06:00:00.000Z',
      '2026-01-19T12:00:00.000Z',
    ]);
  });

  test('nothing for who is away for a month, or has no schedule', () => {
    expect(
      check('2026-01-17T12:00:00Z', { now: at('2026-01-17T11:00:00Z') }, schedule({ weekly: {} })).nearest,
    ).toEqual([]);
    expect(
      check('2026-01-17T12:00:00Z', { assignee: { id: id(1), name: 'Anna', schedule: undefined } }).nearest,
    ).toEqual([]);
  });

  test('who else is there, the responsible manager first, and what time it is there', () => {
    const colleagues = [
      { id: id(1), name: 'Anna', schedule: schedule({ weekly: everyDay('00:00', '00:00') }) },
      { id: id(2), name: 'Boris', schedule: schedule({ weekly: everyDay('10:00', '20:00') }) },
      { id: id(3), name: 'Vera', schedule: schedule() },
      { id: id(4), name: 'Gleb', schedule: schedule({ weekly: everyDay('12:00', '16:00') }) },
    ];
    const answer = check('2026-01-17T12:00:00Z', { colleagues, responsibleId: id(4), clientTimeZone: 'Asia/Omsk' });
    expect(answer.colleagues).toEqual([
      { user: { id: 4, name: 'Gleb' }, until: '2026-01-17T13:00:00.000Z', isResponsible: true },
      { user: { id: 2, name: 'Boris' }, until: '2026-01-17T17:00:00.000Z', isResponsible: false },
    ]);
    expect(answer.client).toEqual({ timeZone: 'Asia/Omsk', localTime: '2026-01-17T18:00' });
  });

  test('every other time that is offered is one at which he is on shift, and the nearest', () => {
    const times = ['00:00', '07:30', '12:00', '16:45', '22:00'] as const;
    const periods = fc.array(fc.record({ from: fc.constantFrom(...times), to: fc.constantFrom(...times) }), {
      maxLength: 2,
    });
    const weekly = fc.record({ 1: periods, 2: periods, 4: periods, 6: periods });
    const zones = fc.constantFrom('Europe/Moscow', 'Europe/Berlin', 'America/New_York', 'Asia/Kamchatka');
    fc.assert(
      fc.property(
        weekly,
        zones,
        zones,
        fc.nat(300 * 24 * 60),
        fc.nat(6 * 24 * 60),
        (pattern, zone, client, start, ahead) => {
          const own = schedule({ weekly: pattern, timeZone: zone });
          const now = monday + minutes(start);
          const dueAt = now + minutes(ahead);
          const question = { now, clientTimeZone: client, assignee: { id: id(1), name: 'Anna', schedule: own } };
          const answer = check(new Date(dueAt).toISOString(), question);
          expect(answer.onShift).toBe(shiftAt(own, dueAt) !== null);
          const offered = answer.nearest.map((time) => Date.parse(time));
          expect(offered).toEqual([...offered].sort((a, b) => a - b));
          for (const time of offered) {
            expect(shiftAt(own, time)).not.toBeNull();
            expect(time).toBeGreaterThanOrEqual(now);
          }
          if (answer.onShift) return;
          const next = offered.find((time) => time > dueAt);
          const last = offered.findLast((time) => time < dueAt);
          const quarter = minutes(15);
          // nobody is on shift between what is offered and the time asked for
          for (let time = dueAt; time < (next ?? dueAt + taskLimits.nearestAheadMs); time += quarter)
            expect(shiftAt(own, time)).toBeNull();
          for (let time = dueAt; time > (last === undefined ? now : last + taskLimits.leadMs); time -= quarter)
            expect(shiftAt(own, time)).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the hand-over rule', () => {
  const ask = (over: Partial<Parameters<typeof standInFor>[0]>, present: number[] = []) =>
    standInFor({
      assigneeId: id(2),
      isEnabled: true,
      hasSchedule: true,
      responsibleId: null,
      colleagues: [id(1), id(3), id(4)],
      onShift: (userId) => present.includes(userId),
      comesAt: (userId) => ({ 1: 30, 3: 20, 9: 10 })[Number(userId)] ?? null,
      ...over,
    });

  test.each([
    ['it stays with who is there', ask({}, [2, 3]), null],
    ['and with who works when he likes', ask({ hasSchedule: false }, [3]), null],
    ['the next of the team', ask({}, [1, 3, 4]), { userId: 3, reason: 'off_shift' }],
    ['round again', ask({}, [1]), { userId: 1, reason: 'off_shift' }],
    ['the responsible manager before him', ask({ responsibleId: id(9) }, [3, 9]), { userId: 9, reason: 'off_shift' }],
    ['not when he is not there', ask({ responsibleId: id(9) }, [3]), { userId: 3, reason: 'off_shift' }],
    ['nobody there: it stays', ask({ responsibleId: id(9) }), null],
    ['of a disabled one, the next', ask({ isEnabled: false }, [4]), { userId: 4, reason: 'disabled' }],
    ['nobody there: the first to come', ask({ isEnabled: false }), { userId: 3, reason: 'disabled' }],
    ['or the responsible manager', ask({ isEnabled: false, responsibleId: id(9) }), { userId: 9, reason: 'disabled' }],
    ['there is nobody', ask({ isEnabled: false, colleagues: [] }), null],
  ])('%s', (_name, answer, expected) => {
    expect(answer).toEqual(expected);
  });
});

describe('local time', () => {
  test.each([
    ['Europe/Berlin', '2026-03-28T12:00:00Z', 1, '2026-03-29T11:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', 2, '2026-10-26T13:00:00.000Z'],
    ['Asia/Omsk', '2026-01-12T09:00:00Z', 3, '2026-01-15T09:00:00.000Z'],
  ])('in %s, the same clock as %s, %i days later', (zone, from, days, expected) => {
    expect(new Date(sameTimeLater(zone, at(from), days)).toISOString()).toBe(expected);
  });

  test('days of any zone begin and end at its midnights', () => {
    const zones = fc.constantFrom(
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
    );
    fc.assert(
      fc.property(zones, fc.nat(365), fc.integer({ min: 1, max: 62 }), (zone, offset, count) => {
        const day = new Date(at('2026-01-01T00:00:00Z') + offset * hours(24)).toISOString().slice(0, 10);
        const { from, to } = localDays(zone, day, count);
        expect(localTime(zone, from)).toBe(`${day}T00:00`);
        expect(startOfDay(zone, to)).toBe(to);
        const last = new Date(Date.parse(day) + (count - 1) * hours(24)).toISOString().slice(0, 10);
        expect(localTime(zone, to - 1)).toBe(`${last}T23:59`);
      }),
    );
  });

  test('a zone that nobody knows is the fallback’s', () => {
    expect(knownZone('Mars/Olympus', 'Europe/Moscow')).toBe('Europe/Moscow');
    expect(knownZone('', 'Europe/Moscow')).toBe('Europe/Moscow');
    expect(knownZone('Asia/Omsk', 'Europe/Moscow')).toBe('Asia/Omsk');
  });
});

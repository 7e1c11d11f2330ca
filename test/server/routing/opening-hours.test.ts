import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueueId } from '../../../server/kernel/ids.ts';
import {
  isOpen,
  nextOpeningAt,
  openBetween,
  queueSchedule,
  userSchedule,
} from '../../../server/routing/opening-hours.ts';
import { shiftAt, shiftsBetween, type WorkSchedule } from '../../../server/routing/work-schedule.ts';

const hour = 60 * 60_000;
const dayMs = 24 * hour;
const sales = 1 as QueueId;
const care = 2 as QueueId;
const at = (text: string): number => Date.parse(text);
const holiday = (day: string, closesQueues = true) => ({
  id: 1,
  version: 1,
  day,
  name: 'Rest',
  periods: [],
  closesQueues,
});
const week = { 1: [{ from: '09:00', to: '18:00' }], 2: [{ from: '20:00', to: '02:00' }] };
const noDays = { exceptions: [] };

describe('opening hours', () => {
  const hours = queueSchedule({ timeZone: 'Europe/Moscow', weekly: week, ...noDays }, []);
  const setup = { hours: new Map([[sales, hours]]) };

  test('a queue without hours is always open, one with hours in its own zone', () => {
    // Monday, 12 January 2026
    const rows = [
      ['2026-01-12T05:59:59Z', false],
      ['2026-01-12T06:00:00Z', true],
      ['2026-01-12T15:00:00Z', false],
      ['2026-01-13T22:59:59Z', true],
      ['2026-01-13T23:00:00Z', false],
    ] as const;
    for (const [instant, open] of rows) {
      expect(isOpen(setup, sales, at(instant)), instant).toBe(open);
      expect(isOpen(setup, care, at(instant))).toBe(true);
    }
    expect(nextOpeningAt(setup, sales, at('2026-01-12T15:00:00Z'))).toBe(at('2026-01-13T17:00:00Z'));
    expect(nextOpeningAt(setup, care, at('2026-01-12T15:00:00Z'))).toBeNull();
    const span = [at('2026-01-12T00:00:00Z'), at('2026-01-13T00:00:00Z')] as const;
    expect(openBetween(setup, sales, ...span)).toEqual([
      { startsAt: at('2026-01-12T06:00:00Z'), endsAt: at('2026-01-12T15:00:00Z') },
    ]);
    expect(openBetween(setup, care, ...span)).toEqual([{ startsAt: span[0], endsAt: span[1] }]);
  });

  test('a holiday closes it when it says so, and an exception of its own goes before', () => {
    const monday = at('2026-01-12T09:00:00Z');
    const opens = (days: Parameters<typeof queueSchedule>[1], exceptions: [] | [object] = []) => {
      const own = exceptions as Parameters<typeof queueSchedule>[0]['exceptions'];
      return (
        shiftAt(queueSchedule({ timeZone: 'Europe/Moscow', weekly: week, exceptions: own }, days), monday) !== null
      );
    };
    expect(opens([holiday('2026-01-12')])).toBe(false);
    expect(opens([holiday('2026-01-12', false)])).toBe(true);
    const own = { day: '2026-01-12', periods: [{ from: '11:00', to: '13:00' }], reason: 'extra', note: '' };
    expect(opens([holiday('2026-01-12')], [own])).toBe(true);
  });

  test('people have their holiday whether queues close or not', () => {
    const schedule = userSchedule({ timeZone: 'Europe/Moscow', weekly: week }, [], [holiday('2026-01-12', false)]);
    expect(shiftAt(schedule, at('2026-01-12T09:00:00Z'))).toBeNull();
  });
});

const time = fc.integer({ min: 0, max: 47 }).map((half) => {
  const text = String(Math.floor(half / 2)).padStart(2, '0');
  return `${text}:${half % 2 === 0 ? '00' : '30'}`;
});
const periods = fc.array(fc.record({ from: time, to: time }), { maxLength: 2 });
const schedules: fc.Arbitrary<WorkSchedule> = fc
  .record({
    timeZone: fc.constantFrom('UTC', 'Europe/Moscow', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    days: fc.array(periods, { minLength: 7, maxLength: 7 }),
  })
  .map(({ timeZone, days }) => ({
    timeZone,
    weekly: Object.fromEntries(days.map((day, index) => [index + 1, day])),
    exceptions: new Map(),
  }));

test('shifts between two instants are exactly the times at which somebody is on shift', () => {
  const begin = at('2026-03-20T00:00:00Z');
  fc.assert(
    fc.property(
      schedules,
      fc.integer({ min: 0, max: 20 * 24 }),
      fc.integer({ min: 1, max: 20 * 24 }),
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 5, maxLength: 30 }),
      (schedule, offset, length, places) => {
        const from = begin + offset * hour;
        const to = from + length * hour;
        const shifts = shiftsBetween(schedule, from, to);
        for (const { startsAt, endsAt } of shifts)
          expect(from <= startsAt && startsAt < endsAt && endsAt <= to).toBe(true);
        for (const place of places) {
          const instant = from + Math.floor(place * (to - from));
          const isIn = shifts.some(({ startsAt, endsAt }) => startsAt <= instant && instant < endsAt);
          expect(isIn).toBe(shiftAt(schedule, instant) !== null);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a span of many days is as long as asked', () => {
  const allDay = [{ from: '00:00', to: '00:00' }];
  const weekly = { 1: allDay, 2: allDay, 3: allDay, 4: allDay, 5: allDay, 6: allDay, 7: allDay };
  const schedule = { timeZone: 'Europe/Berlin', weekly, exceptions: new Map() };
  const from = at('2026-01-01T12:34:00Z');
  expect(shiftsBetween(schedule, from, from + 62 * dayMs)).toEqual([{ startsAt: from, endsAt: from + 62 * dayMs }]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  nextShiftAt,
  type Period,
  shiftAt,
  startOfDay,
  type WorkSchedule,
} from '../../../server/routing/work-schedule.ts';

const iso = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());
const at = (text: string): number => Date.parse(text);
const office: readonly Period[] = [{ from: '09:00', to: '18:00' }];
const weekdays = { 1: office, 2: office, 3: office, 4: office, 5: office };
const make = (over: Partial<WorkSchedule>): WorkSchedule => ({
  timeZone: 'Europe/Moscow',
  weekly: weekdays,
  exceptions: new Map(),
  ...over,
});

describe('who is on shift at T', () => {
  const night = make({ weekly: { 5: [{ from: '22:00', to: '06:00' }] } });
  const always = make({
    weekly: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [{ from: '00:00', to: '00:00' }]])),
  });
  const berlin = make({ timeZone: 'Europe/Berlin', weekly: { 6: [{ from: '22:00', to: '06:00' }] } });
  const holiday = make({ exceptions: new Map([['2026-01-12', []]]) });
  const extraSaturday = make({ exceptions: new Map([['2026-01-17', [{ from: '10:00', to: '14:00' }]]]) });
  const lunch = make({
    weekly: {
      1: [
        { from: '09:00', to: '13:00' },
        { from: '14:00', to: '18:00' },
      ],
    },
  });

  test.each<[string, WorkSchedule, string, string | null, string | null]>([
    ['inside office hours', make({}), '2026-01-12T09:00:00Z', '2026-01-12T06:00:00.000Z', '2026-01-12T15:00:00.000Z'],
    ['its first instant', make({}), '2026-01-12T06:00:00Z', '2026-01-12T06:00:00.000Z', '2026-01-12T15:00:00.000Z'],
    ['its last instant is outside', make({}), '2026-01-12T15:00:00Z', null, null],
    ['weekend', make({}), '2026-01-17T09:00:00Z', null, null],
    ['night, before midnight', night, '2026-01-16T20:00:00Z', '2026-01-16T19:00:00.000Z', '2026-01-17T03:00:00.000Z'],
    ['night, after midnight', night, '2026-01-17T02:59:59Z', '2026-01-16T19:00:00.000Z', '2026-01-17T03:00:00.000Z'],
    ['holiday', holiday, '2026-01-12T09:00:00Z', null, null],
    ['extra Saturday', extraSaturday, '2026-01-17T08:00:00Z', '2026-01-17T07:00:00.000Z', '2026-01-17T11:00:00.000Z'],
    ['lunch break', lunch, '2026-01-12T10:30:00Z', null, null],
    ['after lunch', lunch, '2026-01-12T11:00:00Z', '2026-01-12T11:00:00.000Z', '2026-01-12T15:00:00.000Z'],
    // Clocks go forward 2026-03-29 02:00 -> 03:00: the night is 7 hours long.
    ['spring night', berlin, '2026-03-29T01:30:00Z', '2026-03-28T21:00:00.000Z', '2026-03-29T04:00:00.000Z'],
    // And back 2026-10-25 03:00 -> 02:00: 9 hours.
    ['autumn night', berlin, '2026-10-25T01:30:00Z', '2026-10-24T20:00:00.000Z', '2026-10-25T05:00:00.000Z'],
  ])('%s', (_name, schedule, when, starts, ends) => {
    const shift = shiftAt(schedule, at(when));
    expect([iso(shift?.startsAt), iso(shift?.endsAt)]).toEqual([starts, ends]);
  });

  test('round the clock is one shift without seams', () => {
    const shift = shiftAt(always, at('2026-01-12T20:59:59.999Z'));
    expect(shift && shift.startsAt < at('2026-01-12T00:00:00Z') && shift.endsAt > at('2026-01-13T00:00:00Z')).toBe(
      true,
    );
  });

  test.each<[string, WorkSchedule, string, string | null]>([
    ['evening: tomorrow', make({}), '2026-01-12T16:00:00Z', '2026-01-13T06:00:00.000Z'],
    ['Friday evening: Monday', make({}), '2026-01-16T16:00:00Z', '2026-01-19T06:00:00.000Z'],
    ['in the break: after it', lunch, '2026-01-12T10:30:00Z', '2026-01-12T11:00:00.000Z'],
    ['nobody planned anything', make({ weekly: {} }), '2026-01-12T10:30:00Z', null],
  ])('next shift: %s', (_name, schedule, when, next) => {
    expect(iso(nextShiftAt(schedule, at(when)))).toBe(next);
  });

  test('the day of an agent starts at his own midnight, also on the day of a clock change', () => {
    expect(iso(startOfDay('Asia/Vladivostok', at('2026-01-12T15:00:00Z')))).toBe('2026-01-12T14:00:00.000Z');
    expect(iso(startOfDay('Europe/Berlin', at('2026-03-29T10:00:00Z')))).toBe('2026-03-28T23:00:00.000Z');
  });
});

describe('over any schedule and any instant', () => {
  const zones = ['Europe/Moscow', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'];
  const time = fc.integer({ min: 0, max: 24 * 4 - 1 }).map((quarter) => {
    const hours = String(Math.floor(quarter / 4)).padStart(2, '0');
    return `${hours}:${String((quarter % 4) * 15).padStart(2, '0')}`;
  });
  const periods = fc.array(fc.record({ from: time, to: time }), { maxLength: 3 });
  const schedule = fc
    .record({ timeZone: fc.constantFrom(...zones), days: fc.array(periods, { minLength: 7, maxLength: 7 }) })
    .map(
      ({ timeZone, days }): WorkSchedule => ({
        timeZone,
        weekly: Object.fromEntries(days.map((day, index) => [index + 1, day])),
        exceptions: new Map(),
      }),
    );
  const instant = fc.integer({ min: at('2026-01-01T00:00:00Z') / 60_000, max: at('2027-01-01T00:00:00Z') / 60_000 });

  test('a shift contains its instants and nothing else', () => {
    fc.assert(
      fc.property(schedule, instant, (plan, minute) => {
        const now = minute * 60_000;
        const shift = shiftAt(plan, now);
        if (!shift) return;
        expect(shift.startsAt <= now && now < shift.endsAt).toBe(true);
        // Long shifts of many joined days are cut at the window; inner instants agree on being on shift.
        const inside = Math.floor((shift.startsAt + shift.endsAt) / 2);
        expect(shiftAt(plan, inside)).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('off shift, the next shift is the first instant that is on shift', () => {
    fc.assert(
      fc.property(schedule, instant, (plan, minute) => {
        const now = minute * 60_000;
        if (shiftAt(plan, now)) return;
        const next = nextShiftAt(plan, now);
        if (next === null) return;
        expect(shiftAt(plan, next)?.startsAt).toBe(next);
        expect(shiftAt(plan, next - 60_000)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

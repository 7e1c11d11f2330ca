import { describe, expect, it } from 'vitest';
import type { Holiday, Shifts, UserSchedule } from '../../../server/contract/setup-schemas.ts';
import { coverageOf } from '../../../softphone/admin/shifts/coverage.ts';
import { plannedDay } from '../../../softphone/admin/shifts/planned-day.ts';

const at = (hour: number): string => new Date(Date.UTC(2026, 0, 12, hour)).toISOString();
const span = (from: number, to: number) => ({ startsAt: at(from), endsAt: at(to) });

function shiftsOf(open: [number, number][], work: [number, number][][]): Shifts {
  return {
    from: at(0),
    to: at(24),
    items: work.map((spans, index) => ({
      user: { id: index + 1, name: `Agent ${index + 1}` },
      teamId: null,
      queueIds: [1],
      shifts: spans.map(([from, to]) => span(from, to)),
    })),
    queues: [{ queue: { id: 1, name: 'Sales' }, open: open.map(([from, to]) => span(from, to)), holes: [] }],
  };
}

const drawn = (shifts: Shifts) =>
  coverageOf(shifts, 1).map(({ startsAt, endsAt, people }) => [
    new Date(startsAt).getUTCHours(),
    new Date(endsAt).getUTCHours(),
    people,
  ]);

describe('coverage of a queue', () => {
  it('counts people where shifts overlap, and nobody in the holes', () => {
    expect(drawn(shiftsOf([[9, 18]], [[[8, 13]], [[12, 16]]]))).toEqual([
      [9, 12, 1],
      [12, 13, 2],
      [13, 16, 1],
      [16, 18, 0],
    ]);
  });

  it('joins a shift that is handed over without a gap', () => {
    expect(drawn(shiftsOf([[9, 18]], [[[9, 13]], [[13, 18]]]))).toEqual([[9, 18, 1]]);
  });

  it('is one hole when nobody works', () => {
    expect(drawn(shiftsOf([[9, 18]], [[]]))).toEqual([[9, 18, 0]]);
  });

  it('leaves out people of other queues and hours in which it is closed', () => {
    const shifts = shiftsOf(
      [
        [9, 12],
        [14, 16],
      ],
      [[[8, 20]]],
    );
    expect(drawn(shifts)).toEqual([
      [9, 12, 1],
      [14, 16, 1],
    ]);
    expect(coverageOf(shifts, 2)).toEqual([]);
  });
});

describe('a planned day', () => {
  const office = [{ from: '09:00', to: '18:00' }];
  const schedule: UserSchedule = {
    user: { id: 1, name: 'Anna' },
    teamId: null,
    version: 1,
    timeZone: 'Europe/Moscow',
    weekly: { 1: office },
    exceptions: [{ day: '2026-01-19', periods: [], reason: 'vacation', note: 'sea' }],
    canChange: true,
  };
  const holiday = (day: string): Holiday => ({
    id: 1,
    version: 1,
    day,
    name: 'New Year',
    periods: [],
    closesQueues: true,
  });

  it('is the weekday, unless something says otherwise', () => {
    expect(plannedDay(schedule, [], '2026-01-12')).toMatchObject({ periods: office, reason: null });
    expect(plannedDay(schedule, [], '2026-01-13').periods).toEqual([]);
  });

  it('is his own exception before a holiday of the company', () => {
    expect(plannedDay(schedule, [holiday('2026-01-19')], '2026-01-19')).toMatchObject({
      reason: 'vacation',
      note: 'sea',
      holiday: null,
    });
  });

  it('is a holiday only where he would work', () => {
    expect(plannedDay(schedule, [holiday('2026-01-12')], '2026-01-12').holiday?.name).toBe('New Year');
    expect(plannedDay(schedule, [holiday('2026-01-13')], '2026-01-13').holiday).toBeNull();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  daysBetween,
  lengthOf,
  mondayOf,
  parsePeriods,
  typedPeriods,
  weeklyMinutes,
  withDay,
  withExceptions,
} from '../../../softphone/admin/parts/hours.ts';
import {
  compactPeriods,
  hoursText,
  periodsText,
  secondsText,
  spanText,
  weeklyText,
} from '../../../softphone/admin/parts/hours-text.ts';
import { sayIn } from '../../../softphone/admin/words/translate.ts';

const english = { say: sayIn.en, language: 'en' } as const;
const russian = { say: sayIn.ru, language: 'ru' } as const;

describe('hours as people type them', () => {
  it.each([
    ['9-18', [{ from: '09:00', to: '18:00' }]],
    [
      '9:30–13, 14-18',
      [
        { from: '09:30', to: '13:00' },
        { from: '14:00', to: '18:00' },
      ],
    ],
    [
      '14-18 9-13',
      [
        { from: '09:00', to: '13:00' },
        { from: '14:00', to: '18:00' },
      ],
    ],
    ['930 - 1800', [{ from: '09:30', to: '18:00' }]],
    ['22-6', [{ from: '22:00', to: '06:00' }]],
    ['18-24', [{ from: '18:00', to: '00:00' }]],
    ['круглосуточно', [{ from: '00:00', to: '00:00' }]],
    ['24h', [{ from: '00:00', to: '00:00' }]],
    ['', []],
    ['выходной', []],
  ])('%s', (typed, periods) => {
    expect(parsePeriods(typed)).toEqual(periods);
  });

  it.each(['9', '9-', '25-30', '9-18-20', 'утром', '9:75-10'])('%s is not understood', (typed) => {
    expect(parsePeriods(typed)).toBe('wrong');
  });

  it('are at most six a day', () => {
    expect(parsePeriods('1-2,3-4,5-6,7-8,9-10,11-12,13-14')).toBe('tooMany');
  });

  it('are read again from how they are shown', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
    const periods = fc
      .uniqueArray(fc.record({ from: time, to: time }), { maxLength: 6, selector: ({ from }) => from })
      .map((list) => list.toSorted((a, b) => a.from.localeCompare(b.from)));
    fc.assert(fc.property(periods, (list) => void expect(parsePeriods(typedPeriods(list))).toEqual(list)));
  });
});

describe('periods', () => {
  it('that end at or before their start end on the next day', () => {
    expect(lengthOf({ from: '22:00', to: '06:00' })).toBe(480);
    expect(lengthOf({ from: '09:00', to: '09:00' })).toBe(1440);
    expect(periodsText([{ from: '22:00', to: '06:00' }], english)).toBe('22:00 till 06:00 of the next day');
  });

  it('are short in a table', () => {
    const periods = [
      { from: '09:00', to: '13:30' },
      { from: '18:00', to: '00:00' },
    ];
    expect(compactPeriods(periods, english)).toBe('9–13:30, 18–24');
    expect(compactPeriods([{ from: '00:00', to: '00:00' }], russian)).toBe('24 ч');
    expect(compactPeriods([], russian)).toBe('вых.');
  });

  it('as instants name a day once', () => {
    const start = Date.parse('2026-11-23T05:00:00Z');
    expect(spanText(start, start + 3_600_000, 'Europe/Moscow', 'en').match(/23/g)).toHaveLength(1);
    expect(spanText(start, start + 3_600_000, 'Europe/Moscow', 'en')).toMatch(/08:00.*09:00/);
  });
});

describe('a week', () => {
  const office = [{ from: '09:00', to: '18:00' }];
  const week = { 1: office, 2: office, 3: office, 4: office, 5: office, 6: [{ from: '10:00', to: '14:00' }] };

  it('says equal days in a row once', () => {
    expect(weeklyText(week, english)).toBe('Mon–Fri 09:00–18:00; Sat 10:00–14:00');
    expect(weeklyText({}, russian)).toBe('выходной');
  });

  it('does not join days with a gap between them', () => {
    expect(weeklyText({ 1: office, 3: office }, english)).toBe('Mon 09:00–18:00; Wed 09:00–18:00');
  });

  it('leaves a day off out, as the server writes it', () => {
    expect(withDay(week, 6, [])).toEqual({ 1: office, 2: office, 3: office, 4: office, 5: office });
  });

  it('has hours', () => {
    expect(hoursText(weeklyMinutes(week), 'en')).toBe('49 hours');
    expect(hoursText(450, 'ru')).toBe('7,5 часа');
  });
});

describe('days', () => {
  it('run over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysBetween('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect(daysBetween('2026-03-01', '2026-02-27')).toEqual([]);
    expect(mondayOf('2026-03-01')).toBe('2026-02-23');
  });

  it('that differ replace older entries and stay in order', () => {
    const off = (day: string) => ({ day, periods: [], reason: 'vacation' as const, note: '' });
    const sick = { ...off('2026-01-02'), reason: 'sick' as const };
    expect(withExceptions([off('2026-01-03'), sick], [off('2026-01-02'), off('2026-01-01')])).toEqual([
      off('2026-01-01'),
      off('2026-01-02'),
      off('2026-01-03'),
    ]);
  });
});

describe('seconds in words', () => {
  it.each([
    [15, 'en', '15 seconds'],
    [150, 'en', '2 minutes 30 seconds'],
    [0, 'en', '0 seconds'],
    [3600, 'ru', '1 час'],
    [21, 'ru', '21 секунда'],
  ] as const)('%i in %s', (seconds, language, text) => {
    expect(secondsText(seconds, language)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { ago, daysBetween, duration, phoneNumber, timeIn } from '../../softphone/i18n/format.ts';

const now = Date.parse('2026-03-10T12:00:00Z');
const before = (ms: number): string => new Date(now - ms).toISOString();
const MINUTE = 60_000;
const DAY = 86_400_000;

describe('duration', () => {
  it.each([
    [0, '00:00'],
    [-5000, '00:00'],
    [59_999, '00:59'],
    [192_000, '03:12'],
    [3_600_000, '1:00:00'],
    [3_723_000, '1:02:03'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('ago', () => {
  it.each([
    [10_000, 'now'],
    [5 * MINUTE, '5 minutes ago'],
    [DAY, 'yesterday'],
    [2 * DAY, '2 days ago'],
  ])('%i ms before is "%s"', (ms, text) => {
    expect(ago(before(ms), now, 'en')).toBe(text);
  });

  it('names the date after a month, with the year when it is another', () => {
    expect(ago('2026-01-05T12:00:00Z', now, 'en')).toBe('5 January');
    expect(ago('2024-01-05T12:00:00Z', now, 'en')).toBe('5 January 2024');
  });
});

describe('daysBetween', () => {
  it('counts midnights, not hours', () => {
    const evening = new Date(2026, 2, 9, 23, 59).getTime();
    const morning = new Date(2026, 2, 10, 0, 1).getTime();
    expect(daysBetween(evening, morning)).toBe(1);
    expect(daysBetween(morning, morning + 60_000)).toBe(0);
  });
});

describe('timeIn', () => {
  it('is the wall clock of the zone', () => {
    expect(timeIn('Asia/Omsk', now, 'ru')).toBe('18:00');
  });

  it('is absent for no zone and for one that nobody knows', () => {
    expect(timeIn('', now, 'ru')).toBeUndefined();
    expect(timeIn('Mars/Olympus', now, 'ru')).toBeUndefined();
  });
});

describe('phoneNumber', () => {
  it('groups Russian numbers and leaves all else', () => {
    expect(phoneNumber('+79150007950')).toBe('+7 915 000-79-50');
    expect(phoneNumber('+442071838750')).toBe('+442071838750');
    expect(phoneNumber('1234')).toBe('1234');
  });
});

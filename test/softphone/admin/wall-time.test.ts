import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localDay, midnightOf, nextMidnight, splitByDay, wallTime } from '../../../softphone/admin/parts/wall-time.ts';

const zones = ['Europe/Moscow', 'Asia/Kolkata', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland', 'UTC'];
const anyInstant = fc.integer({ min: Date.UTC(2025, 0, 1) / 60_000, max: Date.UTC(2028, 0, 1) / 60_000 });

describe('local days', () => {
  it('begin at their own midnight', () => {
    expect(new Date(midnightOf(Date.parse('2026-01-12T20:30:00Z'), 'Europe/Moscow')).toISOString()).toBe(
      '2026-01-11T21:00:00.000Z',
    );
  });

  it('follow each other without a gap, also when the clock changes', () => {
    fc.assert(
      fc.property(anyInstant, fc.constantFrom(...zones), (minutes, zone) => {
        const at = minutes * 60_000;
        const next = nextMidnight(at, zone);
        expect(next).toBeGreaterThan(at);
        expect(wallTime(next, zone)).toMatchObject({ minute: 0 });
        expect(localDay(next - 1, zone)).toBe(localDay(at, zone));
        expect(midnightOf(at, zone)).toBeLessThanOrEqual(at);
        expect(nextMidnight(midnightOf(at, zone), zone)).toBe(next);
      }),
    );
  });

  it('of a spring change have 23 hours', () => {
    const start = midnightOf(Date.parse('2026-03-29T12:00:00Z'), 'Europe/Berlin');
    expect(nextMidnight(start, 'Europe/Berlin') - start).toBe(23 * 3_600_000);
  });
});

describe('a span cut by days', () => {
  it('over midnight is two pieces', () => {
    const span = { startsAt: Date.parse('2026-01-12T19:00:00Z'), endsAt: Date.parse('2026-01-13T03:00:00Z') };
    const pieces = splitByDay(span, 'Europe/Moscow');
    expect(pieces.map(({ day, fromMinute, toMinute }) => [day, fromMinute, toMinute])).toEqual([
      ['2026-01-12', 1320, 1440],
      ['2026-01-13', 0, 360],
    ]);
  });

  it('that ends at midnight does not begin another day', () => {
    const span = { startsAt: Date.parse('2026-01-12T19:00:00Z'), endsAt: Date.parse('2026-01-12T21:00:00Z') };
    expect(splitByDay(span, 'Europe/Moscow')).toHaveLength(1);
  });

  it('keeps its whole length', () => {
    fc.assert(
      fc.property(
        anyInstant,
        fc.integer({ min: 1, max: 10_000 }),
        fc.constantFrom(...zones),
        (minutes, length, zone) => {
          const span = { startsAt: minutes * 60_000, endsAt: (minutes + length) * 60_000 };
          const pieces = splitByDay(span, zone);
          expect(pieces.reduce((sum, { startsAt, endsAt }) => sum + endsAt - startsAt, 0)).toBe(length * 60_000);
          expect(new Set(pieces.map(({ day }) => day)).size).toBe(pieces.length);
        },
      ),
    );
  });
});

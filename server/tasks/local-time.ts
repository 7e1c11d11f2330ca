import { startOfDay } from '../routing/work-schedule.ts';

const hourMs = 60 * 60_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of a zone, `2026-01-12T15:00`. */
export function localTime(timeZone: string, at: number): string {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, hourCycle: 'h23', ...parts });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(at).replace(' ', 'T');
}

/** The same wall clock some days later; in the hour that a clock change skips, an hour beside it. */
export function sameTimeLater(timeZone: string, at: number, days: number): number {
  const later = at + days * 24 * hourMs;
  const wall = (instant: number): number => Date.parse(`${localTime(timeZone, instant)}Z`);
  return later - (wall(later) - wall(at) - days * 24 * hourMs);
}

/** First and last moment (not included) of `count` local days from `day`, YYYY-MM-DD. */
export function localDays(timeZone: string, day: string, count: number): { from: number; to: number } {
  // noon of the day in UTC is within 14 hours of its noon anywhere, so one of these lies in it
  const noon = Date.parse(`${day}T12:00:00Z`);
  const inside = [0, -12, 12]
    .map((hours) => noon + hours * hourMs)
    .find((at) => localTime(timeZone, at).startsWith(day));
  const from = startOfDay(timeZone, inside ?? noon);
  return { from, to: startOfDay(timeZone, sameTimeLater(timeZone, from + 12 * hourMs, count)) };
}

/** Zones that the runtime knows; others are the fallback's. */
export function knownZone(timeZone: string, fallback: string): string {
  if (timeZone === '') return fallback;
  try {
    localTime(timeZone, 0);
    return timeZone;
  } catch {
    // a card may come from an import of long ago
    return fallback;
  }
}

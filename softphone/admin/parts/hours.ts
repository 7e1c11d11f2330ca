import type { Static } from 'typebox';
import type { Periods, ScheduleChange, Weekly as WeeklySchema } from '../../../server/contract/setup-schemas.ts';

export type Period = Static<typeof Periods>[number];
export type Weekly = Static<typeof WeeklySchema>;
export type DayException = ScheduleChange['exceptions'][number];
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export const weekdays: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const DAY_MINUTES = 24 * 60;
const MOST_PERIODS = 6;
const DAY_MS = 86_400_000;

/** Minutes after midnight of HH:MM. */
export function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Length in minutes; a period that ends at or before its start ends on the next day. */
export function lengthOf({ from, to }: Period): number {
  const length = minutesOf(to) - minutesOf(from);
  return length > 0 ? length : length + DAY_MINUTES;
}

export const isOvernight = ({ from, to }: Period): boolean => minutesOf(to) <= minutesOf(from) && to !== '00:00';

const two = (n: number): string => String(n).padStart(2, '0');

/** `9`, `930`, `9:30`, `9.30` and `24` as HH:MM; undefined = no time. */
function timeOf(text: string): string | undefined {
  const parts = /^(\d{1,2})(?:[:.]?(\d{2}))?$/.exec(text);
  if (parts === null) return undefined;
  const hours = Number(parts[1]);
  const minutes = Number(parts[2] ?? 0);
  if (hours === 24 && minutes === 0) return '00:00';
  return hours < 24 && minutes < 60 ? `${two(hours)}:${two(minutes)}` : undefined;
}

const off = /^(?:|off|-|вых\.?|выходной|нет)$/;
const allDay = /^(?:24|24h|24\s*ч|round the clock|all day|круглосуточно|весь день)$/;

/** What is wrong with typed hours. */
export type HoursFault = 'wrong' | 'tooMany';

/**
 * Hours as people type them: `9-18`, `9:30–13, 14-18`, `22-6` (over midnight), `24h`; empty = off.
 * @returns periods in order of their start, or what is wrong
 */
export function parsePeriods(typed: string): readonly Period[] | HoursFault {
  const text = typed.trim().toLowerCase();
  if (off.test(text)) return [];
  if (allDay.test(text)) return [{ from: '00:00', to: '00:00' }];
  const periods: Period[] = [];
  for (const part of text.split(/[,;]+|\s+(?=\d{1,2}(?:[:.]?\d{2})?\s*[-–—])/).filter((one) => one.trim() !== '')) {
    const [from, to, ...rest] = part.split(/[-–—]/).map((time) => timeOf(time.trim()));
    if (from === undefined || to === undefined || rest.length > 0) return 'wrong';
    periods.push({ from, to });
  }
  if (periods.length > MOST_PERIODS) return 'tooMany';
  return periods.toSorted((a, b) => minutesOf(a.from) - minutesOf(b.from));
}

/** Periods as they are shown in a field, in a form that `parsePeriods` reads again. */
export const typedPeriods = (periods: readonly Period[]): string =>
  periods.map(({ from, to }) => `${from}–${to === '00:00' ? '24:00' : to}`).join(', ');

/** ISO weekday of a date like 2026-01-12. */
export function weekdayOf(day: string): Weekday {
  return (((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1) as Weekday;
}

/** The date so many days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Every date from the first to the last, both included; empty when the last is before the first. */
export function daysBetween(first: string, last: string): readonly string[] {
  const count = Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => addDays(first, index));
}

/** The Monday of the week that a date is in. */
export const mondayOf = (day: string): string => addDays(day, 1 - weekdayOf(day));

export function weeklyMinutes(weekly: Weekly): number {
  return weekdays.flatMap((day) => weekly[day] ?? []).reduce((sum, period) => sum + lengthOf(period), 0);
}

/** The weekly pattern with one day's periods replaced; a day off is left out, as the server writes it. */
export function withDay(weekly: Weekly, day: Weekday, periods: readonly Period[]): Weekly {
  const { [day]: _, ...rest } = weekly;
  return periods.length === 0 ? rest : { ...rest, [day]: [...periods] };
}

/** The list with these days in it, in order of their dates; an older entry of a day is replaced. */
export function withExceptions(list: readonly DayException[], added: readonly DayException[]): readonly DayException[] {
  const days = new Set(added.map(({ day }) => day));
  return [...list.filter(({ day }) => !days.has(day)), ...added].toSorted((a, b) => a.day.localeCompare(b.day));
}

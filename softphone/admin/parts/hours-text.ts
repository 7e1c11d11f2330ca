import type { Language } from '../../i18n/translate.ts';
import type { Say } from '../words/translate.ts';
import { type DayException, isOvernight, type Period, type Weekday, type Weekly, weekdays } from './hours.ts';

interface Reader {
  readonly say: Say;
  readonly language: Language;
}

const locales = { ru: 'ru-RU', en: 'en-GB' } as const;
/** A week that began on a Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** `Mon`, `Пн`. */
export function weekdayName(day: Weekday, language: Language, width: 'short' | 'long' = 'short'): string {
  const name = new Intl.DateTimeFormat(locales[language], { weekday: width, timeZone: 'UTC' }).format(
    MONDAY + (day - 1) * DAY_MS,
  );
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** `12 January`, of a date like 2026-01-12, with the year when it is not this one. */
export function dayText(day: string, language: Language, style: 'long' | 'short' = 'long'): string {
  const date = new Date(`${day}T00:00:00Z`);
  const isThisYear = date.getUTCFullYear() === new Date().getUTCFullYear();
  return new Intl.DateTimeFormat(locales[language], {
    day: 'numeric',
    month: style,
    timeZone: 'UTC',
    ...(isThisYear ? {} : { year: 'numeric' }),
  }).format(date);
}

/** `09:00–13:00, 14:00–18:00`; none = off. A night says which day it ends on. */
export function periodsText(periods: readonly Period[], { say }: Reader): string {
  if (periods.length === 0) return say('value.off');
  return periods
    .map((period) => {
      const { from, to } = period;
      if (from === to) return from === '00:00' ? say('value.allDay') : `${from} ${say('value.nextDay', { time: to })}`;
      if (isOvernight(period)) return `${from} ${say('value.nextDay', { time: to })}`;
      return `${from}–${to === '00:00' ? '24:00' : to}`;
    })
    .join(', ');
}

const compactTime = (time: string): string => time.replace(/^0/, '').replace(/:00$/, '');

/** `9–13, 14–18`, `22–6`: for a cell of a table. */
export function compactPeriods(periods: readonly Period[], { say }: Reader): string {
  if (periods.length === 0) return say('value.offShort');
  return periods
    .map(({ from, to }) => {
      if (from === '00:00' && to === '00:00') return say('value.allDayShort');
      return `${compactTime(from)}–${to === '00:00' ? '24' : compactTime(to)}`;
    })
    .join(', ');
}

/** `Mon–Fri 09:00–18:00; Sat 10:00–16:00`: days in a row with the same hours are said once. */
export function weeklyText(weekly: Weekly, reader: Reader): string {
  const runs: { first: Weekday; last: Weekday; text: string }[] = [];
  for (const day of weekdays) {
    const periods = weekly[day] ?? [];
    if (periods.length === 0) continue;
    const text = periodsText(periods, reader);
    const run = runs.at(-1);
    if (run !== undefined && run.last === day - 1 && run.text === text) run.last = day;
    else runs.push({ first: day, last: day, text });
  }
  if (runs.length === 0) return reader.say('value.off');
  return runs.map(({ first, last, text }) => `${rangeText(first, last, reader.language)} ${text}`).join('; ');
}

function rangeText(first: Weekday, last: Weekday, language: Language): string {
  if (first === last) return weekdayName(first, language);
  return `${weekdayName(first, language)}–${weekdayName(last, language)}`;
}

/** `12 January: off (vacation); 13 January: …`. */
export function exceptionsText(exceptions: readonly DayException[], reader: Reader): string {
  const { say, language } = reader;
  return exceptions
    .map(
      ({ day, periods, reason }) =>
        `${dayText(day, language)}: ${periodsText(periods, reader)} (${say(`dayReason.${reason}`)})`,
    )
    .join('; ');
}

/** `Mon, 23 Nov, 08:00–09:00` by the wall clock of a zone; both dates where they differ. */
export function spanText(startsAt: number, endsAt: number, timeZone: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).formatRange(startsAt, endsAt);
}

/** `15 seconds`, `2 minutes 30 seconds`, `1 hour`. */
export function secondsText(seconds: number, language: Language): string {
  const parts = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor((seconds % 3600) / 60), 'minute'],
    [seconds % 60, 'second'],
  ] as const;
  const said = parts.filter(([count]) => count > 0);
  return (said.length === 0 ? [[0, 'second'] as const] : said)
    .map(([count, unit]) => unitText(count, unit, language))
    .join(' ');
}

/** `40 hours`, `7.5 hours`. @param minutes whole minutes */
export function hoursText(minutes: number, language: Language): string {
  return unitText(Math.round((minutes / 60) * 10) / 10, 'hour', language);
}

function unitText(count: number, unit: string, language: Language): string {
  return new Intl.NumberFormat(locales[language], { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

import type { Language } from './translate.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

const two = (n: number): string => String(n).padStart(2, '0');

/** `03:12`, from an hour on `1:03:12`. Negative counts as zero. @param ms milliseconds */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Building a DateTimeFormat is slow; there are few different ones. */
function dateFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'ru-RU', options);
    formats.set(key, format);
  }
  return format;
}

/** `14:05` in the reader's time zone. */
export function clockTime(at: string | number | Date, language: Language): string {
  return dateFormat(language, { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** The wall clock at the client's, or undefined when the zone is not known. */
export function timeIn(timeZone: string, now: number, language: Language): string | undefined {
  if (timeZone === '') return undefined;
  try {
    return dateFormat(language, { hour: '2-digit', minute: '2-digit', timeZone }).format(now);
  } catch {
    // a zone that this browser does not know is as good as none
    return undefined;
  }
}

function dayStart(at: number): number {
  const date = new Date(at);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}

/** Whole days between two instants by the reader's calendar: 0 = the same day. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((dayStart(later) - dayStart(earlier)) / DAY_MS);
}

/** `12 November`, with the year when it is another one. */
export function dayMonth(at: string | number, now: number, language: Language): string {
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return dateFormat(language, { day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(date);
}

/** Near times by the clock, far ones by the day: `14:05`, `12 Nov, 14:05`. */
export function dayAndTime(at: string | number, now: number, language: Language): string {
  if (daysBetween(new Date(at).getTime(), now) === 0) return clockTime(at, language);
  return dateFormat(language, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
    new Date(at),
  );
}

const relative: Record<Language, Intl.RelativeTimeFormat> = {
  ru: new Intl.RelativeTimeFormat('ru', { numeric: 'auto' }),
  en: new Intl.RelativeTimeFormat('en', { numeric: 'auto' }),
};

/** `5 minutes ago`, `yesterday`, `2 days ago`; after a month the date. */
export function ago(at: string, now: number, language: Language): string {
  const then = new Date(at).getTime();
  const minutes = Math.round((now - then) / 60_000);
  const days = daysBetween(then, now);
  if (minutes < 1) return relative[language].format(0, 'second');
  if (minutes < 60) return relative[language].format(-minutes, 'minute');
  if (days === 0) return relative[language].format(-Math.round(minutes / 60), 'hour');
  if (days <= 30) return relative[language].format(-days, 'day');
  return dayMonth(at, now, language);
}

/**
 * A number as people read it. Most come from the server written so; this is for the few that are bare E.164.
 * Russian and Kazakh numbers are grouped, others are left as they are.
 */
export function phoneNumber(value: string): string {
  const parts = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(value);
  return parts === null ? value : `+7 ${parts[1]} ${parts[2]}-${parts[3]}-${parts[4]}`;
}

/** `640 B`, `12 kB`, `3.4 MB`: as people read sizes of files. @param bytes */
export function fileSize(bytes: number, language: Language): string {
  const units = language === 'ru' ? ['Б', 'КБ', 'МБ', 'ГБ'] : ['B', 'kB', 'MB', 'GB'];
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = step > 0 && value < 10 ? 1 : 0;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return `${number}\u00a0${units[step]}`;
}

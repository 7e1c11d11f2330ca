import type { Share } from '../../server/contract/board.ts';
import { duration } from '../i18n/format.ts';
import type { Language } from '../i18n/translate.ts';
import { meanMs, percentOf } from './figures.ts';

/** Every figure of the board; each has a name, a formula and what is left out in `i18n/*-board.ts`. */
export type MetricId =
  | 'waiting'
  | 'longest'
  | 'sl_day'
  | 'sl_recent'
  | 'offered'
  | 'answered'
  | 'abandoned'
  | 'abandon_rate'
  | 'short'
  | 'flowed_out'
  | 'asa'
  | 'longest_today'
  | 'owed'
  | 'overdue'
  | 'available'
  | 'on_contact'
  | 'wrap_up'
  | 'not_ready'
  | 'missing'
  | 'phantom'
  | 'rescued'
  | 'messages_waiting'
  | 'unassigned'
  | 'first_due'
  | 'messages_overdue'
  | 'response_level'
  | 'received'
  | 'written'
  | 'replied'
  | 'answer_time'
  | 'conversations'
  | 'talks'
  | 'aht';

/** A figure as it is read: its text, and the fraction behind it. */
export interface Reading {
  readonly metric: MetricId;
  readonly text: string;
  /** `860 / 1050`; null for a plain count. */
  readonly fraction: string | null;
  /** More of it than the text has room for, in words. */
  readonly detail?: string;
}

/** Shown where nothing can be divided. */
export const NO_FIGURE = '–';

const locales = { ru: 'ru-RU', en: 'en-GB' } as const;
const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
const numbers = {
  ru: new Intl.NumberFormat(locales.ru, oneDigit),
  en: new Intl.NumberFormat(locales.en, oneDigit),
} as const;
const seconds = { style: 'unit', unit: 'second', unitDisplay: 'narrow', ...oneDigit } as const;
const secondsFormats = {
  ru: new Intl.NumberFormat(locales.ru, seconds),
  en: new Intl.NumberFormat(locales.en, seconds),
} as const;

/** `81,9 %`, `81.9 %` (no-break space), or a dash. */
export const percentText = (percent: number | null, language: Language): string =>
  percent === null ? NO_FIGURE : `${numbers[language].format(percent)}\u00a0%`;

export const countReading = (metric: MetricId, count: number | undefined, detail?: string): Reading => ({
  metric,
  text: count === undefined ? NO_FIGURE : String(count),
  fraction: null,
  ...(detail === undefined ? {} : { detail }),
});

export const timeReading = (metric: MetricId, ms: number | undefined): Reading => ({
  metric,
  text: ms === undefined || ms <= 0 ? NO_FIGURE : duration(ms),
  fraction: null,
});

export const shareReading = (metric: MetricId, share: Share | undefined, language: Language): Reading => ({
  metric,
  text: percentText(share === undefined ? null : percentOf(share), language),
  fraction: share === undefined ? null : `${share.numerator} / ${share.denominator}`,
});

/** Half up to the second; the fraction says it to 0.1 s: `06:26 / 12 = 32.2s`. */
export function meanReading(metric: MetricId, sumMs: number, count: number, language: Language): Reading {
  const mean = meanMs(sumMs, count);
  if (mean === null) return { metric, text: NO_FIGURE, fraction: `${duration(sumMs)} / 0` };
  const seconds = secondsFormats[language].format(mean / 1000);
  return {
    metric,
    text: duration(Math.floor(sumMs / (1000 * count) + 0.5) * 1000),
    fraction: `${duration(sumMs)} / ${count} = ${seconds}`,
  };
}

import type { Language } from '../../i18n/translate.ts';
import type { Say } from '../words/translate.ts';
import type { DayException, Period, Weekly } from './hours.ts';
import { exceptionsText, periodsText, weeklyText } from './hours-text.ts';

interface Reader {
  readonly say: Say;
  readonly language: Language;
}

const isPeriods = (value: readonly unknown[]): value is readonly Period[] =>
  value.every((one) => typeof one === 'object' && one !== null && 'from' in one && 'to' in one);
const isExceptions = (value: readonly unknown[]): value is readonly DayException[] =>
  value.every((one) => typeof one === 'object' && one !== null && 'day' in one && 'periods' in one);
const isWeekly = (value: object): value is Weekly => {
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^[1-7]$/.test(key));
};

/** Any value of the setting in words, without knowing whose field it is: hours, lists, yes and no. */
export function valueText(value: unknown, reader: Reader): string {
  const { say } = reader;
  if (value === undefined || value === null) return say('value.none');
  if (typeof value === 'boolean') return say(value ? 'value.yes' : 'value.no');
  if (value === '') return say('value.empty');
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return listText(value, reader);
  if (isWeekly(value)) return weeklyText(value, reader);
  return Object.values(value)
    .filter((one) => !Array.isArray(one) || one.length > 0)
    .map((one) => valueText(one, reader))
    .join(', ');
}

function listText(value: readonly unknown[], reader: Reader): string {
  if (value.length === 0) return reader.say('value.none');
  if (isExceptions(value)) return exceptionsText(value, reader);
  if (isPeriods(value)) return periodsText(value, reader);
  return value.map((one) => valueText(one, reader)).join(', ');
}

import { clientLimits } from './limits.ts';
import { matchCandidates, parsePhoneNumber } from './phone-number.ts';
import { foldCase } from './search-text.ts';

/** What to look for: every word (AND) in one of its spellings (OR), and numbers that would be an exact hit. */
export interface SearchQuery {
  /** LIKE patterns per word; all words must match. */
  readonly words: readonly (readonly string[])[];
  /** LIKE pattern of the first 48 characters of texts, which start with the name: those that start with the query. */
  readonly prefix: string;
  /** Contact point values, canonical. */
  readonly exact: readonly string[];
}

/** As many as the index of the texts' starts holds (db/schema/clients.ts). */
const startChars = 48;

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** Words shorter than a trigram are looked for at the start of a word or of a field only, which the index can do. */
function patternsOf(spelling: string): string[] {
  const escaped = escapeLike(spelling);
  if (spelling.length > 2) return [`%${escaped}%`];
  return [`${escaped}%`, `% ${escaped}%`, `%\n${escaped}%`];
}

/** The same digits as the search text holds them: E.164 digits, whatever prefix they were typed with. */
function digitSpellings(typed: string, region: string): string[] {
  const digits = typed.replace(/\D/g, '');
  const spellings = new Set([digits]);
  const number = parsePhoneNumber(typed, region);
  if (number.e164 !== null) spellings.add(number.e164.slice(1));
  if (/^(?:00|810)\d{3}/.test(digits)) spellings.add(digits.replace(/^(?:00|810)/, ''));
  // the trunk prefix of a number still being typed
  if (/^8\d{2,9}$/.test(digits) && (region === 'RU' || region === 'KZ')) spellings.add(`7${digits.slice(1)}`);
  if (/^0[1-9]\d{2,}$/.test(digits)) spellings.add(digits.slice(1));
  return [...spellings];
}

/** Splits at spaces; neighbours made of digits and punctuation become one number. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let wasDigits = false;
  for (const word of text.split(' ').filter((part) => /[\p{L}\p{N}]/u.test(part))) {
    const isDigits = !/[\p{L}@]/u.test(word);
    if (isDigits && wasDigits) words.push(`${words.pop() ?? ''} ${word}`);
    else words.push(word);
    wasDigits = isDigits;
  }
  return words.slice(0, clientLimits.searchWords);
}

/** Null for a query without a letter or a digit. */
export function searchQuery(typed: string, region: string): SearchQuery | null {
  const text = foldCase(typed)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const words = wordsOf(text);
  if (words.length === 0) return null;
  const spellings = words.map((word) => (/[\p{L}@]/u.test(word) ? [word] : digitSpellings(word, region)));
  const number = parsePhoneNumber(typed, region);
  const isNumber = number.e164 !== null || (number.reason === 'short' && spellings.length === 1);
  return {
    words: spellings.map((word) => word.flatMap(patternsOf)),
    prefix: `${escapeLike([...text].slice(0, startChars).join(''))}%`,
    exact: isNumber ? matchCandidates(number) : text.includes('@') ? [text] : [],
  };
}

const latin = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const cyrillic = 'йцукенгшщзхъфывапролджэячсмитьбюё';
const swapped = new Map([
  ...[...latin].map((key, index) => [key, cyrillic.charAt(index)] as const),
  ...[...cyrillic].map((key, index) => [key, latin.charAt(index)] as const),
]);

/** The text as it would be with the other keyboard layout on: `gbcrf` and `писка`. */
export function otherLayout(typed: string): string {
  return [...typed.toLowerCase()].map((key) => swapped.get(key) ?? key).join('');
}

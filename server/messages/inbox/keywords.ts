import { otherLayout } from '../../clients/search-query.ts';

/** Words of a message that are looked at: keywords stand alone or near the beginning. */
const lookedAt = 2_000;

/** Words only: lower case, without signs, ё as е, one blank between them. */
const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The readings of a text: as it is, and as it would be with the other keyboard layout on. */
function readings(text: string): string[] {
  const start = text.slice(0, lookedAt);
  return [...new Set([folded(start), folded(otherLayout(start))])];
}

/** Whether the whole message is one of these words, however it is written: `Стоп!`, `СТОП`, `cnjg`. */
export function isKeyword(text: string, words: readonly string[]): boolean {
  const found = readings(text);
  return words.some((word) => folded(word) !== '' && found.includes(folded(word)));
}

/** Whether one of these words or phrases stands in it, not as a part of a longer word. */
export function containsWord(text: string, words: readonly string[]): boolean {
  const found = readings(text).map((reading) => ` ${reading} `);
  return words.some((word) => folded(word) !== '' && found.some((reading) => reading.includes(` ${folded(word)} `)));
}

/**
 * What a person writes who wants no more messages, and who wants them again (CTIA Messaging Principles section 5.1.3, and their
 * Russian counterparts). "Отмена" and "отказ" are left out: people cancel orders with them.
 */
const refusing = ['stop', 'stopall', 'unsubscribe', 'стоп', 'отписаться', 'отпишите', 'отписка'];
const allowing = ['start', 'unstop', 'старт', 'подписаться'];

/** Null when it is neither. */
export function consentWord(text: string): 'refused' | 'given' | null {
  if (isKeyword(text, refusing)) return 'refused';
  return isKeyword(text, allowing) ? 'given' : null;
}

import { otherLayout } from '../../clients/search-query.ts';

/** Words of a message that are looked at: keywords stand alone or near the beginning. */
const lookedAt = 2_000;
/** Longest message that may be a keyword alone, signs and blanks with it. */
const keywordText = 200;

/** Words only: lower case, without signs, ё as е, one blank between them. */
const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Letters that look alike in both alphabets: phones mix them, and nobody sees it. */
const latin = 'abcehkmoptxy';
const cyrillic = 'авсенкмортху';

/** A word that has both alphabets, in Cyrillic letters as far as they look like it. */
const unmixed = (word: string): string =>
  /\p{Script=Latin}/u.test(word) && /\p{Script=Cyrillic}/u.test(word)
    ? word.replace(/[a-z]/g, (letter) => cyrillic[latin.indexOf(letter)] ?? letter)
    : word;

/** The readings of a text: as it is, and as it would be with the other keyboard layout on. */
function readings(text: string): string[] {
  const start = text.slice(0, lookedAt);
  const plain = folded(start);
  return [...new Set([plain, plain.replace(/[^ ]+/g, unmixed), folded(otherLayout(start))])];
}

/** The readings of a message that may be nothing but a keyword; none of one that says more. */
function keywordReadings(text: string): string[] {
  const said = text.trim();
  return said.length > keywordText ? [] : readings(said);
}

/** Whether the whole message is one of these words, however it is written: `Стоп!`, `СТОП`, `cnjg`. */
export function isKeyword(text: string, words: readonly string[]): boolean {
  const found = keywordReadings(text);
  return words.some((word) => folded(word) !== '' && found.includes(folded(word)));
}

/** Whether one of these words or phrases stands in it, not as a part of a longer word. */
export function containsWord(text: string, words: readonly string[]): boolean {
  const found = readings(text).map((reading) => ` ${reading} `);
  return words.some((word) => folded(word) !== '' && found.some((reading) => reading.includes(` ${folded(word)} `)));
}

/**
 * What a person writes who wants no more messages, and who wants them again (CTIA Messaging Principles section 5.1.3, and their
 * Russian counterparts). "Cancel", "отмена" and "отказ" are left out: people cancel orders with them.
 */
const refusing = [
  ...['stop', 'stopall', 'stop all', 'unsubscribe', 'quit', 'end', 'revoke', 'optout', 'opt out'],
  ...['стоп', 'отписаться', 'отписать', 'отпишите', 'отписка', 'не пишите', 'не пиши', 'не присылать'],
];
const allowing = ['start', 'unstop', 'старт', 'подписаться'];

/** Null when it is neither. */
export function consentWord(text: string): 'refused' | 'given' | null {
  const found = keywordReadings(text);
  if (found.some((reading) => refusing.includes(reading))) return 'refused';
  return found.some((reading) => allowing.includes(reading)) ? 'given' : null;
}

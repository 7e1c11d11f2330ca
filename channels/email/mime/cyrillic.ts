import { limits } from '../limits.ts';

/** Windows first: it wins between equals. */
const candidates = ['windows-1251', 'koi8-r', 'ibm866', 'x-mac-cyrillic', 'iso-8859-5'].map((label) => ({
  label,
  decoder: new TextDecoder(label),
}));

/** Occurrences of small letters per thousand in Russian text; the Ukrainian ones at what they weigh there. */
const frequency = new Map<string, number>(
  Object.entries({
    ...{ о: 110, е: 85, а: 80, и: 74, н: 67, т: 63, с: 55, р: 47, в: 45, л: 44, к: 35, м: 32, д: 30, п: 28, у: 26 },
    ...{ я: 20, ы: 19, ь: 17, г: 17, з: 16, б: 16, ч: 14, й: 12, х: 10, ж: 9, ш: 7, ю: 6, ц: 5, щ: 4, э: 3, ф: 3 },
    ...{ ё: 2, ъ: 1, і: 20, ї: 8, є: 6, ґ: 1 },
  }),
);
const punctuation = new Set('«»—–“”„…№\u00a0');
const notRussian = -30;
const foreign = -50;
const capitalInside = -60;
const latinBeside = -40;
/** Below this mean the text is not Cyrillic in any of the candidates. */
const threshold = 12.5;

/** One character beyond ASCII; `afterSmall`: a small Cyrillic letter stands before it. */
function weigh(character: string, afterSmall: boolean): number {
  if (character < '\u0400' || character > '\u04ff') return punctuation.has(character) ? 0 : foreign;
  const small = character.toLowerCase();
  const weight = frequency.get(small) ?? notRussian;
  if (small === character) return weight;
  return weight / 3 + (afterSmall ? capitalInside : 0);
}

const isSmall = (character: string): boolean => character !== character.toUpperCase();
const isLatin = (character: string): boolean => /^[a-z]$/i.test(character);

/** Neighbouring characters beyond ASCII. One alone speaks for nothing: "à la carte" has the byte of a Russian word. */
function weighRun(run: string, before: string, after: string): number {
  let sum = (isLatin(before) ? latinBeside : 0) + (isLatin(after) ? latinBeside : 0);
  let afterSmall = false;
  for (const character of run) {
    sum += weigh(character, afterSmall);
    afterSmall = isSmall(character);
  }
  return run.length === 1 ? Math.min(sum, 0) : sum;
}

/** Mean plausibility of the characters beyond ASCII. KOI8 and Windows swap the cases: a capital inside a word gives it away. */
function plausibility(text: string): number {
  let sum = 0;
  let counted = 0;
  for (const { 0: run, index } of text.matchAll(/[\u0080-\uffff]+/g)) {
    sum += weighRun(run, text.charAt(index - 1), text.charAt(index + run.length));
    counted += run.length;
  }
  return counted === 0 ? 0 : sum / counted;
}

/** The charset of bytes that are not UTF-8 and that nothing names: Cyrillic by its letters, else windows-1252. */
export function guessCharset(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, limits.charsetSampleBytes);
  let best = 'windows-1252';
  let top = threshold;
  for (const { label, decoder } of candidates) {
    const score = plausibility(decoder.decode(sample));
    if (score > top) {
      best = label;
      top = score + 0.5;
    }
  }
  return best;
}

/**
 * What a short message costs: which alphabet a text needs, and where it is cut. Pure and shared with the browser, so that
 * the counter under the composer and the bytes on the wire are one computation. 3GPP TS 23.038 and TS 23.040 9.2.3.24.
 */

/** `gsm`: the GSM 7-bit default alphabet with its extension table. `ucs2`: UTF-16, what any Cyrillic letter needs. */
export type SmsAlphabet = 'gsm' | 'ucs2';

/**
 * GSM 7-bit default alphabet (TS 23.038 6.2.1): the index is the septet. 0x1b is the escape to the extension table and no
 * character.
 */
export const gsmBasic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** The escape to the extension table. */
export const gsmEscape = 0x1b;

/** Extension table (TS 23.038 6.2.1.1): each of these is written as an escape and one septet. */
export const gsmExtension: Readonly<Record<string, number>> = {
  '\f': 0x0a,
  '^': 0x14,
  '{': 0x28,
  '}': 0x29,
  '\\': 0x2f,
  '[': 0x3c,
  '~': 0x3d,
  ']': 0x3e,
  '|': 0x40,
  '€': 0x65,
};

/** Septets of each character that the GSM alphabet has. */
const septets = new Map<string, number>();
for (const character of gsmBasic) if (character !== '\u001b') septets.set(character, 1);
for (const character of Object.keys(gsmExtension)) septets.set(character, 2);

/**
 * Characters of word processors that look like one of the GSM alphabet, and alone would more than halve the room of a
 * Latin text. Characters without width vanish.
 */
const lookAlikes: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‘': "'",
  '’': "'",
  '‚': "'",
  '`': "'",
  '´': "'",
  '‐': '-',
  '‑': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '…': '...',
  '•': '*',
  '№': 'No',
  '\t': ' ',
  '\u00a0': ' ',
  '\u2009': ' ',
  '\u202f': ' ',
  '\u00ad': '',
  '\u200b': '',
  '\ufeff': '',
};
const anyLookAlike = new RegExp(`[${Object.keys(lookAlikes).join('')}]`, 'g');

/** Room of a message that stands alone, in septets or UTF-16 code units: 140 bytes. */
const alone = { gsm: 160, ucs2: 70 } as const satisfies Record<SmsAlphabet, number>;
/** Room beside a user data header with an 8-bit reference (6 bytes), and with a 16-bit one (7 bytes). */
const inSeries = {
  udh8: { gsm: 153, ucs2: 67 },
  udh16: { gsm: 152, ucs2: 66 },
} as const satisfies Record<string, Record<SmsAlphabet, number>>;

export interface SmsOptions {
  /** Which user data header ties the segments of a long message. Default `udh8`. */
  readonly header?: keyof typeof inSeries;
  /** Whether look-alikes are replaced when the whole text then fits the GSM alphabet. Default yes. */
  readonly replaceLookAlikes?: boolean;
}

/** A text as it will be sent. */
export interface SmsSegments {
  readonly alphabet: SmsAlphabet;
  /** What will be sent; joined segments are exactly this. Empty text has no segments. */
  readonly text: string;
  readonly segments: readonly string[];
  /** Room of one of these segments, and what is used of all and of the last: septets or UTF-16 code units. */
  readonly perSegment: number;
  readonly used: number;
  readonly usedOfLast: number;
}

/** What the composer shows under the text. */
export interface SmsCount {
  readonly alphabet: SmsAlphabet;
  /** As the network counts: septets (a character of the extension table is two) or UTF-16 code units. */
  readonly characters: number;
  /** 160 or 70 alone, 153 or 67 in a series. */
  readonly perSegment: number;
  readonly segments: number;
  /** How many more fit without another segment. */
  readonly leftInSegment: number;
  /** The text that will be sent: look-alikes replaced, one kind of line end, composed letters. */
  readonly text: string;
}

/** Whether every character is in the GSM alphabet or its extension table. */
export function fitsGsm(text: string): boolean {
  for (const character of text) if (!septets.has(character)) return false;
  return true;
}

/** Half of a surrogate pair has no meaning on any wire, so it becomes U+FFFD. */
const normalized = (text: string): string => text.replace(/\r\n?/g, '\n').normalize('NFC').toWellFormed();

function chooseAlphabet(text: string, replaceLookAlikes: boolean): { alphabet: SmsAlphabet; text: string } {
  if (fitsGsm(text)) return { alphabet: 'gsm', text };
  const replaced = replaceLookAlikes ? text.replace(anyLookAlike, (found) => lookAlikes[found] ?? found) : text;
  // half a replacement gains nothing: Cyrillic text keeps its quotes and dashes
  return fitsGsm(replaced) ? { alphabet: 'gsm', text: replaced } : { alphabet: 'ucs2', text };
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** What must not be cut: an escape pair, a surrogate pair, a letter with its marks, an emoji of several. */
function* atomsOf(text: string, alphabet: SmsAlphabet, room: number): Generator<string> {
  if (alphabet === 'gsm') return yield* text;
  for (const { segment } of graphemes.segment(text)) {
    // a letter under a heap of marks that fills a segment: only its surrogate pairs can be kept whole
    if (segment.length > room) yield* segment;
    else yield segment;
  }
}

const widthOf = (atom: string, alphabet: SmsAlphabet): number =>
  alphabet === 'gsm' ? (septets.get(atom) ?? 1) : atom.length;

function widthOfAll(text: string, alphabet: SmsAlphabet): number {
  if (alphabet === 'ucs2') return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character, alphabet);
  return width;
}

/** Chooses the alphabet and cuts the text into segments. Joined, they are `text` of the result. */
export function splitSms(input: string, options: SmsOptions = {}): SmsSegments {
  const { alphabet, text } = chooseAlphabet(normalized(input), options.replaceLookAlikes ?? true);
  const used = widthOfAll(text, alphabet);
  if (used <= alone[alphabet]) {
    const segments = text === '' ? [] : [text];
    return { alphabet, text, segments, perSegment: alone[alphabet], used, usedOfLast: used };
  }
  const perSegment = inSeries[options.header ?? 'udh8'][alphabet];
  const segments: string[] = [];
  let current = '';
  let usedOfLast = 0;
  for (const atom of atomsOf(text, alphabet, perSegment)) {
    const width = widthOf(atom, alphabet);
    if (usedOfLast + width > perSegment) {
      segments.push(current);
      current = '';
      usedOfLast = 0;
    }
    current += atom;
    usedOfLast += width;
  }
  segments.push(current);
  return { alphabet, text, segments, perSegment, used, usedOfLast };
}

/** The counter under the composer. */
export function countSms(input: string, options: SmsOptions = {}): SmsCount {
  const { alphabet, text, segments, perSegment, used, usedOfLast } = splitSms(input, options);
  const leftInSegment = perSegment - usedOfLast;
  return { alphabet, characters: used, perSegment, segments: segments.length, leftInSegment, text };
}

import { isBlank, isQuoted, type Line } from './lines.ts';

/** Longer lines are nobody's mark or attribution. */
const longest = 400;

/** Our own line: what is below it is ours. Any language, `##- ... -##`. */
const ownMark = /^(?:> ?)*##-.{0,120}-##$/;

const dashes = (words: readonly string[], tail: string) =>
  new RegExp(`^[-_]{2,}\\s*(?:${words.join('|')})\\s*[-_]{2,}${tail}$`, 'i');

const forwardMark = dashes(
  [
    'forwarded message',
    'пересылаемое сообщение',
    'пересланное сообщение',
    'переадресованное сообщение',
    'weitergeleitete nachricht',
    'message transféré',
    'mensaje reenviado',
  ],
  '\\s*:?',
);
const forwardLine = /^(?:begin forwarded message|начало (?:переадресованного|пересылаемого) сообщения)\s*:$/i;

const originalMark = dashes(
  [
    'original message',
    'исходное сообщение',
    'оригинальное сообщение',
    'ursprüngliche nachricht',
    "message d'origine",
    'mensaje original',
    'messaggio originale',
    'wiadomość oryginalna',
  ],
  '',
);

const fits = ({ bare }: Line): boolean => bare.length > 0 && bare.length <= longest;

export const isOwnMark = (line: Line): boolean => fits(line) && ownMark.test(line.bare);
/** What follows is what the writer wants read. */
export const isForwardMark = (line: Line): boolean =>
  fits(line) && (forwardMark.test(line.bare) || forwardLine.test(line.bare));
export const isOriginalMark = (line: Line): boolean => fits(line) && originalMark.test(line.bare);

/** Names of the fields that Outlook writes above an original, in the languages of its users. */
const headerNames = {
  from: /^\*?(?:от|от кого|from|von|de|da|od|від)\*?\s?:/i,
  date: /^\*?(?:отправлено|дата|sent|date|gesendet|datum|envoyé|enviado|inviato|data|надіслано)\*?\s?:/i,
  to: /^\*?(?:кому|to|an|à|para|a|do)\*?\s?:/i,
  subject: /^\*?(?:тема|subject|betreff|objet|asunto|oggetto|temat)\*?\s?:/i,
  cc: /^\*?(?:копия|cc|kopie)\*?\s?:/i,
} as const;
type HeaderName = keyof typeof headerNames;
const names = Object.keys(headerNames) as HeaderName[];
const blockLength = 8;

/** The header block of Outlook: a From, a date, a To or a subject close together. One such word alone is a letter's. */
export function isHeaderBlock(lines: readonly Line[], at: number): boolean {
  const first = lines[at];
  if (!first || !fits(first) || !headerNames.from.test(first.bare)) return false;
  const seen = new Set<HeaderName>();
  let foreign = 0;
  for (const line of lines.slice(at, at + blockLength)) {
    if (isBlank(line) || foreign > 2) break;
    const name = names.find((candidate) => headerNames[candidate].test(line.bare));
    if (name) seen.add(name);
    else foreign++;
  }
  return seen.size >= 3 && seen.has('date') && (seen.has('to') || seen.has('subject'));
}

const time = /\d{1,2}[:.]\d{2}/;
const address = /[^\s@]@[^\s@]{1,250}\.[^\s@]/;
const date = /\b\d{1,2}[./ -][^\s]{2,12}[./ -]\d{2,4}|\d{4}-\d{2}-\d{2}/;
const verb = /wrote|написал|пишет|schrieb|écrit|escribi|scritto/i;
const verbAtEnd = /(?:wrote|написал(?:а|\(а\))?|пишет|schrieb|a écrit|escribió|ha scritto)\s?[:：]?$/i;
const attributionLines = 3;

/** Names a time, an address, a date or the word "wrote": two of them in one sentence that leads to a quotation. */
function readsAsAttribution(sentence: string): boolean {
  if (!/[:：]$/.test(sentence) && !verbAtEnd.test(sentence)) return false;
  return [time, address, date, verb].filter((pattern) => pattern.test(sentence)).length >= 2;
}

/** Does a line begin an attribution that goes on in the next: it has not ended, and names something? */
const goesOn = (line: Line): boolean => !/[.!?…]$/.test(line.bare) && /\d{1,2}[:.]\d{2}|\d{4}|[<@]/.test(line.bare);

/**
 * How many lines from `at` introduce the quotation below them ("чт, 5 июн. в 09:15, Анна <anna@x>:"), in any language; 0 for none.
 */
export function attributionAt(lines: readonly Line[], at: number): number {
  let sentence = '';
  for (let count = 1; count <= attributionLines; count++) {
    const line = lines[at + count - 1];
    if (!line || !fits(line) || isQuoted(line)) return 0;
    sentence = sentence === '' ? line.bare : `${sentence} ${line.bare}`;
    if (sentence.length > longest) return 0;
    if (readsAsAttribution(sentence)) {
      let below = at + count;
      while (isBlank(lines[below])) below++;
      return isQuoted(lines[below]) ? count : 0;
    }
    if (!goesOn(line)) return 0;
  }
  return 0;
}

const sentFrom =
  /^(?:отправлено (?:из|с|со) |sent from (?:my|yahoo|outlook|mail)|get outlook for|von meinem .{1,40} gesendet|envoyé de mon|надіслано з)/i;
/** A signature with a careless separator is no longer than this. */
const looseSignatureLines = 12;
const deviceSignatureLines = 6;

/** Does a signature begin at `at`, when the text of its writer ends before line `end`? RFC 3676 section 4.3, and phones. */
export function isSignatureStart(lines: readonly Line[], at: number, end: number): boolean {
  const line = lines[at];
  if (!line) return false;
  if (line.text === '-- ') return true;
  if (line.bare === '--') return end - at <= looseSignatureLines;
  return fits(line) && sentFrom.test(line.bare) && end - at <= deviceSignatureLines;
}

import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { guessCharset } from './cyrillic.ts';
import type { Notes } from './notes.ts';

/** Names that mail programs write and no registry has. '' stands for "says nothing". */
const aliases: Readonly<Record<string, string>> = {
  'win-1251': 'windows-1251',
  windows1251: 'windows-1251',
  'cp-1251': 'windows-1251',
  win1251: 'windows-1251',
  '1251': 'windows-1251',
  koi8r: 'koi8-r',
  'koi-8': 'koi8-r',
  koi8: 'koi8-r',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  cp874: 'windows-874',
  cp50220: 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  'mac-cyrillic': 'x-mac-cyrillic',
  'iso-8859-1-windows-3.1-latin-1': 'windows-1252',
  utf8mb4: 'utf-8',
  utf7: 'utf-7',
  'unicode-1-1-utf-7': 'utf-7',
  'x-unicode-2-0-utf-7': 'utf-7',
  default: '',
  unknown: '',
  'x-unknown': '',
  'unknown-8bit': '',
  none: '',
  binary: '',
  '8bit': '',
};

const decoders = new Map<string, TextDecoder | null>();
/** Labels come from the wire: after so many the cache stops growing. */
const cachedDecoders = 200;

function decoderOf(label: string): TextDecoder | null {
  const cached = decoders.get(label);
  if (cached !== undefined) return cached;
  let decoder: TextDecoder | null;
  try {
    decoder = new TextDecoder(label);
  } catch {
    decoder = null; // a name the platform does not know: the caller treats it as no name
  }
  if (decoders.size < cachedDecoders) decoders.set(label, decoder);
  return decoder;
}

/**
 * The usable name in what a message wrote for a charset: quotes, underscores and escape sequences round it are dropped, common
 * misspellings mended. Null when it names nothing that can be decoded.
 */
export function charsetNamed(label: string | null | undefined): string | null {
  const bare = (label ?? '')
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^a-z0-9_:.+$-]/g, '')
    .replace(/^_+/, '')
    .replace(/\$.*$/, '')
    .replace(/^cs(?=koi8|windows|iso|utf)/, '');
  const name = aliases[bare] ?? bare;
  if (name === '') return null;
  return name === 'utf-7' || decoderOf(name) ? name : null;
}

/** RFC 2152. Buffer skips what is no base64, so a broken run costs its own characters only. */
function decodeUtf7(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/\+([A-Za-z0-9+/]*)-?/g, (_, run: string) => {
    if (run === '') return '+';
    const units = Buffer.from(run, 'base64');
    return units
      .subarray(0, units.length - (units.length % 2))
      .swap16()
      .toString('utf16le');
  });
}

function byteOrderMark(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

const decode = (bytes: Buffer, label: string): string =>
  (decoderOf(label) ?? new TextDecoder('windows-1252')).decode(bytes);

/** UTF-8 with a stray byte or cut in the middle of a character is still UTF-8. */
function mostlyUtf8(bytes: Buffer): string | null {
  const text = decode(bytes, 'utf-8');
  let broken = 0;
  let beyondAscii = 0;
  for (const character of text) {
    if (character === '\ufffd') broken++;
    else if (character > '\u007f') beyondAscii++;
  }
  return broken < beyondAscii / 20 || (broken <= 2 && broken < beyondAscii) ? text : null;
}

/** Says nothing about bytes beyond ASCII, or is written without thought. */
const saysLittle = new Set([null, 'utf-8', 'us-ascii', 'ascii', 'ansi_x3.4-1968']);
/** Their text consists of ASCII bytes. */
const sevenBit = /^(?:iso-2022|utf-16)/;

/** The name to decode with when the label says little or lies. */
function charsetOfBytes(bytes: Buffer, hint: string | null): string {
  if (isUtf8(bytes)) return 'utf-8';
  if (hint !== null && !saysLittle.has(hint) && hint !== 'utf-7') return hint;
  return guessCharset(bytes);
}

/** What the bytes were said to be, and who hears that it was wrong. */
export interface CharsetClaim {
  /** As the wire wrote it. */
  readonly label?: string | null | undefined;
  /** The charset of the rest of the message, for bytes that nothing names. */
  readonly hint?: string | null | undefined;
  readonly notes?: Notes;
}

/**
 * Bytes to text when the label may be absent or wrong. A label that the bytes contradict is not believed: UTF-8 is tried first,
 * then the hint, then Cyrillic by its letters, then windows-1252. Never throws; what cannot be decoded is U+FFFD.
 */
export function decodeBytes(bytes: Buffer, { label, hint, notes }: CharsetClaim = {}): string {
  const named = charsetNamed(label);
  if (label && named === null) notes?.defects.add('charset-unknown');
  if (named === 'utf-7') return decodeUtf7(bytes);
  const marked = byteOrderMark(bytes);
  if (marked !== null) return decode(bytes, marked);
  if (isAscii(bytes) && (named === null || !sevenBit.test(named))) return bytes.toString('latin1');
  if (named !== null && !saysLittle.has(named)) return decode(bytes, named);
  if (named === 'utf-8' && !isUtf8(bytes)) {
    notes?.defects.add('charset-wrong');
    const text = mostlyUtf8(bytes);
    if (text !== null) return text;
  }
  const found = charsetOfBytes(bytes, charsetNamed(hint));
  if (named !== null && named !== found) notes?.defects.add('charset-wrong');
  return decode(bytes, found);
}

import { charsetNamed, decodeBytes } from './charset.ts';
import { oneLine } from './clean.ts';
import { decodeBase64, escapedByte } from './transfer.ts';

/**
 * RFC 2047 section 2 with the language of RFC 2231 section 5. Longer than 75 characters and blanks inside are accepted: both are
 * sent. No class contains the question mark, so a scan never goes over the same text more than a few times.
 */
const word = /=\?([^?*\s]{1,100})(?:\*[^?\s]{0,100})?\?([bq])\?([^?]*)\?=/gi;
const wordHere = new RegExp(word.source, 'iy');

/** The encoded-word that begins exactly at `at`, undecoded; '' when none does. For scanners: nothing inside it is syntax. */
export function encodedWordAt(raw: string, at: number): string {
  if (!raw.startsWith('=?', at)) return '';
  wordHere.lastIndex = at;
  return wordHere.exec(raw)?.[0] ?? '';
}

/** Section 4.2: as quoted-printable, but `_` is a blank and line ends mean nothing. */
function decodeQ(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('_', ' '), 'latin1');
  const out = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const escaped = bytes[at] === 61 ? escapedByte(bytes, at) : -1;
    out[length++] = escaped < 0 ? (bytes[at] ?? 0) : escaped;
    if (escaped >= 0) at += 2;
  }
  return out.subarray(0, length);
}

interface Run {
  label: string;
  bytes: Buffer[];
}

/** ISO-2022 words each begin in ASCII: joined they would still decode, but an unclosed shift would eat the next one. */
const joinable = (label: string): boolean => !/^iso-2022/i.test(label);

/**
 * The text of a header value (one character per byte in, Unicode out, one line). Neighbouring words of one charset are joined as
 * bytes before they are decoded: senders cut characters in two. Bytes outside of words are UTF-8 (RFC 6532) or guessed.
 */
export function decodeWords(raw: string, hint?: string | null): string {
  const pieces: string[] = [];
  let run: Run | null = null;
  let last = 0;
  function flush(): void {
    if (run) pieces.push(decodeBytes(Buffer.concat(run.bytes), { label: run.label, hint }));
    run = null;
  }
  for (const match of raw.matchAll(word)) {
    const [whole, label = '', encoding = '', content = ''] = match;
    const gap = raw.slice(last, match.index);
    // section 6.2: white space between two encoded-words is not shown
    const separate = last === 0 || gap.trim() !== '';
    if (separate) {
      flush();
      pieces.push(decodeBytes(Buffer.from(gap, 'latin1'), { hint }));
    }
    const bytes = /b/i.test(encoding) ? decodeBase64(Buffer.from(content, 'latin1')) : decodeQ(content);
    const open = run as Run | null;
    const name = charsetNamed(label) ?? label;
    if (open && open.label === name && joinable(name)) open.bytes.push(bytes);
    else {
      flush();
      run = { label: name, bytes: [bytes] };
    }
    last = match.index + whole.length;
  }
  flush();
  pieces.push(decodeBytes(Buffer.from(raw.slice(last), 'latin1'), { hint }));
  return oneLine(pieces.join(''));
}

import { limits } from '../limits.ts';
import { decodeBytes } from './charset.ts';
import { oneLine } from './clean.ts';
import { decodeWords } from './encoded-words.ts';

/** A Content-Type or Content-Disposition: its value in lower case, its parameters by lower-case name, decoded. */
export interface ParameterField {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

interface Piece {
  readonly name: string;
  readonly value: string;
}

/** The quoted string that begins at `at`; an unclosed one ends with the text. */
function quotedString(text: string, at: number): { value: string; next: number } {
  let value = '';
  let next = at + 1;
  for (; next < text.length && text.charAt(next) !== '"'; next++) {
    const character = text.charAt(next);
    // only these two are escaped in practice: Windows paths come with single backslashes
    if (character === '\\' && (text.charAt(next + 1) === '"' || text.charAt(next + 1) === '\\')) next++;
    value += text.charAt(next);
  }
  return { value, next: next + 1 };
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length && pieces.length < limits.parameters) {
    const equals = text.indexOf('=', at);
    if (equals < 0) break;
    // what has no equals sign of its own stands before the last blank or semicolon
    const name = text.slice(at, equals).trim().split(/[;\s]/).at(-1) ?? '';
    let start = equals + 1;
    // Outlook folds after the equals sign
    while (text.charAt(start) === ' ' || text.charAt(start) === '\t') start++;
    const quoted = text.charAt(start) === '"';
    const semicolon = text.indexOf(';', start);
    const end = semicolon < 0 ? text.length : semicolon;
    const { value, next } = quoted ? quotedString(text, start) : { value: text.slice(start, end).trim(), next: end };
    pieces.push({ name: name.toLowerCase(), value });
    const after = text.indexOf(';', next);
    at = after < 0 ? text.length : after + 1;
  }
  return pieces;
}

const percentDecoded = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

interface Continuation {
  readonly index: number;
  readonly encoded: boolean;
  readonly value: string;
}

/** RFC 2231 sections 3 and 4: the pieces in the order of their numbers, the charset named by the first. */
function joined(pieces: readonly Continuation[]): string {
  const ordered = [...pieces].sort((a, b) => a.index - b.index);
  let label: string | undefined;
  const bytes = ordered.map(({ encoded, value }, position) => {
    if (!encoded) return Buffer.from(value, 'latin1');
    const [charset, , ...rest] = position === 0 ? value.split("'") : [];
    if (rest.length === 0) return percentDecoded(value);
    label = charset;
    return percentDecoded(rest.join("'"));
  });
  return oneLine(decodeBytes(Buffer.concat(bytes), { label: label || 'utf-8' }));
}

/**
 * Reads `value; name=text; name*0*=charset'lang'text` (RFC 2045 section 5.1, RFC 2231) and what is written instead: encoded-words
 * and raw bytes in quoted strings. A numbered or extended form wins over a plain one of the same name; of plain ones the first.
 */
export function readParameters(raw: string): ParameterField {
  const text = raw.slice(0, limits.parameterFieldLength);
  const semicolon = text.indexOf(';');
  const head = semicolon < 0 ? text : text.slice(0, semicolon);
  const parameters = new Map<string, string>();
  const continued = new Map<string, Continuation[]>();
  for (const { name, value } of semicolon < 0 ? [] : piecesOf(text.slice(semicolon + 1))) {
    const numbered = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name);
    if (numbered?.[1]) {
      const list = continued.get(numbered[1]) ?? [];
      list.push({ index: Number(numbered[2] ?? 0), encoded: !numbered[2] || Boolean(numbered[3]), value });
      continued.set(numbered[1], list);
    } else if (!parameters.has(name)) {
      // a boundary is compared with bytes: what looks like an encoded-word in it is none
      parameters.set(name, name === 'boundary' ? value : decodeWords(value));
    }
  }
  for (const [name, pieces] of continued) parameters.set(name, joined(pieces));
  return {
    value: head
      .replace(/\([^)]*\)/g, '')
      .trim()
      .toLowerCase(),
    parameters,
  };
}

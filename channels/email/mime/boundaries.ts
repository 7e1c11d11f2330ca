import { limits } from '../limits.ts';

/** The pieces between the delimiters of one multipart (RFC 2046 section 5.1.1). */
export interface Pieces {
  readonly bodies: Buffer[];
  /** The closing delimiter was there. */
  readonly closed: boolean;
  /** There were more than the caller wanted. */
  readonly more: boolean;
}

const lineFeed = 10;
const carriageReturn = 13;

/** `end` without the line end before it, which belongs to the delimiter. */
function beforeLineEnd(body: Buffer, start: number, end: number): number {
  let last = end;
  if (last > start && body[last - 1] === lineFeed) last--;
  if (last > start && last < end && body[last - 1] === carriageReturn) last--;
  return last;
}

/** What stands between the delimiter and the end of its line: '' for a delimiter, '--' for the closing one. */
function restOfLine(body: Buffer, at: number): { rest: string; next: number } {
  const found = body.indexOf(lineFeed, at);
  const end = found < 0 ? body.length : found;
  // more than some blanks: it is another, longer boundary, and how long does not matter
  return { rest: body.toString('latin1', at, Math.min(end, at + 80)).trimEnd(), next: end + 1 };
}

/** Cuts a body at a boundary, at most `most` pieces. The preamble and the epilogue are nobody's text. */
export function piecesBetween(body: Buffer, boundary: string, most: number): Pieces {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const bodies: Buffer[] = [];
  let start = -1;
  let from = 0;
  for (;;) {
    const found = body.indexOf(delimiter, from);
    if (found < 0) break;
    from = found + delimiter.length;
    if (found > 0 && body[found - 1] !== lineFeed) continue;
    const { rest, next } = restOfLine(body, from);
    if (rest !== '' && rest !== '--') continue;
    if (start >= 0) bodies.push(body.subarray(start, beforeLineEnd(body, start, found)));
    if (rest === '--') return { bodies, closed: true, more: false };
    if (bodies.length >= most) return { bodies, closed: true, more: true };
    start = next;
    from = Math.min(next, body.length);
  }
  if (start >= 0 && start <= body.length) bodies.push(body.subarray(start));
  return { bodies, closed: false, more: false };
}

/** A boundary that works, for a multipart that names none or a wrong one: the first `--line` that a part's header follows. */
export function guessBoundary(body: Buffer): string | null {
  const lines = body.toString('latin1', 0, limits.boundarySearchBytes).split('\n');
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('--') || line.length > limits.boundaryLength) continue;
    const boundary = line.slice(2).trimEnd();
    const next = lines[index + 1]?.trimEnd();
    // '-- ' begins a signature
    if (/^[^\s-]/.test(boundary) && (next === '' || next?.toLowerCase().startsWith('content-'))) return boundary;
  }
  return null;
}

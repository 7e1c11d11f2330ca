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
const dash = 45;

/** `end` without the line end before it, which belongs to the delimiter. */
function beforeLineEnd(body: Buffer, start: number, end: number): number {
  let last = end;
  if (last > start && body[last - 1] === lineFeed) last--;
  if (last > start && last < end && body[last - 1] === carriageReturn) last--;
  return last;
}

/** Line ends in messages with other line ends, and what editors leave behind a delimiter. */
const blanks = new Set([9, 11, 12, carriageReturn, 32, 0xa0]);

/** What follows a delimiter: the end of its line, or two dashes and the end. Null: it is another, longer boundary. */
function endOfDelimiter(body: Buffer, at: number): { isLast: boolean; next: number } | null {
  const isLast = body[at] === dash && body[at + 1] === dash;
  let next = isLast ? at + 2 : at;
  while (blanks.has(body[next] ?? lineFeed)) next++;
  return next >= body.length || body[next] === lineFeed ? { isLast, next: next + 1 } : null;
}

/** Cuts a body at a boundary, at most `most` pieces. The preamble and the epilogue are nobody's text. */
export function piecesBetween(body: Buffer, boundary: string, most: number): Pieces {
  // searched for with the line end before it: millions of others may stand inside of lines
  const delimiter = Buffer.from(`\n--${boundary}`, 'latin1');
  const bodies: Buffer[] = [];
  let start = -1;
  let others = 0;
  const after = (from: number): number => {
    const at = body.indexOf(delimiter, from);
    return at < 0 ? -1 : at + 1;
  };
  const isFirst = body.subarray(0, delimiter.length - 1).equals(delimiter.subarray(1));
  for (let found = isFirst ? 0 : after(0); found >= 0; found = after(found)) {
    const end = endOfDelimiter(body, found + delimiter.length - 1);
    if (!end && ++others > limits.otherBoundaries) break;
    if (!end) continue;
    if (start >= 0) bodies.push(body.subarray(start, beforeLineEnd(body, start, found)));
    if (end.isLast) return { bodies, closed: true, more: false };
    if (bodies.length >= most) return { bodies, closed: true, more: true };
    start = end.next;
  }
  if (start >= 0 && start <= body.length) bodies.push(body.subarray(start));
  return { bodies, closed: false, more: others > limits.otherBoundaries };
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

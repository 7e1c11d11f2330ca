import { limits } from '../limits.ts';

export interface UuencodedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const begin = /^begin [0-7]{3,4} (\S.{0,250})$/;

/** One line (POSIX uuencode): a length, then four characters for three bytes. Null when it is none. */
function lineBytes(line: string): Buffer | null {
  const length = (line.charCodeAt(0) - 32) & 63;
  const groups = Math.ceil(length / 3);
  // trailing blanks get lost on the way: up to three characters may be missing
  if (line === '' || line.length - 1 < groups * 4 - 3) return null;
  const out = Buffer.alloc(groups * 3);
  const six = (index: number) => ((line.charCodeAt(index) || 32) - 32) & 63;
  for (let group = 0; group < groups; group++) {
    const at = 1 + group * 4;
    out.writeUIntBE((six(at) << 18) | (six(at + 1) << 12) | (six(at + 2) << 6) | six(at + 3), group * 3, 3);
  }
  return out.subarray(0, length);
}

/** The file that begins at line `start`; null when its end is missing or a line of it is wrong. */
function fileAt(lines: readonly string[], start: number, name: string): { file: UuencodedFile; next: number } | null {
  const pieces: Buffer[] = [];
  for (let index = start + 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line.trimEnd() === 'end') return { file: { name, bytes: Buffer.concat(pieces) }, next: index + 1 };
    const bytes = lineBytes(line.trimEnd() || '`');
    if (!bytes) return null;
    pieces.push(bytes);
  }
  return null;
}

/** Takes uuencoded files out of a plain text, at most limits.uuencodedFiles. What only looks like one stays where it is. */
export function takeUuencoded(text: string): { text: string; files: UuencodedFile[] } {
  if (!text.includes('begin ')) return { text, files: [] };
  const lines = text.split('\n');
  const kept: string[] = [];
  const files: UuencodedFile[] = [];
  const lastEnd = lines.findLastIndex((line) => line.trimEnd() === 'end');
  let attempts = 0;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const name = at < lastEnd && attempts < limits.uuencodedFiles ? begin.exec(line)?.[1]?.trim() : undefined;
    // every attempt may read to the end of the text: they are counted, not the files
    if (name) attempts++;
    const found = name ? fileAt(lines, at, name) : null;
    if (found) files.push(found.file);
    else kept.push(line);
    at = found ? found.next : at + 1;
  }
  return { text: kept.join('\n'), files };
}

import { open } from 'node:fs/promises';
import { type ImportDelimiter, type ImportEncoding, importDelimiters } from '../../contract/client-imports.ts';
import { createCsvReader } from './csv.ts';
import { importLimits } from './limits.ts';

/** UTF-16 without a mark shows in its zero bytes: they stand for the upper half of every Latin letter, digit and delimiter. */
function utf16Of(head: Uint8Array): ImportEncoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > 2 * even && odd > head.length / 20) return 'utf-16le';
  return even > 2 * odd && even > head.length / 20 ? 'utf-16be' : null;
}

/**
 * The encoding of a file. Looks at all of it: a list may be plain ASCII for thousands of rows before the first name
 * in Cyrillic. What is neither UTF-16 nor valid UTF-8 is taken for windows-1251.
 */
export async function guessEncoding(path: string): Promise<ImportEncoding> {
  const file = await open(path);
  try {
    const chunk = new Uint8Array(importLimits.chunkBytes);
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) break;
      const bytes = chunk.subarray(0, bytesRead);
      const wide = position === 0 ? utf16Of(bytes) : null;
      if (wide) return wide;
      decoder.decode(bytes, { stream: true });
      position += bytesRead;
    }
    decoder.decode();
    return 'utf-8';
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1251';
    throw error;
  } finally {
    await file.close();
  }
}

/** The first rows of a file; the one that the end of the piece cuts is left out. */
export async function readHead(path: string, encoding: ImportEncoding): Promise<string> {
  const file = await open(path);
  try {
    const chunk = new Uint8Array(importLimits.previewBytes);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, 0);
    return new TextDecoder(encoding).decode(chunk.subarray(0, bytesRead), { stream: true });
  } finally {
    await file.close();
  }
}

/** Rows of the beginning of a file. */
export function headRows(text: string, delimiter: string, count: number): string[][] {
  const reader = createCsvReader(delimiter);
  const rows = reader.read(text);
  return (rows.length > 0 ? rows : reader.end()).slice(0, count);
}

/** The delimiter with which most rows have the same number of cells, and more than one. */
export function guessDelimiter(text: string): ImportDelimiter {
  const score = (delimiter: string): number => {
    const widths = headRows(text, delimiter, importLimits.previewRows).map((row) => row.length);
    const [first = 1] = widths;
    return first < 2 ? 0 : widths.filter((width) => width === first).length * 1000 + first;
  };
  const best = importDelimiters.map((delimiter) => ({ delimiter, score: score(delimiter) }));
  return best.reduce((one, other) => (other.score > one.score ? other : one)).delimiter;
}

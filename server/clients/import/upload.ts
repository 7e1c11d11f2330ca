import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../kernel/errors.ts';
import { importLimits } from './limits.ts';

/**
 * Writes a stream to a file, from an offset on; the file ends where the stream ends or breaks. Its length.
 * @throws AppError `too_large` when it would be longer than `most`
 */
export async function receiveFile(stream: Readable, path: string, offset: number, most: number): Promise<number> {
  let length = offset;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > most) done(new AppError('too_large', `the file is longer than ${most} bytes`));
      else done(null, chunk);
    },
  });
  await pipeline(stream, count, createWriteStream(path, { flags: offset === 0 ? 'w' : 'r+', start: offset }));
  return length;
}

/** Bytes that have arrived, whatever the books say. */
export const receivedBytes = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

/** A file's own name, without folders and invisible characters. */
export function safeFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}]/gu, '').trim();
  return plain.slice(0, importLimits.fileName) || 'clients.csv';
}

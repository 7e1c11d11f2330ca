import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AppError } from '../../kernel/errors.ts';
import { importLimits } from './limits.ts';

/**
 * Writes a stream to a file, from an offset on; what has come stays when the stream breaks. The file's new length.
 * The stream is left open when it is too long: it is the request that the answer goes out by.
 * @throws AppError `too_large` when it would be longer than `most`; then the file is as it was
 */
export async function receiveFile(stream: Readable, path: string, offset: number, most: number): Promise<number> {
  const file = await open(path, offset === 0 ? 'w' : 'r+');
  let length = offset;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      if (length + bytes.length > most) {
        await file.truncate(offset);
        throw new AppError('too_large', `the file is longer than ${most} bytes`);
      }
      await file.write(bytes, 0, bytes.length, length);
      length += bytes.length;
    }
    return length;
  } finally {
    await file.close();
  }
}

/** Bytes that have arrived, whatever the books say. */
export const receivedBytes = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

/** A file's own name, without folders and invisible characters. */
export function safeFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}]/gu, '').trim();
  return plain.slice(0, importLimits.fileName) || 'clients.csv';
}

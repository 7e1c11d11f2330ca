import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseByteRange } from './byte-range.ts';

export interface SoundFile {
  /** Absolute path of a WAV file. */
  readonly path: string;
  readonly size: number;
  /** What a browser calls it when it is saved. */
  readonly fileName: string;
  /** Called when it is read from its beginning: a player that seeks asks many times. */
  readonly onBegin?: () => Promise<void>;
}

/** Sends a WAV file, whole or the one range that was asked for, so that players can seek. */
export async function sendSound(request: FastifyRequest, reply: FastifyReply, file: SoundFile): Promise<FastifyReply> {
  const { path, size, fileName, onBegin } = file;
  reply.headers({
    'accept-ranges': 'bytes',
    'content-type': 'audio/wav',
    'content-disposition': `inline; filename="${fileName}"`,
    'cache-control': 'private, no-cache',
  });
  const range = parseByteRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    return await reply.code(416).header('content-range', `bytes */${size}`).send();
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (start === 0 && request.method === 'GET') await onBegin?.();
  if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  reply.header('content-length', end - start + 1);
  if (request.method === 'HEAD' || size === 0) return await reply.send('');
  return await reply.send(createReadStream(path, { start, end }));
}

/** Length of a file in bytes; null when it is not there. */
export async function sizeOfFile(path: string): Promise<number | null> {
  // deleted while its row is still there: as good as absent
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}

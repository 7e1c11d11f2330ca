import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Access, rights } from '../access/index.ts';
import { Uuid } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import { parseByteRange } from './byte-range.ts';
import { requireUser } from './operations.ts';
import { compileValidator } from './validation.ts';

/** Where a recording lies. */
export interface RecordingFile {
  /** Absolute path of a WAV file. */
  readonly path: string;
  readonly state: 'recording' | 'ready' | 'failed';
}

/** The recording with this id, or null. */
export type FindRecordingFile = (id: string) => Promise<RecordingFile | null>;

export interface RecordingRoutesOptions {
  readonly access: Access;
  readonly recordingFile: FindRecordingFile;
}

export const recordingPath = '/api/v1/recordings/:id';

/** Streams recordings to signed-in users, whole or in part, so that players can seek. */
export function mountRecordingRoutes(app: FastifyInstance, options: RecordingRoutesOptions): void {
  app.route<{ Params: { id: string } }>({
    // HEAD by hand: the framework's own would read the whole file
    method: ['GET', 'HEAD'],
    url: recordingPath,
    schema: { params: Type.Object({ id: Uuid }) },
    validatorCompiler: compileValidator,
    preParsing: async (request) => void requireUser(request, rights['recordings.play']),
    handler: (request, reply) => sendRecording(options, request, reply),
  });
}

async function sendRecording(
  { access, recordingFile }: RecordingRoutesOptions,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  const user = requireUser(request);
  const file = await recordingFile(id);
  if (file?.state === 'recording') throw new AppError('conflict', 'the call is still being recorded');
  const size = file?.state === 'ready' ? await sizeOf(file.path) : null;
  if (file === null || size === null) throw new AppError('not_found', 'there is no such recording');

  reply.headers({
    'accept-ranges': 'bytes',
    'content-type': 'audio/wav',
    'content-disposition': `inline; filename="${id}.wav"`,
    'cache-control': 'private, no-cache',
  });
  const range = parseByteRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    return await reply.code(416).header('content-range', `bytes */${size}`).send();
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  // a player that seeks asks many times: the log has one line for each time it began
  if (start === 0 && request.method === 'GET') {
    await access.audit({ userId: user.id, action: 'recording.played', subject: `recording:${id}` });
  }
  if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  reply.header('content-length', end - start + 1);
  if (request.method === 'HEAD' || size === 0) return await reply.send('');
  return await reply.send(createReadStream(file.path, { start, end }));
}

async function sizeOf(path: string): Promise<number | null> {
  // deleted by retention while its row is still there: as good as absent
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}

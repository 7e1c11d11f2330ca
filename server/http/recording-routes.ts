import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Access, rights } from '../access/index.ts';
import type { SignedInUser } from '../access/route.ts';
import { Uuid } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId } from '../kernel/ids.ts';
import { sendSound, sizeOfFile } from './file-range.ts';
import { requireUser } from './operations.ts';
import { compileValidator } from './validation.ts';

/** Where a recording lies. */
export interface RecordingFile {
  /** Absolute path of a WAV file. */
  readonly path: string;
  readonly state: 'recording' | 'ready' | 'failed';
  /** The card on whose timeline its call stands. */
  readonly clientId: ClientId | null;
  /** It is not for this user. */
  readonly isHidden: boolean;
}

/** The recording with this id, or null. */
export type FindRecordingFile = (id: string, user: SignedInUser) => Promise<RecordingFile | null>;

export interface RecordingRoutesOptions {
  readonly access: Access;
  readonly recordingFile: FindRecordingFile;
}

export const recordingPath = '/api/v1/recordings/:id';

/**
 * Streams recordings to those who may see the client, whole or in part, so that players can seek. Plays from the
 * beginning and refusals are in the audit log before anything is sent.
 */
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
  const file = await recordingFile(id, user);
  const line = { userId: user.id, action: 'recording.played', subject: `recording:${id}` } as const;
  const about = file?.clientId ? { ...line, clientId: file.clientId } : line;
  if (file?.isHidden) {
    await access.audit({ ...about, allowed: false });
    throw noRecording();
  }
  if (file?.state === 'recording') throw new AppError('conflict', 'the call is still being recorded');
  const size = file?.state === 'ready' ? await sizeOfFile(file.path) : null;
  if (file === null || size === null) throw noRecording();
  return await sendSound(request, reply, {
    path: file.path,
    size,
    fileName: `${id}.wav`,
    onBegin: () => access.audit(about),
  });
}

/** One that is not there and one that must not be heard look alike. */
const noRecording = (): AppError => new AppError('not_found', 'there is no such recording');

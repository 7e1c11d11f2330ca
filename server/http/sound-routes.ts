import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { SignedInUser } from '../access/route.ts';
import { Id } from '../contract/schemas.ts';
import { soundAudioPath, soundsPath } from '../contract/setup-api.ts';
import { type Sound, SoundName } from '../contract/setup-schemas.ts';
import { AppError } from '../kernel/errors.ts';
import { sendSound, sizeOfFile } from './file-range.ts';
import { limits } from './limits.ts';
import { requireUser } from './operations.ts';
import { compileValidator } from './validation.ts';

/** Where sounds of the setting are kept. */
export interface SoundStore {
  add(upload: { readonly name: string; readonly wav: Buffer; readonly user: SignedInUser }): Promise<Sound>;
  /** Absolute path of a sound's file; null when there is no such sound. */
  file(id: number): Promise<string | null>;
}

const listeners = ['supervisor', 'admin'] as const;

/** Uploads of sounds for administrators, and playing them: their bodies are no JSON. */
export async function mountSoundRoutes(app: FastifyInstance, sounds: SoundStore): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
      { parseAs: 'buffer', bodyLimit: limits.soundBytes },
      (_request, body, done) => done(null, body),
    );
    scope.addContentTypeParser('*', (_request, _body, done) =>
      done(new AppError('bad_request', 'send the sound as audio/wav')),
    );
    scope.route<{ Querystring: { name: string } }>({
      method: 'POST',
      url: soundsPath,
      bodyLimit: limits.soundBytes,
      schema: { querystring: Type.Object({ name: SoundName }) },
      validatorCompiler: compileValidator,
      // before the body is read: who may not send it, need not
      preParsing: async (request) => void requireUser(request, ['admin']),
      handler: async (request) => {
        if (!Buffer.isBuffer(request.body)) throw new AppError('bad_request', 'send the sound as audio/wav');
        return await sounds.add({ name: request.query.name, wav: request.body, user: requireUser(request) });
      },
    });
  });
  app.route<{ Params: { id: number } }>({
    // HEAD by hand: the framework's own would read the whole file
    method: ['GET', 'HEAD'],
    url: soundAudioPath,
    schema: { params: Type.Object({ id: Id }) },
    validatorCompiler: compileValidator,
    preParsing: async (request) => void requireUser(request, listeners),
    handler: async (request, reply) => {
      const { id } = request.params;
      const path = await sounds.file(id);
      const size = path === null ? null : await sizeOfFile(path);
      if (path === null || size === null) throw new AppError('not_found', 'there is no such sound');
      return await sendSound(request, reply, { path, size, fileName: `sound-${id}.wav` });
    },
  });
}

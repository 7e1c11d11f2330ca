import type { TSchema } from 'typebox';
import { exportPath } from '../clients/export/file-route.ts';
import { api, type Operation } from '../contract/api.ts';
import { Problem } from '../contract/schemas.ts';
import { soundAudioPath, soundsPath } from '../contract/setup-api.ts';
import { Sound, SoundName } from '../contract/setup-schemas.ts';
import { operationKeys, partsOf } from './operations.ts';
import { recordingPath } from './recording-routes.ts';

type Json = Readonly<Record<string, unknown>>;

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const problem = (description: string): Json => ({ description, content: problemContent });

/** The OpenAPI 3.1 document of the contract: every operation, whether this server answers it or not. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const key of operationKeys) {
    const { method, url } = partsOf(key);
    const path = openApiPath(url);
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(`${method} ${path}`, api[key]) };
  }
  paths[openApiPath(recordingPath)] = { get: recordingOperation };
  paths[exportPath] = { get: exportOperation };
  paths[openApiPath(soundAudioPath)] = { get: soundOperation };
  const sounds = openApiPath(soundsPath);
  paths[sounds] = { ...paths[sounds], post: soundUpload };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchroom',
      version,
      description: 'Sign in with `POST /api/v1/session`; the cookie that it sets is the key to everything else.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }],
    paths,
    components: {
      schemas: { Problem },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'switchroom',
          description: 'Over https the name is `__Host-switchroom`.',
        },
      },
    },
  };
}

const openApiPath = (url: string): string => url.replace(/:(\w+)/g, '{$1}');

function describe(id: string, operation: Operation): Json {
  const { summary, tags, access, body, response } = operation;
  const parameters = [...parametersOf('path', operation.params), ...parametersOf('query', operation.querystring)];
  return {
    operationId: id.replace(/[^A-Za-z]+/g, '_').replace(/_$/, ''),
    summary,
    tags,
    ...(Array.isArray(access) && { description: `Roles: ${access.join(', ')}.` }),
    ...(access === 'public' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema: response } } },
      ...(access !== 'public' && { 401: problem('Nobody is signed in') }),
      ...(Array.isArray(access) && { 403: problem('The role may not do this') }),
      default: problem('Anything that went wrong, by its `code`'),
    },
  };
}

/** Each property of the schema is one parameter. */
function parametersOf(place: 'path' | 'query', schema: TSchema | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties, required = [] } = schema as { properties?: Record<string, TSchema>; required?: string[] };
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    // a query field with a default may be left out
    required: place === 'path' || (required.includes(name) && !('default' in property)),
    schema: property,
  }));
}

/** WAV, whole or one range of it. */
function playOperation(about: { id: string; summary: string; tag: string; param: Json }): Json {
  return {
    operationId: about.id,
    summary: about.summary,
    tags: [about.tag],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: about.param },
      { name: 'Range', in: 'header', required: false, schema: { type: 'string' } },
    ],
    responses: {
      200: { description: 'The whole file', content: { 'audio/wav': {} } },
      206: { description: 'The range asked for', content: { 'audio/wav': {} } },
      401: problem('Nobody is signed in'),
      416: { description: 'The range lies behind the end of the file' },
      default: problem('Anything that went wrong, by its `code`'),
    },
  };
}

const exportOperation: Json = {
  operationId: 'GET_api_v_clients_export',
  summary: 'What a search finds, as a CSV file that the import reads; the right to export is needed',
  tags: ['clients'],
  parameters: [{ name: 'q', in: 'query', required: false, schema: { type: 'string', maxLength: 100 } }],
  responses: {
    200: { description: 'UTF-8 with a byte order mark, RFC 4180', content: { 'text/csv': {} } },
    401: problem('Nobody is signed in'),
    403: problem('The user may not export'),
    default: problem('Anything that went wrong, by its `code`'),
  },
};

const recordingOperation = playOperation({
  id: 'GET_api_v_recordings_id',
  summary: 'The sound of a recorded call, whole or one byte range of it',
  tag: 'timeline',
  param: { type: 'string' },
});

const soundOperation = playOperation({
  id: 'GET_api_v_setup_sounds_id_audio',
  summary: 'A greeting, music or announcement, whole or one byte range of it. Roles: supervisor, admin.',
  tag: 'setup',
  param: { type: 'integer' },
});

const soundUpload: Json = {
  operationId: 'POST_api_v_setup_sounds',
  summary: 'Add a sound: 16 bit PCM in WAV, 8 to 48 kHz, mono or stereo, up to 20 MB and 20 minutes',
  tags: ['setup'],
  description: 'Roles: admin.',
  parameters: [{ name: 'name', in: 'query', required: true, schema: SoundName }],
  requestBody: { required: true, content: { 'audio/wav': {} } },
  responses: {
    200: { description: 'Done', content: { 'application/json': { schema: Sound } } },
    401: problem('Nobody is signed in'),
    403: problem('The role may not do this'),
    default: problem('Anything that went wrong, by its `code`'),
  },
};

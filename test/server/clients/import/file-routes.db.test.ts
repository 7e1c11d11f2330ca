import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuthSession } from '../../../../server/access/index.ts';
import { mountImportFileRoutes } from '../../../../server/clients/import/file-routes.ts';
import { importLimits } from '../../../../server/clients/import/limits.ts';
import type { ClientImport } from '../../../../server/contract/client-imports.ts';
import { toProblem } from '../../../../server/http/problem.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openClients } from '../house.ts';
import { openImports } from './desk.ts';

let db: TestDatabase;
let desk: ReturnType<typeof openImports>;
let app: FastifyInstance;
let role: 'agent' | 'supervisor' = 'supervisor';
beforeAll(async () => {
  db = await openTestDatabase();
  desk = openImports(db, await openClients(db));
  app = fastify();
  app.decorateRequest('authSession', null);
  app.addHook('onRequest', async (request) => {
    request.authSession = { id: '1', user: { ...desk.user, role } } as unknown as AuthSession;
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = toProblem(error, request.id);
    void reply.code(status).send(body);
  });
  mountImportFileRoutes(app, desk.imports);
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await desk.close();
  await db.close();
});

const text = 'ФИО;Телефон\r\nИван;8 916 700-00-01\r\nПётр;нет\r\n';
const post = (url: string, payload: string | Buffer, type = 'text/csv') =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });
const put = (id: number, offset: number, payload: Buffer) =>
  app.inject({
    method: 'PUT',
    url: `/api/v1/client-imports/${id}/content?offset=${offset}`,
    payload,
    headers: { 'content-type': 'application/octet-stream' },
  });

describe('the file of an import', () => {
  test('comes whole, and its problem rows go out', async () => {
    const answer = await post(`/api/v1/client-imports?name=${encodeURIComponent('C:\\база.csv')}`, text);
    expect(answer.statusCode).toBe(200);
    const uploaded = answer.json<ClientImport>();
    expect(uploaded).toMatchObject({
      state: 'uploaded',
      fileName: 'база.csv',
      bytes: Buffer.byteLength(text),
      size: Buffer.byteLength(text),
      encoding: 'utf-8',
      delimiter: ';',
      mapping: ['name', 'phone'],
    });
    const early = await app.inject({ url: `/api/v1/client-imports/${uploaded.id}/problems.csv` });
    expect(early.statusCode).toBe(404);
    await desk.imports.plan(uploaded.id, desk.user);
    await desk.imports.settled(uploaded.id);
    const problems = await app.inject({ url: `/api/v1/client-imports/${uploaded.id}/problems.csv` });
    expect(problems.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(problems.body).toContain('Пётр;нет');
  });

  test('comes in pieces, and says where to go on', async () => {
    const bytes = Buffer.from(text);
    const first = await post(`/api/v1/client-imports?name=a.csv&size=${bytes.length}`, bytes.subarray(0, 20));
    const { id, state } = first.json<ClientImport>();
    expect(state).toBe('uploading');
    expect((await put(id, 5, bytes.subarray(5, 30))).json()).toMatchObject({ code: 'conflict', bytes: 20 });
    expect((await put(id, 20, bytes.subarray(20, 33))).json()).toMatchObject({ state: 'uploading', bytes: 33 });
    expect((await put(id, 33, bytes.subarray(33))).json()).toMatchObject({ state: 'uploaded', delimiter: ';' });
    expect((await desk.imports.preview(id)).rows).toEqual([
      ['Иван', '8 916 700-00-01'],
      ['Пётр', 'нет'],
    ]);
    expect((await put(id, bytes.length, Buffer.from('x'))).json()).toMatchObject({ code: 'conflict' });
  });

  test('must not be longer than it was said to be, or than the limit', async () => {
    const first = await post('/api/v1/client-imports?name=a.csv&size=10', Buffer.from('a;b\n'));
    const { id } = first.json<ClientImport>();
    expect((await put(id, 4, Buffer.from('more than six bytes'))).json()).toMatchObject({ code: 'too_large' });
    const huge = await post(`/api/v1/client-imports?size=${importLimits.fileBytes + 1}`, 'a');
    expect(huge.statusCode).toBe(400);
  });

  test('is not for everybody, and not for any kind of body', async () => {
    expect((await post('/api/v1/client-imports', '{}', 'application/json')).statusCode).toBe(400);
    role = 'agent';
    expect((await post('/api/v1/client-imports', text)).statusCode).toBe(403);
    expect((await put(1, 0, Buffer.from(text))).statusCode).toBe(403);
    expect((await app.inject({ url: '/api/v1/client-imports/1/problems.csv' })).statusCode).toBe(403);
    role = 'supervisor';
  });
});

import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { WebhookRequest } from '../../../channels/message-channel.ts';
import { limits } from '../../../server/http/limits.ts';
import { buildTestApp, openTestHouse, type TestHouse } from './app-support.ts';

let house: TestHouse;
let app: FastifyInstance;
const asked: { accountId: number; name: string; request: WebhookRequest }[] = [];

beforeAll(async () => {
  house = await openTestHouse();
  app = await buildTestApp(house, {
    async webhook(accountId, name, request) {
      if (accountId !== 7 || name !== 'status') return null;
      asked.push({ accountId, name, request });
      if (request.headers['x-signature'] !== 'genuine') return { status: 403, type: 'text/plain', body: 'no' };
      return {
        status: 200,
        type: 'text/xml',
        body: '<Response/>',
        headers: { 'access-control-allow-origin': 'https://shop.example' },
      };
    },
  });
});
afterAll(async () => {
  await app.close();
  await house.close();
});
beforeEach(() => {
  asked.length = 0;
});

const genuine = { 'x-signature': 'genuine' };

it('hands the request over as it came, without a session, and answers what the adapter says', async () => {
  const response = await app.inject({
    method: 'POST',
    url: '/channels/7/status?message=a%20b',
    headers: { ...genuine, 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'Body=%D0%9F&From=%2B7',
  });
  expect([response.statusCode, response.body, response.headers['content-type']]).toEqual([
    200,
    '<Response/>',
    'text/xml',
  ]);
  expect(response.headers['access-control-allow-origin']).toBe('https://shop.example');
  expect(asked[0]?.request).toMatchObject({ method: 'POST', url: '/channels/7/status?message=a%20b' });
  expect(asked[0]?.request.body.toString()).toBe('Body=%D0%9F&From=%2B7');
});

it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
  'reads no body of %s itself',
  async (type) => {
    const payload = '{"not": json';
    await app.inject({ method: 'POST', url: '/channels/7/status', headers: { 'content-type': type }, payload });
    expect(asked[0]?.request.body.toString()).toBe(payload);
  },
);

it('pages of other sites reach it, and nothing else', async () => {
  const foreign = { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' };
  const headers = { ...genuine, ...foreign, host: 'desk.example' };
  expect((await app.inject({ method: 'POST', url: '/channels/7/status', headers })).statusCode).toBe(200);
  expect((await app.inject({ method: 'OPTIONS', url: '/channels/7/status', headers })).statusCode).toBe(200);
  expect((await app.inject({ method: 'GET', url: '/channels/7/status', headers })).statusCode).toBe(200);
  expect((await app.inject({ method: 'POST', url: '/api/v1/session', headers, payload: {} })).statusCode).toBe(403);
});

it('an unknown account, an unknown name and nonsense are not found', async () => {
  for (const path of [
    '/channels/8/status',
    '/channels/7/other',
    '/channels/x/status',
    '/channels/07/status',
    '/channels/7',
  ]) {
    const { statusCode } = await app.inject({ method: 'POST', url: path, headers: genuine });
    expect([path, statusCode]).toEqual([path, 404]);
  }
  expect(asked).toEqual([]);
});

it('a refused signature stays refused', async () => {
  const response = await app.inject({
    method: 'POST',
    url: '/channels/7/status',
    headers: { 'x-signature': 'forged' },
  });
  expect(response.statusCode).toBe(403);
});

it('a body over the limit never reaches an adapter', async () => {
  const send = (bytes: number) =>
    app.inject({
      method: 'POST',
      url: '/channels/7/status',
      headers: { ...genuine, 'content-type': 'application/octet-stream' },
      payload: Buffer.alloc(bytes),
    });
  expect((await send(limits.webhookBytes)).statusCode).toBe(200);
  expect((await send(limits.webhookBytes + 1)).statusCode).toBe(413);
  expect(asked).toHaveLength(1);
});

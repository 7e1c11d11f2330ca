import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Routes } from '../../../server/access/route.ts';
import { limits } from '../../../server/http/limits.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { buildTestApp, openTestHouse, password, signIn, type TestHouse } from './app-support.ts';

/** A few operations that answer what they were given. */
const routes: Routes = (mount) => {
  mount('GET /api/v1/queues', async () => ({ items: [{ id: 1, name: 'Sales', waiting: [], secret: 'no' }] }));
  mount('GET /api/v1/clients', async ({ query }) => {
    if (query.q === 'boom') throw new Error('password of the database');
    return { items: [{ ...listItem, name: `${query.q}:${query.limit}` }] };
  });
  mount('POST /api/v1/clients/:id/contact-points', async ({ params, user }) => {
    throw new AppError('already_taken', `${user.login} of ${params.id}`, { details: { clientId: 7 } });
  });
  mount('POST /api/v1/interactions/:id/hang-up', async () => ({ ok: true }));
  mount('GET /api/v1/demo', async (input) => {
    // a public operation has no user: asking for one must not give somebody else's rights
    if (input.user.login !== '') throw new AppError('conflict', input.user.login);
    throw new Error('unreachable');
  });
};
const listItem = { id: 1, kind: 'person' as const, company: '', vip: false, responsible: null, contactPoints: [] };

describe('app', () => {
  let house: TestHouse;
  let app: FastifyInstance;
  let agent: string;
  let supervisor: string;
  const logged: Record<string, unknown>[] = [];
  beforeAll(async () => {
    house = await openTestHouse();
    const stream = new PassThrough();
    stream.on('data', (line: Buffer) => logged.push(JSON.parse(line.toString()) as Record<string, unknown>));
    app = await buildTestApp(house, { routes: [routes], log: pino({ level: 'debug' }, stream) });
    agent = await signIn(app, 'anna');
    supervisor = await signIn(app, 'olga');
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  describe('rights', () => {
    it('asks for a session', async () => {
      const response = await app.inject({ url: '/api/v1/clients' });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'not_signed_in' });
    });

    it('refuses a role that the contract does not name', async () => {
      const response = await app.inject({ url: '/api/v1/queues', headers: { cookie: agent } });
      expect(response.statusCode).toBe(403);
      expect(response.json()).toMatchObject({ code: 'forbidden' });
      expect((await app.inject({ url: '/api/v1/queues', headers: { cookie: supervisor } })).statusCode).toBe(200);
    });

    it('gives a public operation no user', async () => {
      expect((await app.inject({ url: '/api/v1/demo' })).json()).toMatchObject({ code: 'not_signed_in' });
      const known = await app.inject({ url: '/api/v1/demo', headers: { cookie: agent } });
      expect(known.json()).toMatchObject({ code: 'conflict', detail: 'anna' });
    });
  });

  describe('contract', () => {
    it('fills in defaults and converts the query', async () => {
      const get = async (url: string) => (await app.inject({ url, headers: { cookie: agent } })).json<unknown>();
      expect(await get('/api/v1/clients')).toMatchObject({ items: [{ name: ':20' }] });
      expect(await get('/api/v1/clients?q=%D0%90&limit=3')).toMatchObject({ items: [{ name: 'А:3' }] });
      expect(await get('/api/v1/clients?limit=0')).toMatchObject({
        code: 'bad_request',
        errors: [{ path: 'querystring/limit' }],
      });
    });

    it('sends nothing that the contract does not name', async () => {
      const response = await app.inject({ url: '/api/v1/queues', headers: { cookie: supervisor } });
      expect(response.json()).toEqual({ items: [{ id: 1, name: 'Sales', waiting: [] }] });
    });

    it('takes a command without a body', async () => {
      const url = '/api/v1/interactions/0191d8a0-0000-7000-8000-000000000001/hang-up';
      expect((await app.inject({ method: 'POST', url, headers: { cookie: agent } })).json()).toEqual({ ok: true });
      const wrong = await app.inject({
        method: 'POST',
        url: '/api/v1/interactions/1/hang-up',
        headers: { cookie: agent },
      });
      expect(wrong.json()).toMatchObject({ code: 'bad_request', errors: [{ path: 'params/id' }] });
    });

    it('answers an expected failure with its code and details', async () => {
      const response = await app.inject({
        method: 'POST',
        url: '/api/v1/clients/5/contact-points',
        payload: { kind: 'phone', value: '+7 495 000 00 01' },
        headers: { cookie: agent },
      });
      expect(response.statusCode).toBe(409);
      expect(response.json()).toMatchObject({ code: 'already_taken', detail: 'anna of 5', clientId: 7 });
    });

    it('names the operations that nobody answers', () => {
      const line = logged.find((entry) => 'missing' in entry);
      expect(line?.['missing']).toContain('GET /api/v1/workspace');
      expect(line?.['missing']).not.toContain('GET /api/v1/queues');
    });
  });

  describe('other sites', () => {
    const post = (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/api/v1/session', payload: { login: 'anna', password }, headers });

    it.each([
      [{ origin: 'https://evil.example' }],
      [{ origin: 'null' }],
      [{ 'sec-fetch-site': 'cross-site' }],
      [{ 'sec-fetch-site': 'same-site' }],
      [{ host: 'rebound.evil.example', origin: 'http://rebound.evil.example' }],
    ])('may change nothing: %j', async (headers) => {
      const response = await post({ host: 'localhost:80', ...headers } as Record<string, string>);
      expect(response.statusCode).toBe(403);
      expect(response.json()).toMatchObject({ code: 'forbidden' });
      expect(response.headers['set-cookie']).toBeUndefined();
    });

    it('do not hinder the own page', async () => {
      const headers = { host: 'localhost:8080', origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' };
      expect((await post(headers)).statusCode).toBe(200);
    });
  });

  describe('bad requests', () => {
    const post = (payload: string, contentType = 'application/json') =>
      app.inject({ method: 'POST', url: '/api/v1/session', payload, headers: { 'content-type': contentType } });

    it.each(['{"login":', 'null', '[]', '"x"', '{"login":{"$ne":""},"password":"x"}'])('%s', async (payload) => {
      const response = await post(payload);
      expect(response.statusCode).toBe(400);
      expect(response.headers['content-type']).toContain('application/problem+json');
      expect(response.json()).toMatchObject({ code: 'bad_request' });
    });

    it('of another media type', async () => {
      expect((await post('login=anna', 'application/x-www-form-urlencoded')).json()).toMatchObject({
        code: 'bad_request',
      });
    });

    it('that are too large', async () => {
      const response = await post(JSON.stringify({ login: 'x'.repeat(limits.bodyBytes), password }));
      expect(response.statusCode).toBe(413);
      expect(response.json()).toMatchObject({ code: 'too_large' });
    });

    it('for a prototype', async () => {
      const response = await post('{"login":"anna","password":"x","__proto__":{"role":"admin"}}');
      expect(response.json()).toMatchObject({ code: 'bad_request' });
    });

    it('of a path that is no text', async () => {
      const response = await app.inject({ url: '/api/v1/clients/%E0%A4%A' });
      expect(response.json()).toMatchObject({ code: 'bad_request' });
    });
  });

  it('answers unknown API paths with a problem', async () => {
    for (const url of ['/api', '/api/', '/api/v1/nothing', '/api/v2/session']) {
      const response = await app.inject({ url, headers: { cookie: agent } });
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ code: 'not_found' });
    }
    expect((await app.inject({ method: 'PUT', url: '/api/v1/session' })).json()).toMatchObject({ code: 'not_found' });
  });

  it('tells nothing about its own faults, and logs them with the stack', async () => {
    const response = await app.inject({ url: '/api/v1/clients?q=boom', headers: { cookie: agent } });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('database');
    const { requestId } = response.json<{ requestId: string }>();
    expect(response.headers['x-request-id']).toBe(requestId);
    const line = logged.find((entry) => entry['msg'] === 'request failed' && entry['requestId'] === requestId);
    expect(line).toMatchObject({ err: { message: 'password of the database' }, route: '/api/v1/clients' });
  });

  it('logs requests without what people typed, and takes no request id from outside', async () => {
    const headers = { cookie: agent, 'x-request-id': 'mine' };
    await app.inject({ url: '/api/v1/clients?q=%2B74950000001', headers });
    const text = JSON.stringify(logged);
    expect(text).not.toContain('74950000001');
    expect(text).not.toContain(agent.split('=')[1] ?? 'no cookie');
    expect(text).not.toContain(password);
    expect(logged.at(-1)).toMatchObject({ msg: 'request', route: '/api/v1/clients', status: 200, method: 'GET' });
    expect(logged.at(-1)?.['requestId']).toMatch(/^[\da-f-]{36}$/);
  });

  it('sends the security headers with every answer', async () => {
    for (const url of ['/api/v1/session', '/api/nothing', '/healthz']) {
      const { headers } = await app.inject({ url });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  it('limits requests per session, and without one per address', async () => {
    const small = await buildTestApp(house, { requestsPerMinute: 2 });
    const ask = (headers: Record<string, string> = {}) => small.inject({ url: '/api/v1/session', headers });
    expect([await ask(), await ask()].map((response) => response.statusCode)).toEqual([401, 401]);
    const refused = await ask();
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'too_many_requests' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask({ cookie: agent })).statusCode).toBe(200);
    expect((await ask({ cookie: supervisor })).statusCode).toBe(200);
    expect((await small.inject({ url: '/healthz' })).statusCode).toBe(200);
    await small.close();
  });
});

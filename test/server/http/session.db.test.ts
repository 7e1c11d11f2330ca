import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../server/access/limits.ts';
import { buildTestApp, cookieOf, openTestHouse, password, signIn, type TestHouse } from './app-support.ts';

describe('session', () => {
  let house: TestHouse;
  let app: FastifyInstance;
  beforeAll(async () => {
    house = await openTestHouse();
    app = await buildTestApp(house);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });
  // the failures of one test are not the next one's
  beforeEach(() => house.clock.advance(60_000));

  const post = (payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/api/v1/session', payload, headers });
  const me = (cookie: string) => app.inject({ url: '/api/v1/session', headers: { cookie } });

  it('signs in, says who I am, and signs out', async () => {
    const signedIn = await post({ login: ' Anna ', password });
    expect(signedIn.statusCode).toBe(200);
    expect(signedIn.json()).toEqual({
      id: house.people.anna,
      login: 'anna',
      name: 'Anna',
      role: 'agent',
      language: 'ru',
      settings: {},
      mayExport: false,
      sip: { aor: 'anna', realm: 'switchroom.test' },
    });
    expect(signedIn.headers['cache-control']).toBe('no-store');
    const cookie = cookieOf(signedIn.headers['set-cookie']);
    expect((await me(cookie)).json()).toEqual(signedIn.json());
    const out = await app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    expect(out.json()).toEqual({ ok: true });
    expect(out.headers['set-cookie']).toContain('switchroom=; Path=/; Expires=Thu, 01 Jan 1970');
    expect((await me(cookie)).statusCode).toBe(401);
  });

  it('sets a cookie for http and another for https', async () => {
    const plain = await post({ login: 'anna', password });
    expect(plain.headers['set-cookie']).toMatch(
      /^switchroom=[\w-]{43}; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/,
    );
    const config = { host: '0.0.0.0', publicUrl: 'https://calls.example.com', trustProxy: [], metricsToken: undefined };
    const secure = await buildTestApp(house, { config });
    const headers = { host: 'calls.example.com', origin: 'https://calls.example.com' };
    const response = await secure.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { login: 'anna', password },
      headers,
    });
    expect(response.headers['set-cookie']).toMatch(/^__Host-switchroom=[\w-]{43}; .*; HttpOnly; SameSite=Lax; Secure$/);
    expect(response.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    const cookie = cookieOf(response.headers['set-cookie']);
    expect((await secure.inject({ url: '/api/v1/session', headers: { ...headers, cookie } })).statusCode).toBe(200);
    // the same token under the name that any host of the domain may set
    const weak = cookie.replace('__Host-', '');
    expect((await secure.inject({ url: '/api/v1/session', headers: { ...headers, cookie: weak } })).statusCode).toBe(
      401,
    );
    await secure.close();
  });

  it('answers wrong credentials with the same problem for known and unknown logins', async () => {
    const known = await post({ login: 'anna', password: 'wrong' });
    const unknown = await post({ login: 'nobody', password: 'wrong' });
    expect(known.statusCode).toBe(401);
    expect(known.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(known.headers['set-cookie']).toBeUndefined();
    expect(known.json()).toMatchObject({ code: 'wrong_credentials', status: 401 });
    const { requestId: _one, ...first } = known.json<Record<string, unknown>>();
    const { requestId: _two, ...second } = unknown.json<Record<string, unknown>>();
    expect(first).toEqual(second);
  });

  it('refuses further failures with Retry-After', async () => {
    for (let i = 0; i < limits.failedSignInsPerMinute; i++) await post({ login: 'anna', password: 'wrong' });
    const refused = await post({ login: 'anna', password });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('60');
    expect(refused.json()).toMatchObject({ code: 'too_many_requests' });
    house.clock.advance(60_000);
    expect((await post({ login: 'anna', password })).statusCode).toBe(200);
  });

  it('ends the session before when the same browser signs in again', async () => {
    const before = await signIn(app, 'anna');
    const again = await post({ login: 'boris', password }, { cookie: before });
    expect((await me(before)).statusCode).toBe(401);
    expect((await me(cookieOf(again.headers['set-cookie']))).json()).toMatchObject({ login: 'boris' });
  });

  it('expires', async () => {
    const cookie = await signIn(app, 'anna');
    house.clock.advance(limits.sessionLifetimeMs);
    const response = await me(cookie);
    expect(response.json()).toMatchObject({ code: 'not_signed_in', status: 401 });
  });

  it('keeps settings and the language', async () => {
    const cookie = await signIn(app, 'anna');
    const patch = (payload: object) =>
      app.inject({ method: 'PATCH', url: '/api/v1/session/settings', payload, headers: { cookie } });
    const first = await patch({ settings: { scheme: 'dark', keys: { answer: ['F2', 1, null] } }, language: 'en' });
    expect(first.json()).toMatchObject({
      language: 'en',
      settings: { scheme: 'dark', keys: { answer: ['F2', 1, null] } },
    });
    await patch({ settings: { scheme: null } });
    expect((await me(cookie)).json()).toMatchObject({ settings: { keys: { answer: ['F2', 1, null] } } });
    expect((await patch({ role: 'admin' })).json()).toMatchObject({ errors: [{ path: 'body/role' }] });
    expect((await patch({ language: 'de' })).statusCode).toBe(400);
  });
});

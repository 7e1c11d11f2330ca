import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTestApp, cookieOf, openTestHouse, password, type TestHouse } from './app-support.ts';

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
  const post = (payload: object) => app.inject({ method: 'POST', url: '/api/v1/session', payload });
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
      sip: { aor: 'anna', realm: 'switchroom.test' },
    });
    const cookie = cookieOf(signedIn.headers['set-cookie']);
    expect((await me(cookie)).json()).toEqual(signedIn.json());
    const out = await app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    expect(out.json()).toEqual({ ok: true });
    expect((await me(cookie)).statusCode).toBe(401);
  });
});

import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BuildAppOptions } from '../../../server/http/app.ts';
import { createMetricsRegistry } from '../../../server/http/metrics.ts';
import { buildTestApp, openTestHouse, type TestHouse } from './app-support.ts';

describe('monitoring', () => {
  let house: TestHouse;
  let app: FastifyInstance | undefined;
  beforeAll(async () => {
    house = await openTestHouse();
  });
  afterEach(() => app?.close());
  afterAll(() => house.close());

  async function build(options: Partial<BuildAppOptions>): Promise<FastifyInstance> {
    app = await buildTestApp(house, options);
    return app;
  }
  const config = { host: '127.0.0.1', publicUrl: undefined, trustProxy: [], metricsToken: 'token-of-metrics' };

  it('/healthz says that the process runs', async () => {
    expect((await (await build({})).inject({ url: '/healthz' })).json()).toEqual({ ok: true });
  });

  it('/readyz runs every check and names the one that fails', async () => {
    let isThere = true;
    const gone = async () => {
      if (!isThere) throw new Error('connection string with a password');
    };
    const server = await build({ checks: { database: () => house.db.ping(), sip: gone } });
    const good = await server.inject({ url: '/readyz' });
    expect([good.statusCode, good.json()]).toEqual([200, { ok: true, checks: { database: 'ok', sip: 'ok' } }]);
    isThere = false;
    const bad = await server.inject({ url: '/readyz' });
    expect([bad.statusCode, bad.json()]).toEqual([503, { ok: false, checks: { database: 'ok', sip: 'failed' } }]);
  });

  it('/metrics counts requests by route template', async () => {
    const server = await build({ metrics: new Registry() });
    await server.inject({ url: '/api/v1/session?x=1' });
    await server.inject({ url: '/api/v1/clients/12345/nothing' });
    const { body, headers } = await server.inject({ url: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain(
      'switchroom_http_request_seconds_count{method="GET",route="/api/v1/session",status="401"} 1',
    );
    expect(body).not.toContain('12345');
  });

  it('/metrics has the figures of the process', async () => {
    const registry = createMetricsRegistry();
    expect(await registry.metrics()).toContain('process_cpu_seconds_total');
    registry.clear();
  });

  it('/metrics answers this machine only, unless a token is set', async () => {
    const open = await build({ metrics: new Registry() });
    expect((await open.inject({ url: '/metrics' })).statusCode).toBe(200);
    expect((await open.inject({ url: '/metrics', remoteAddress: '192.0.2.1' })).statusCode).toBe(403);
    const proxied = { 'x-forwarded-for': '127.0.0.1' };
    expect((await open.inject({ url: '/metrics', headers: proxied })).statusCode).toBe(403);
  });

  it.each([
    ['Bearer token-of-metrics', 200],
    ['Bearer token-of-metric', 403],
    ['token-of-metrics', 403],
    ['', 403],
  ])('/metrics with a token set answers "%s" with %i', async (authorization, status) => {
    const server = await build({ metrics: new Registry(), config });
    const response = await server.inject({ url: '/metrics', remoteAddress: '192.0.2.1', headers: { authorization } });
    expect(response.statusCode).toBe(status);
  });
});

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { AppError } from '../kernel/errors.ts';
import type { ClientOrigin } from './client-origin.ts';

/** A registry with the figures of the process; rooms add their own. Make one per process. */
export function createMetricsRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

export interface MetricsOptions {
  readonly registry: Registry;
  readonly origin: ClientOrigin;
  /** Bearer token to ask for; undefined = only requests from this machine. */
  readonly token: string | undefined;
}

/** `/metrics` in the Prometheus text format, and the times of all HTTP requests by route template. */
export function mountMetrics(app: FastifyInstance, { registry, origin, token }: MetricsOptions): void {
  const seconds = new Histogram({
    name: 'switchroom_http_request_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // templates, never paths: ids would make a series each
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (request, reply) => {
    const isAllowed =
      token === undefined ? origin.isLocal(request.raw) : isBearer(request.headers.authorization, token);
    if (!isAllowed) throw new AppError('forbidden', 'metrics need the token of METRICS_TOKEN');
    return await reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
}

/** Compares digests, so that the time tells nothing about the token or its length. */
function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

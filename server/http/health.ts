import type { FastifyInstance } from 'fastify';
import { limits } from './limits.ts';

/** Rejects while something that the server needs is not there. */
export type ReadyCheck = () => Promise<void>;
export type ReadyChecks = Readonly<Record<string, ReadyCheck>>;

/**
 * `/healthz`: the process runs. `/readyz`: it can do its work; 503 names what is missing, and everything is missing
 * once the server is closing, so that a balancer sends nobody any more.
 */
export function mountHealth(app: FastifyInstance, checks: ReadyChecks, isClosing: () => boolean): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const outcomes = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, (await passes(check)) ? 'ok' : 'failed'] as const),
    );
    const ok = !isClosing() && outcomes.every(([, outcome]) => outcome === 'ok');
    return await reply.code(ok ? 200 : 503).send({ ok, checks: Object.fromEntries(outcomes) });
  });
}

async function passes(check: ReadyCheck): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), limits.readyCheckMs);
  try {
    return await Promise.race([check().then(() => true), tooLate]);
  } catch {
    // which check failed is the answer; why, it logs itself
    return false;
  } finally {
    clearTimeout(timer);
  }
}

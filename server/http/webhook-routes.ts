import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebhookReply, WebhookRequest } from '../../channels/message-channel.ts';
import { AppError } from '../kernel/errors.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { ClientOrigin } from './client-origin.ts';
import { limits } from './limits.ts';

/** Answers a provider's request to one account; null = there is no such door. */
export type AnswerWebhook = (
  accountId: AccountId,
  name: string,
  request: WebhookRequest,
) => Promise<WebhookReply | null>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked by servers and pages of others, without a session: whoever answers checks who asks. */
    isOpenToAll?: boolean;
  }
}

interface Params {
  readonly accountId: string;
  readonly name: string;
}

/** `/channels/ACCOUNT-ID/NAME`: where providers of messages report. The adapter sees the request as it came. */
export async function mountWebhooks(app: FastifyInstance, answer: AnswerWebhook, origin: ClientOrigin): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.webhookBytes }, (_request, body, done) =>
      done(null, body),
    );
    await scope.register(fastifyRateLimit, {
      max: limits.webhooksPerMinute,
      timeWindow: 60_000,
      keyGenerator: (request) => `${(request.params as Params).accountId} ${origin.address(request.raw)}`,
      errorResponseBuilder: (_request, { ttl }) =>
        new AppError('too_many_requests', 'too many requests', {
          retryable: true,
          details: { retryAfterSeconds: Math.ceil(ttl / 1000) },
        }),
    });
    scope.route<{ Params: Params }>({
      method: ['GET', 'POST', 'OPTIONS'],
      url: '/channels/:accountId/:name',
      exposeHeadRoute: false,
      bodyLimit: limits.webhookBytes,
      config: { isOpenToAll: true },
      handler: async (request, reply) => {
        const { accountId, name } = request.params;
        const id = /^[1-9]\d{0,14}$/.test(accountId) ? (Number(accountId) as AccountId) : null;
        const left = new AbortController();
        reply.raw.once('close', () => left.abort());
        const found = id === null ? null : await answer(id, name, webhookOf(request, left.signal));
        if (found === null) throw new AppError('not_found', 'nobody listens here');
        return await reply
          .code(found.status)
          .headers({ 'cache-control': 'no-store', ...found.headers, 'content-type': found.type })
          .send(found.body);
      },
    });
  });
}

function webhookOf(request: FastifyRequest, signal: AbortSignal): WebhookRequest {
  const headers = Object.entries(request.raw.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const,
  );
  return {
    method: request.method,
    url: request.raw.url ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    signal,
  };
}

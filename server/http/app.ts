import { randomUUID } from 'node:crypto';
import fastifyRateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Registry } from 'prom-client';
import type { Access } from '../access/index.ts';
import type { Routes } from '../access/route.ts';
import { mountClientExportRoute } from '../clients/export/file-route.ts';
import type { ClientExport } from '../clients/export/index.ts';
import { mountImportFileRoutes } from '../clients/import/file-routes.ts';
import type { ClientImports } from '../clients/import/index.ts';
import type { Config } from '../config.ts';
import { AppError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { MessageFiles } from '../messages/index.ts';
import type { SocketGateway } from '../realtime/socket-gateway.ts';
import { type ClientOrigin, createClientOrigin } from './client-origin.ts';
import { mountDocs } from './docs.ts';
import { mountHealth, type ReadyChecks } from './health.ts';
import { limits } from './limits.ts';
import { mountMessageFileRoutes } from './message-file-routes.ts';
import { mountMetrics } from './metrics.ts';
import { createOperationMounts } from './operations.ts';
import { problemType, toProblem } from './problem.ts';
import { type FindRecordingFile, mountRecordingRoutes } from './recording-routes.ts';
import { commonHeaders, strictTransport } from './security-headers.ts';
import { readToken } from './session-cookie.ts';
import { mountSessionRoutes } from './session-routes.ts';
import { mountSoundRoutes, type SoundStore } from './sound-routes.ts';
import { createPageFallback, serveUiFiles } from './ui.ts';
import { createUpgradeRouter, type SipUpgrades } from './upgrade.ts';
import { type AnswerWebhook, mountWebhooks } from './webhook-routes.ts';

export interface BuildAppOptions {
  readonly config: Pick<Config, 'host' | 'publicUrl' | 'trustProxy' | 'metricsToken'>;
  readonly log: Log;
  readonly access: Access;
  /** What the nouns answer. Operations of the contract that are missing are named in the log. */
  readonly routes: readonly Routes[];
  /** Folder of the built browser app. */
  readonly uiFolder: string;
  readonly version: string;
  readonly gateway?: SocketGateway;
  readonly sip?: SipUpgrades;
  readonly recordingFile?: FindRecordingFile;
  readonly sounds?: SoundStore;
  readonly imports?: ClientImports;
  readonly clientExport?: ClientExport;
  readonly messageFiles?: MessageFiles;
  /** Where providers of messages report. */
  readonly webhook?: AnswerWebhook;
  /** Named checks of /readyz. */
  readonly checks?: ReadyChecks;
  readonly metrics?: Registry;
  /** Requests to /api a minute, per session or address. Default: `limits.requestsPerMinute`. */
  readonly requestsPerMinute?: number;
}

/**
 * The web server, not listening yet: `app.listen({ host, port })` starts it, `app.close()` ends it with all its
 * sockets (idempotent). Everything that people, browsers and monitoring reach goes through it.
 */
export async function buildApp(options: BuildAppOptions): Promise<FastifyInstance> {
  const { config } = options;
  const log = options.log.child({ room: 'http' });
  const origin = createClientOrigin(config);
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    genReqId: () => randomUUID(),
    // the framework's own lines hold paths with clients' numbers: ours are written below
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    trustProxy: (address) => origin.trusts(address),
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply),
  });
  app.setErrorHandler(sendProblem);
  addCommonHooks(app, origin, config.publicUrl?.startsWith('https:') ?? false);
  const closing = closeSockets(app, origin, { ...options, log });
  if (options.metrics) {
    mountMetrics(app, { registry: options.metrics, origin, token: config.metricsToken });
  }
  mountHealth(app, options.checks ?? {}, () => closing.hasBegun);
  await app.register(async (scope) => await mountApi(scope, origin, options));
  if (options.webhook) await mountWebhooks(app, options.webhook, origin);
  await mountDocs(app, options.version);
  await serveUiFiles(app, options.uiFolder);
  app.setNotFoundHandler(createPageFallback(options.uiFolder, (request) => request.host));
  return app;
}

/** Everything under /api/v1 that needs sessions, and the limit of requests. */
async function mountApi(scope: FastifyInstance, origin: ClientOrigin, options: BuildAppOptions): Promise<void> {
  const { access, recordingFile, sounds, imports, clientExport, messageFiles } = options;
  scope.decorateRequest('authSession', null);
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const token = readToken(request.headers.cookie, origin.isSecure(request.raw));
    request.authSession = token === undefined ? null : await access.findSession(token);
  });
  await scope.register(fastifyRateLimit, {
    max: options.requestsPerMinute ?? limits.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.authSession?.id ?? origin.address(request.raw),
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('too_many_requests', 'too many requests', {
        retryable: true,
        details: { retryAfterSeconds: Math.ceil(ttl / 1000) },
      }),
  });
  const mounts = createOperationMounts(scope);
  mountSessionRoutes(mounts, { access, origin });
  mounts.mountAll(options.routes);
  if (recordingFile) mountRecordingRoutes(scope, { access, recordingFile });
  if (sounds) await mountSoundRoutes(scope, sounds);
  if (imports) mountImportFileRoutes(scope, imports);
  if (clientExport) mountClientExportRoute(scope, clientExport);
  if (messageFiles) mountMessageFileRoutes(scope, { access, files: messageFiles });
  const missing = mounts.missing();
  if (missing.length > 0) options.log.warn({ missing }, 'operations of the contract without a handler');
}

function addCommonHooks(app: FastifyInstance, origin: ClientOrigin, isHttps: boolean): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...commonHeaders, 'x-request-id': request.id });
    if (isHttps) reply.header('strict-transport-security', strictTransport);
    const isSafe = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
    const isOpen = isSafe || request.routeOptions.config.isOpenToAll === true;
    const refusal = isOpen ? null : origin.refusal(request.raw);
    if (refusal === 'foreign_origin') throw new AppError('forbidden', 'the request comes from another site');
    if (refusal === 'unknown_host') throw new AppError('forbidden', 'unknown host name: set PUBLIC_URL to this origin');
  });
  app.addHook('onResponse', async (request, reply) => {
    const isDull = request.method === 'GET' && reply.statusCode < 400;
    request.log[isDull ? 'debug' : 'info'](
      {
        method: request.method,
        // the template: paths and query strings hold clients' numbers
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        userId: request.authSession?.user.id,
      },
      'request',
    );
  });
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body, isOurs } = toProblem(error, request.id);
  if (isOurs) request.log.error({ err: error, route: request.routeOptions.url ?? 'none' }, 'request failed');
  // the bytes are made here: a route's response schema describes its success only
  void reply.code(status).headers(headers).header('content-type', problemType).send(JSON.stringify(body));
}

/** Routes upgrades, and ends what would keep the server from closing: WebSockets, and requests that take too long. */
function closeSockets(app: FastifyInstance, origin: ClientOrigin, options: BuildAppOptions): { hasBegun: boolean } {
  const { access, gateway, log, sip } = options;
  const router = createUpgradeRouter({ access, origin, log, sip, acceptRealtime: gateway?.accept });
  const closing = { hasBegun: false };
  app.server.on('upgrade', router.handle);
  app.addHook('preClose', async () => {
    closing.hasBegun = true;
    await gateway?.close();
    router.close();
    setTimeout(() => app.server.closeAllConnections(), limits.closeDrainMs).unref();
  });
  return closing;
}

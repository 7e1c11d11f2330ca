import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../kernel/errors.ts';
import { newNonce, noncePlaceholder, pagePolicy } from './security-headers.ts';

const yearMs = 365 * 24 * 60 * 60_000;

/**
 * Serves the built browser app: assets, whose names carry a hash, for ever; other files with revalidation; never
 * compressed at run time, because the build has left .br and .gz beside them.
 */
export async function serveUiFiles(app: FastifyInstance, folder: string): Promise<void> {
  const common = { decorateReply: false, preCompressed: true, index: false as const };
  const assets = join(folder, 'assets');
  if (existsSync(assets)) {
    await app.register(fastifyStatic, { ...common, root: assets, prefix: '/assets/', maxAge: yearMs, immutable: true });
  }
  if (existsSync(folder)) {
    const globIgnore = ['assets/**', '**/*.html', '**/*.br', '**/*.gz'];
    await app.register(fastifyStatic, { ...common, root: folder, wildcard: false, globIgnore });
  }
}

/** Paths that are never a page of the app, even where nothing answers them. */
const notPages = /^\/(api|assets|socket\.io|sip|metrics|healthz|readyz)(\/|$)/;

/** Answers what no route matched: pages of the app with its index.html, the rest with `not_found`. */
export function createPageFallback(folder: string, hostOf: (request: FastifyRequest) => string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.url.split('?', 1)[0] ?? '';
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || notPages.test(path)) throw new AppError('not_found', 'there is nothing at this address');
    const nonce = newNonce();
    const html = await readIndex(folder);
    return await reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        // the nonce must not be used twice
        'cache-control': 'no-store',
        'content-security-policy': pagePolicy(nonce, hostOf(request)),
      })
      .send(html.replaceAll(noncePlaceholder, nonce));
  };
}

async function readIndex(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'index.html'), 'utf8');
  } catch (cause) {
    throw new AppError('not_found', 'the browser app is not built: run "npm run build"', { cause });
  }
}

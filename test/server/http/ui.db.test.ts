import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noncePlaceholder } from '../../../server/http/security-headers.ts';
import { buildTestApp, openTestHouse, type TestHouse, temporaryFolder } from './app-support.ts';

const script = 'console.log("switchroom")';

describe('browser app', () => {
  const folder = temporaryFolder();
  let house: TestHouse;
  let app: FastifyInstance;
  beforeAll(async () => {
    mkdirSync(join(folder.path, 'assets'));
    const html = `<meta property="csp-nonce" nonce="${noncePlaceholder}"><script nonce="${noncePlaceholder}"></script>`;
    writeFileSync(join(folder.path, 'index.html'), html);
    writeFileSync(join(folder.path, 'favicon.svg'), '<svg/>');
    writeFileSync(join(folder.path, 'assets/app-1a2b.js'), script);
    writeFileSync(join(folder.path, 'assets/app-1a2b.js.br'), brotliCompressSync(script));
    writeFileSync(join(folder.path, 'assets/app-1a2b.js.gz'), gzipSync(script));
    house = await openTestHouse();
    app = await buildTestApp(house, { uiFolder: folder.path });
  });
  afterAll(async () => {
    await app.close();
    await house.close();
    folder.remove();
  });

  it.each(['/', '/demo', '/clients/12?tab=timeline', '/index.html'])(
    '%s is the page, with a nonce of its own',
    async (url) => {
      const nonces = new Set<string>();
      for (let i = 0; i < 2; i++) {
        const response = await app.inject({ url, headers: { host: 'localhost:8080' } });
        expect(response.statusCode).toBe(200);
        expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
        expect(response.headers['cache-control']).toBe('no-store');
        const nonce = /<script nonce="([^"]+)">/.exec(response.body)?.[1] ?? '';
        expect(response.body).not.toContain(noncePlaceholder);
        const policy = String(response.headers['content-security-policy']);
        expect(policy).toContain(`script-src 'self' 'nonce-${nonce}'`);
        expect(policy).toContain("connect-src 'self' ws://localhost:8080 wss://localhost:8080");
        expect(policy).not.toContain('unsafe');
        nonces.add(nonce);
      }
      expect(nonces.size).toBe(2);
    },
  );

  it('lets no header into the policy', async () => {
    const response = await app.inject({ url: '/', headers: { host: 'x; script-src *' } });
    expect(response.headers['content-security-policy']).not.toContain('script-src *');
  });

  it.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
  ])('sends assets as they were compressed before: %s', async (accepted, encoding) => {
    const response = await app.inject({ url: '/assets/app-1a2b.js', headers: { 'accept-encoding': accepted } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-encoding']).toBe(encoding);
    expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(response.headers['content-type']).toContain('javascript');
    if (encoding === undefined) expect(response.body).toBe(script);
  });

  it('sends other files to be asked for again', async () => {
    const response = await app.inject({ url: '/favicon.svg' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('image/svg+xml');
    expect(response.headers['cache-control']).toBe('public, max-age=0');
  });

  it.each(['/assets/old-9f.js', '/assets/..%2f..%2fpackage.json', '/socket.io/', '/sip', '/metrics', '/api/x'])(
    '%s is no page',
    async (url) => {
      const response = await app.inject({ url });
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ code: 'not_found' });
    },
  );

  it('answers a page that is posted to with a problem', async () => {
    expect((await app.inject({ method: 'POST', url: '/demo' })).json()).toMatchObject({ code: 'not_found' });
  });

  it('says what to do when it was not built', async () => {
    const bare = await buildTestApp(house);
    const response = await bare.inject({ url: '/' });
    expect(response.statusCode).toBe(404);
    expect(response.json<{ detail: string }>().detail).toContain('npm run build');
    await bare.close();
  });
});

describe('documentation', () => {
  let house: TestHouse;
  let app: FastifyInstance;
  beforeAll(async () => {
    house = await openTestHouse();
    app = await buildTestApp(house, { version: '1.2.3' });
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  it('is served for programs', async () => {
    const response = await app.inject({ url: '/api/v1/openapi.json' });
    expect(response.json()).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  });

  it('is served for people, under a policy that its page satisfies', async () => {
    const page = await app.inject({ url: '/api/docs' });
    expect(page.statusCode).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    // no inline script, no foreign address: nothing that the policy would stop
    expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files.length).toBeGreaterThan(3);
    for (const path of files) {
      const file = await app.inject({ url: new URL(path, 'http://x/api/docs').pathname });
      expect(file.statusCode, path).toBe(200);
    }
    const document = await app.inject({ url: '/api/docs/json' });
    expect(document.json()).toMatchObject({ openapi: '3.1.0' });
  });
});

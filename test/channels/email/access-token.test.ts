import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTokenSource } from '../../../channels/email/access-token.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';

let server: Server;
let asked: URLSearchParams[];
let answer: { status: number; body: string };
beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: '{}' };
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push(new URLSearchParams(text));
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const clock = createFakeClock();
const kept: { from: string; to: string }[] = [];
let keep = async (rotated: { from: string; to: string }): Promise<void> => void kept.push(rotated);
const source = () =>
  createTokenSource({
    oauth: {
      tokenUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      authorizeUrl: '',
      clientId: 'house',
      scope: 'mail',
    },
    clientSecret: 'secret',
    refreshToken: 'first',
    clock,
    keep: (rotated) => keep(rotated),
  });
const grant = (token: string, more: object = {}): void => {
  answer = { status: 200, body: JSON.stringify({ access_token: token, expires_in: 300, ...more }) };
};

it('asks with what it was given, once for all who wait, and again before the token ends', async () => {
  const token = source();
  grant('one');
  expect(await Promise.all([token(), token(), token()])).toEqual(['one', 'one', 'one']);
  expect(asked.map((form) => Object.fromEntries(form))).toEqual([
    { grant_type: 'refresh_token', client_id: 'house', client_secret: 'secret', refresh_token: 'first', scope: 'mail' },
  ]);
  grant('two');
  clock.advance(239_000);
  expect(await token()).toBe('one');
  clock.advance(2_000);
  expect(await token()).toBe('two');
});

it('goes on with the refresh token that it is given, and has it kept before anybody has the access token', async () => {
  kept.length = 0;
  const token = source();
  grant('one', { refresh_token: 'second', expires_in: 0 });
  await token();
  await token();
  expect(asked.map((form) => form.get('refresh_token'))).toEqual(['first', 'second']);
  expect(kept).toEqual([{ from: 'first', to: 'second' }]);
});

it('has a refresh token kept later that could not be kept at once', async () => {
  kept.length = 0;
  const atOnce = keep;
  keep = () => Promise.reject(new Error('no database'));
  const token = source();
  grant('one', { refresh_token: 'second' });
  expect(await token()).toBe('one');
  keep = atOnce;
  expect(await token()).toBe('one');
  expect(kept).toEqual([{ from: 'first', to: 'second' }]);
  await token();
  expect(kept).toHaveLength(1);
  expect(asked).toHaveLength(1);
});

it.each([
  ['consent is gone', 400, '{"error": "invalid_grant"}', 'wrong_credentials'],
  ['the client is unknown', 401, '{"error":"invalid_client"}', 'wrong_credentials'],
  ['the server is busy', 503, 'invalid_grant', 'unavailable'],
  ['the server wants less', 429, '{"error":"slow_down"}', 'unavailable'],
  ['there is no token in the answer', 200, '{"token_type":"Bearer"}', 'unavailable'],
  ['the answer is endless', 200, `"${'x'.repeat(100_000)}"`, 'unavailable'],
])('says whether asking again helps: %s', async (_name, status, body, code) => {
  answer = { status, body };
  await expect(source()()).rejects.toMatchObject({ code });
});

it('asks again after a failure', async () => {
  const token = source();
  answer = { status: 500, body: '' };
  await expect(token()).rejects.toThrow('500');
  grant('one');
  expect(await token()).toBe('one');
});

it('reads no answer without an end', async () => {
  server.removeAllListeners('request').on('request', (_, response) => {
    const pour = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.writeHead(200).on('drain', pour);
    pour();
  });
  await expect(source()()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('too long') });
});

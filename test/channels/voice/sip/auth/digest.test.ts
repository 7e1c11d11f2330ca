import { describe, expect, test } from 'vitest';
import {
  digestAlgorithm,
  digestHash,
  digestResponse,
  parseDigest,
} from '../../../../../channels/voice/sip/auth/digest.ts';
import { createDigestClient } from '../../../../../channels/voice/sip/auth/digest-client.ts';
import { createDigestServer } from '../../../../../channels/voice/sip/auth/digest-server.ts';
import { limits } from '../../../../../channels/voice/sip/limits.ts';
import type { SipResponse } from '../../../../../channels/voice/sip/message/message.ts';
import { parseMessage } from '../../../../../channels/voice/sip/message/parse.ts';
import { createFakeClock } from '../../../../../server/kernel/clock.ts';

const challenge = (...values: string[]): SipResponse => {
  const lines = values.map((value) => `WWW-Authenticate: ${value}\r\n`).join('');
  const result = parseMessage(
    Buffer.from(
      `SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n${lines}\r\n`,
    ),
  );
  if (result.kind !== 'message' || result.message.kind !== 'response') throw new Error('bad fixture');
  return result.message;
};

describe('RFC 7616 section 3.9.1: Mufasa', () => {
  const common = {
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    method: 'GET',
    uri: '/dir/index.html',
    qop: { count: '00000001', clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  };
  const secret = 'Mufasa:http-auth@example.org:Circle of Life';

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('%s', (algorithm, response) => {
    expect(digestResponse({ ...common, algorithm, ha1: digestHash(algorithm, secret) })).toBe(response);
  });
});

test('RFC 2617 without qop (RFC 2069 arithmetic)', () => {
  const ha1 = digestHash('MD5', 'Mufasa:testrealm@host.com:CircleOfLife');
  expect(
    digestResponse({
      algorithm: 'MD5',
      ha1,
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      method: 'GET',
      uri: '/dir/index.html',
    }),
  ).toBe('1949323746fe6a43ef61f9606e7febea');
});

test('parameters: quotes, escapes, commas inside quotes, first of a repeated name, other schemes', () => {
  const parsed = parseDigest('Digest realm="a, \\"b\\"" , nonce=abc,NONCE="second", algorithm = MD5');
  expect(Object.fromEntries(parsed ?? [])).toEqual({ realm: 'a, "b"', nonce: 'abc', algorithm: 'MD5' });
  expect(parseDigest('Basic Zm9v')).toBeNull();
  expect(parseDigest('Digest')).toBeNull();
  expect(digestAlgorithm('md5')).toBe('MD5');
  expect(digestAlgorithm(undefined)).toBe('MD5');
  expect(digestAlgorithm('MD5-sess')).toBeNull();
});

describe('the server', () => {
  const clock = createFakeClock();
  const password = 'open sesame';
  const server = createDigestServer({
    clock,
    realm: 'switchroom',
    ha1: (username, realm, algorithm) =>
      username === 'anna' ? digestHash(algorithm, `${username}:${realm}:${password}`) : null,
  });
  const challengeLines = (stale = false): string[] =>
    server
      .challenge(stale)
      .trimEnd()
      .split('\r\n')
      .map((line) => line.replace('WWW-Authenticate: ', ''));
  const clientFor = (credentials = { username: 'anna', password }, lines = challengeLines()) => {
    const client = createDigestClient(credentials);
    client.challenged(challenge(...lines));
    return (method = 'REGISTER', uri = 'sip:switchroom') =>
      client
        .authorize(method, uri)
        .replace(/^Authorization: /, '')
        .trimEnd();
  };
  const verify = (value: string, method = 'REGISTER', uri = 'sip:switchroom') => server.verify([value], method, uri);

  test('accepts SHA-256, and MD5 from those who know nothing else', () => {
    expect(verify(clientFor()())).toEqual({ kind: 'accepted', username: 'anna' });
    expect(verify(clientFor(undefined, challengeLines().slice(1))())).toEqual({ kind: 'accepted', username: 'anna' });
  });

  test('accepts an answer without qop once', () => {
    const [line = ''] = challengeLines().slice(1);
    const value = clientFor(undefined, [line.replace(', qop="auth"', '')])();
    expect(value).not.toContain('qop');
    expect(verify(value)).toEqual({ kind: 'accepted', username: 'anna' });
    expect(verify(value)).toEqual({ kind: 'stale' });
  });

  test('counts may arrive out of order within a window, but not twice', () => {
    const next = clientFor();
    const values = Array.from({ length: 40 }, () => next());
    const kinds = (indexes: number[]): string[] => indexes.map((index) => verify(values[index] ?? '').kind);
    expect(kinds([0, 2, 1])).toEqual(['accepted', 'accepted', 'accepted']);
    expect(kinds([0, 1, 2])).toEqual(['stale', 'stale', 'stale']);
    expect(kinds([39, 38, 3, 38])).toEqual(['accepted', 'accepted', 'stale', 'stale']);
  });

  test('refuses a wrong password, user, method or URI, and asks again for foreign or old nonces', () => {
    expect(verify(clientFor({ username: 'anna', password: 'wrong' })())).toEqual({ kind: 'wrong' });
    expect(verify(clientFor({ username: 'eve', password })())).toEqual({ kind: 'wrong' });
    expect(verify(clientFor()('INVITE'))).toEqual({ kind: 'wrong' });
    expect(verify(clientFor()('REGISTER', 'sip:other'))).toEqual({ kind: 'wrong' });
    expect(verify('Digest realm="other", nonce="x"')).toEqual({ kind: 'missing' });
    expect(server.verify([], 'REGISTER', 'sip:switchroom')).toEqual({ kind: 'missing' });
    expect(verify(clientFor(undefined, ['Digest realm="switchroom", nonce="forged", qop="auth"'])())).toEqual({
      kind: 'stale',
    });
    const old = clientFor();
    clock.advance(limits.nonceLifetimeMs + 1);
    expect(verify(old())).toEqual({ kind: 'stale' });
    expect(challengeLines(true)[0]).toContain('stale=true');
  });
});

describe('the client', () => {
  test('has nothing to say to Basic, to an unknown algorithm, or to auth-int alone', () => {
    const client = createDigestClient({ username: 'a', password: 'b' });
    const md5 = 'Digest realm="r", nonce="n"';
    expect(client.challenged(challenge('Basic realm="r"'))).toBe(false);
    expect(client.challenged(challenge(`${md5}, algorithm=SHA-512-256`))).toBe(false);
    expect(client.challenged(challenge(`${md5}, qop="auth-int"`))).toBe(false);
    expect(client.authorize('INVITE', 'sip:x')).toBe('');
    expect(client.challenged(challenge(`${md5}, opaque="o", qop="auth-int,auth"`))).toBe(true);
    expect(client.authorize('INVITE', 'sip:x')).toMatch(
      /^Authorization: Digest .*opaque="o", qop=auth, nc=00000001, cnonce="[0-9a-f]+"\r\n$/,
    );
    expect(client.authorize('INVITE', 'sip:x')).toContain('nc=00000002');
  });
});

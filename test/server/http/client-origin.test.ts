import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type ClientOriginOptions, createClientOrigin, isLoopback } from '../../../server/http/client-origin.ts';

const request = (headers: IncomingHttpHeaders, remoteAddress = '198.51.100.7'): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;
const origins = (options: Partial<ClientOriginOptions> = {}) =>
  createClientOrigin({ trustProxy: [], publicUrl: undefined, host: '0.0.0.0', ...options });

describe('address', () => {
  it('believes nobody by default', () => {
    expect(origins().address(request({ 'x-forwarded-for': '203.0.113.9' }))).toBe('198.51.100.7');
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['192.0.2.1, 203.0.113.9', '203.0.113.9'],
    ['192.0.2.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['203.0.113.9, nonsense', '10.0.0.1'],
    ['', '10.0.0.1'],
  ])('behind trusted proxies, X-Forwarded-For "%s" is %s', (header, expected) => {
    const origin = origins({ trustProxy: ['10.0.0.0/8'] });
    expect(origin.address(request({ 'x-forwarded-for': header }, '10.0.0.1'))).toBe(expected);
    expect(origin.address(request({ 'x-forwarded-for': header }, '::ffff:10.0.0.1'))).toBe(
      expected === '10.0.0.1' ? '::ffff:10.0.0.1' : expected,
    );
  });
});

describe('isLocal', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['::', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
    expect(origins().isLocal(request({}, address))).toBe(expected);
  });

  it('is not fooled by a proxy on this machine that was not declared', () => {
    expect(origins().isLocal(request({ 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1'))).toBe(false);
    expect(origins().isLocal(request({ forwarded: 'for=127.0.0.1' }, '127.0.0.1'))).toBe(false);
  });

  it('looks through a proxy that was', () => {
    const origin = origins({ trustProxy: ['127.0.0.1'] });
    expect(origin.isLocal(request({ 'x-forwarded-for': '198.51.100.7' }, '127.0.0.1'))).toBe(false);
    expect(origin.isLocal(request({ 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1'))).toBe(true);
  });
});

describe('isSecure', () => {
  it('believes X-Forwarded-Proto of trusted proxies only', () => {
    const headers = { 'x-forwarded-proto': 'https' };
    expect(origins().isSecure(request(headers))).toBe(false);
    expect(origins({ trustProxy: ['198.51.100.7'] }).isSecure(request(headers))).toBe(true);
  });

  it('knows the public address by its host', () => {
    const origin = origins({ publicUrl: 'https://calls.example.com' });
    expect(origin.isSecure(request({ host: 'calls.example.com' }))).toBe(true);
    expect(origin.isSecure(request({ host: '127.0.0.1:8080' }))).toBe(false);
  });
});

describe('refusal', () => {
  it.each<[string, IncomingHttpHeaders, string | null]>([
    ['a program that is no browser', { host: 'pbx:8080' }, null],
    ['the own page', { host: 'pbx:8080', origin: 'http://pbx:8080', 'sec-fetch-site': 'same-origin' }, null],
    ['the own page behind a proxy that ends TLS', { host: 'pbx', origin: 'https://pbx' }, null],
    ['an address typed by hand', { host: 'pbx:8080', 'sec-fetch-site': 'none' }, null],
    ['another site', { host: 'pbx:8080', origin: 'https://evil.example' }, 'foreign_origin'],
    ['another port', { host: 'pbx:8080', origin: 'http://pbx:9090' }, 'foreign_origin'],
    ['a sandboxed frame', { host: 'pbx:8080', origin: 'null' }, 'foreign_origin'],
    ['a sister host', { host: 'pbx.example', 'sec-fetch-site': 'same-site' }, 'foreign_origin'],
    ['a form of another site', { host: 'pbx:8080', 'sec-fetch-site': 'cross-site' }, 'foreign_origin'],
  ])('%s', (_who, headers, expected) => {
    expect(origins().refusal(request(headers))).toBe(expected);
  });

  it('lets the public origin in, whatever host the proxy asks for', () => {
    const origin = origins({ publicUrl: 'https://calls.example.com' });
    expect(origin.refusal(request({ host: '10.0.0.5:8080', origin: 'https://calls.example.com' }))).toBeNull();
  });

  it.each([
    ['127.0.0.1:8080', null],
    ['[::1]:8080', null],
    ['localhost:8080', null],
    ['phone.localhost', null],
    ['rebound.evil.example:8080', 'unknown_host'],
    ['', 'unknown_host'],
  ])('on loopback, the host %s: %s', (host, expected) => {
    const headers = host === '' ? {} : { host, origin: `http://${host}` };
    expect(origins({ host: '127.0.0.1' }).refusal(request(headers))).toBe(expected);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, type Machine, readConfig, settingDefaults } from '../../server/config.ts';

const machine: Machine = { processors: 4, addresses: ['fe80::1', '192.0.2.7', '198.51.100.9'] };
const read = (env: Record<string, string> = {}) => readConfig([], env, machine);

describe('readConfig', () => {
  it('needs nothing: the demo on loopback', () => {
    expect(read()).toEqual({
      host: '127.0.0.1',
      port: 8080,
      sipPort: 5060,
      rtpPorts: { first: 10_000, last: 19_999 },
      mediaPort: 40_000,
      mediaWorkers: 3,
      mediaAnnounce: ['127.0.0.1'],
      dataDir: resolve('data'),
      databaseUrl: undefined,
      publicUrl: undefined,
      logLevel: 'info',
      demo: true,
      demoPassword: 'switchroom',
      metricsToken: undefined,
      trustProxy: [],
    });
    expect(Object.isFrozen(read())).toBe(true);
  });

  it('listens everywhere without the demo and announces the first IPv4 address', () => {
    expect(read({ DEMO: '0' })).toMatchObject({ demo: false, host: '0.0.0.0', mediaAnnounce: ['192.0.2.7'] });
    expect(read({ HOST: '::' })).toMatchObject({ demo: true, host: '::', mediaAnnounce: ['192.0.2.7'] });
  });

  it('keeps one media worker on a machine with one processor', () => {
    expect(readConfig([], {}, { processors: 1, addresses: [] }).mediaWorkers).toBe(1);
  });

  it('takes an empty setting for one that is not set', () => {
    expect(read({ PORT: '', DATABASE_URL: '', HOST: '' })).toEqual(read());
  });

  it('reads lists, origins and networks', () => {
    const config = read({
      MEDIA_ANNOUNCE: '203.0.113.4, 2001:db8::1',
      PUBLIC_URL: 'https://calls.example.com/',
      TRUST_PROXY: '127.0.0.1,10.0.0.0/8,fd00::/8',
      DATABASE_URL: 'postgresql://switchroom@db/switchroom',
    });
    expect(config.mediaAnnounce).toEqual(['203.0.113.4', '2001:db8::1']);
    expect(config.publicUrl).toBe('https://calls.example.com');
    expect(config.trustProxy).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
    expect(config.databaseUrl).toBe('postgresql://switchroom@db/switchroom');
  });

  it.each([['--help'], ['-h'], ['--port=1'], ['start']])('refuses the option %s with one line', (option) => {
    expect(() => readConfig([option], {}, machine)).toThrow(ConfigError);
    expect(() => readConfig([option], {}, machine)).toThrow(/^[^\n]*\.env\.example$/);
  });

  it.each([
    ['PORT', 'eighty-secret'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['SIP_PORT', '5060.5'],
    ['RTP_PORTS', '10000'],
    ['RTP_PORTS', '20000-10000'],
    ['RTP_PORTS', '80-90'],
    ['RTP_PORTS', '10000-20000-30000'],
    ['MEDIA_PORT', '0'],
    ['MEDIA_PORT', '15000'],
    ['MEDIA_PORT', '65535'],
    ['MEDIA_WORKERS', '0'],
    ['MEDIA_ANNOUNCE', 'example.com-secret'],
    ['MEDIA_ANNOUNCE', '0.0.0.0'],
    ['HOST', 'http://x-secret'],
    ['DATABASE_URL', 'mysql://root:secret@db/x'],
    ['DATABASE_URL', 'secret'],
    ['PUBLIC_URL', 'calls.example.com-secret'],
    ['PUBLIC_URL', 'https://calls.example.com/app-secret'],
    ['LOG_LEVEL', 'loud-secret'],
    ['DEMO', 'maybe-secret'],
    ['TRUST_PROXY', 'proxy-secret'],
    ['TRUST_PROXY', '10.0.0.0/33'],
  ])('names %s when it is wrong, and never the value', (name, value) => {
    const error = catchError(() => read({ [name]: value }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('secret');
    expect(error.message).not.toContain('\n');
  });

  it('accepts any free port', () => {
    expect(read({ PORT: '0', SIP_PORT: '0' })).toMatchObject({ port: 0, sipPort: 0 });
  });
});

describe('NAME_FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads the value from a file, without the final newline', () => {
    const path = join(folder, 'token');
    writeFileSync(path, 'from-a-file\n');
    expect(read({ METRICS_TOKEN_FILE: path }).metricsToken).toBe('from-a-file');
    expect(read({ HOST_FILE: path }).host).toBe('from-a-file');
  });

  it('refuses both forms at once, and a file that is not there', () => {
    expect(() => read({ METRICS_TOKEN: 'a', METRICS_TOKEN_FILE: 'b' })).toThrow(/METRICS_TOKEN_FILE are both set/);
    expect(() => read({ DATABASE_URL_FILE: join(folder, 'none') })).toThrow(/^DATABASE_URL_FILE cannot be read/);
  });
});

describe('.env.example', () => {
  it('has every setting once, in the same order, with the same default', () => {
    const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const written = [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    expect(written).toEqual(Object.entries(settingDefaults));
  });
});

function catchError(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

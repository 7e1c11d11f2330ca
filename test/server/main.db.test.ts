import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the server until it ends by itself, or until it says that it is ready and gets `signal`. */
function run(env: Record<string, string>, options: { args?: string[]; signal?: NodeJS.Signals } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...(options.args ?? [])], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, LOG_LEVEL: 'silent', ...env },
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    ended.stdout += chunk.toString();
    if (options.signal && /Ctrl-C|SIP on port \d+\)/.test(ended.stdout)) child.kill(options.signal);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    ended.stderr += chunk.toString();
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve({ ...ended, code })));
}

describe('the process', () => {
  let dataDir = '';
  let env: Record<string, string> = {};
  const taken = createServer();
  const takenUdp = createSocket('udp4');
  let takenPort = 0;
  let takenUdpPort = 0;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'switchroom-main-'));
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => takenUdp.bind(0, '127.0.0.1', resolve));
    const address = taken.address();
    takenPort = typeof address === 'object' && address ? address.port : 0;
    takenUdpPort = takenUdp.address().port;
    env = { DATA_DIR: dataDir, PORT: '0', SIP_PORT: '0', MEDIA_PORT: '48700', RTP_PORTS: '48800-48899' };
  });
  afterAll(() => {
    taken.close();
    takenUdp.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('says how to place the first call, stops cleanly, and has everything again at the next start', async () => {
    const first = await run(env, { signal: 'SIGINT' });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/Switchroom is ready: http:\/\/127\.0\.0\.1:\d+/);
    expect(first.stdout).toMatch(/anna, boris, vera .* password: \S+/);
    expect(first.stdout).toMatch(/\/demo/);
    expect(first.stdout).toMatch(/sip:\+74950000001@127\.0\.0\.1:\d+/);
    const second = await run(env, { signal: 'SIGTERM' });
    expect(second).toMatchObject({ code: 0, stderr: '' });
  });

  test('without a demo: says who signs in first, and with what, until he has done so', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'switchroom-main-'));
    try {
      const own = { ...env, DATA_DIR: empty, DEMO: '0', HOST: '127.0.0.1' };
      const [first, second] = [await run(own, { signal: 'SIGINT' }), await run(own, { signal: 'SIGINT' })];
      expect(first).toMatchObject({ code: 0, stderr: '' });
      const passwords = [first, second].map(({ stdout }) => / but admin; password: (\S+)/.exec(stdout)?.[1]);
      expect(passwords[0]).toMatch(/^[a-z2-9-]{19}$/);
      expect(passwords[1]).toMatch(/^[a-z2-9-]{19}$/);
      expect(passwords[1]).not.toBe(passwords[0]);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    ['web port', () => ({ PORT: String(takenPort) }), /^Port \d+ is taken: .*set PORT/],
    ['SIP port', () => ({ SIP_PORT: String(takenUdpPort) }), /^Port \d+ is taken: .*SIP_PORT/],
    ['media port', () => ({ MEDIA_PORT: String(takenUdpPort) }), /^Port \d+ is taken: .*MEDIA_PORT/],
    ['address', () => ({ HOST: '192.0.2.1' }), /^HOST is not an address of this machine/],
    ['database that is no address', () => ({ DATABASE_URL: 'mysql://x' }), /DATABASE_URL/],
    [
      'database that is not there',
      () => ({ DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' }),
      /DATABASE_URL|database/i,
    ],
    ['setting', () => ({ RTP_PORTS: 'many' }), /^RTP_PORTS/],
  ])('a taken or wrong %s is one clear line and exit code 1', async (_name, over, line) => {
    const ended = await run({ ...env, ...over() });
    expect(ended.code).toBe(1);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr).not.toContain('hidden');
  });

  test('an option that does not exist is one clear line and exit code 1', async () => {
    const ended = await run(env, { args: ['--port', '1'] });
    expect(ended.code).toBe(1);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});

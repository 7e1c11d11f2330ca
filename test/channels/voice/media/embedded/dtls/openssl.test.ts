import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../../../channels/voice/media/embedded/dtls/certificate.ts';
import type { SrtpKeys } from '../../../../../../channels/voice/media/embedded/dtls/keys.ts';
import { createDtlsServer } from '../../../../../../channels/voice/media/embedded/dtls/server.ts';
import { systemClock } from '../../../../../../server/kernel/clock.ts';

const certificate = makeCertificate(Date.now());
const directory = mkdtempSync(join(tmpdir(), 'dtls-'));
const path = (name: string): string => join(directory, name);
const running: (() => void)[] = [];

function makeClientCertificate(name: string, ...algorithm: string[]): void {
  const files = ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)];
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=client', ...algorithm, ...files], {
    stdio: 'ignore',
  });
}

function fingerprint(name: string): string {
  const text = execFileSync('openssl', ['x509', '-in', path(`${name}.pem`), '-noout', '-fingerprint', '-sha256']);
  return text.toString().trim().split('=')[1] ?? '';
}

beforeAll(() => {
  makeClientCertificate('ecdsa', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1');
  makeClientCertificate('rsa', '-newkey', 'rsa:2048');
  const withoutEms = [
    'openssl_conf=i',
    '[i]',
    'ssl_conf=s',
    '[s]',
    'system_default=d',
    '[d]',
    'Options=-ExtendedMasterSecret',
  ];
  writeFileSync(path('no-ems.cnf'), withoutEms.join('\n'));
});
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Run {
  readonly client?: 'ecdsa' | 'rsa' | 'none';
  readonly announced?: string;
  readonly profile?: 'SRTP_AES128_CM_SHA1_80' | 'SRTP_AEAD_AES_128_GCM';
  readonly arguments?: readonly string[];
  /** Name of an OpenSSL configuration file in the directory. */
  readonly configuration?: string;
  /** Share of datagrams lost each way, by a fixed pseudo-random sequence. */
  readonly loss?: { readonly share: number; readonly seed: number };
}

interface Outcome {
  readonly keys: SrtpKeys | null;
  readonly closed: string | null;
  /** Keying material that OpenSSL exported, hex; null when it did not get that far. */
  readonly exported: () => Promise<string>;
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function startClient(port: number, run: Run): { child: ChildProcess; exported: () => Promise<string> } {
  const { client = 'ecdsa', profile = 'SRTP_AES128_CM_SHA1_80' } = run;
  const identity = client === 'none' ? [] : ['-cert', path(`${client}.pem`), '-key', path(`${client}.key`)];
  const exporter = ['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', profile.includes('GCM') ? '56' : '60'];
  const common = ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, '-use_srtp', profile];
  const environment = run.configuration ? { ...process.env, OPENSSL_CONF: path(run.configuration) } : process.env;
  const child = spawn('openssl', [...common, ...exporter, ...identity, ...(run.arguments ?? [])], { env: environment });
  let output = '';
  const exported = new Promise<string>((resolve) => {
    child.stdout.on('data', (data) => {
      output += data;
      const material = /Keying material: ([0-9A-F]+)/.exec(output)?.[1];
      if (material) resolve(material);
    });
  });
  return { child, exported: () => exported };
}

/** Lets OpenSSL connect to our server; resolves when the server has decided. */
async function connect(run: Run): Promise<Outcome> {
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const next = random(run.loss?.seed ?? 0);
  const lost = (): boolean => next() < (run.loss?.share ?? 0);
  let peerPort = 0;
  let stop = (): void => {};
  const decided = new Promise<Pick<Outcome, 'keys' | 'closed'>>((resolve) => {
    const server = createDtlsServer({
      certificate,
      clock: systemClock,
      profiles: [1, 7],
      send: (datagram) => !lost() && socket.send(datagram, peerPort, '127.0.0.1'),
      onConnected: (keys) => resolve({ keys, closed: null }),
      onClosed: (closed) => resolve({ keys: null, closed }),
    });
    server.expect([
      { algorithm: 'sha-256', value: run.announced ?? fingerprint(run.client === 'rsa' ? 'rsa' : 'ecdsa') },
    ]);
    socket.on('message', (datagram, from) => {
      peerPort = from.port;
      if (!lost()) server.receive(datagram);
    });
    stop = () => server.close();
  });
  const { child, exported } = startClient(socket.address().port, run);
  running.push(() => {
    stop();
    child.kill();
    socket.close();
  });
  return { ...(await decided), exported };
}

const hex = ({ client, server }: SrtpKeys): string =>
  Buffer.concat([client.key, server.key, client.salt, server.salt]).toString('hex').toUpperCase();

describe('DTLS 1.2 against OpenSSL', () => {
  it.each<[string, Run]>([
    ['AES-CM', {}],
    ['AES-GCM', { profile: 'SRTP_AEAD_AES_128_GCM' }],
    ['an RSA certificate', { client: 'rsa' }],
    ['fragments of 256 octets', { arguments: ['-mtu', '256'] }],
    ['P-256 only', { arguments: ['-groups', 'P-256'] }],
    ['no extended master secret', { configuration: 'no-ems.cnf' }],
  ])('agrees on the same keys with %s', async (_, run) => {
    const { keys, closed, exported } = await connect(run);
    expect(closed).toBeNull();
    expect(keys && hex(keys)).toBe(await exported());
  });

  it.each([1, 2, 3, 5])('gets through a quarter of all datagrams lost each way (%i)', async (seed) => {
    const { keys, closed, exported } = await connect({ loss: { share: 0.25, seed } });
    expect(closed).toBeNull();
    expect(keys && hex(keys)).toBe(await exported());
  });

  it.each<[string, Run, RegExp]>([
    ['another certificate than announced', { announced: Array(32).fill('00').join(':') }, /not the announced one/],
    ['no certificate', { client: 'none' }, /no certificate/],
    ['no common cipher', { arguments: ['-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384'] }, /no common cipher/],
    ['no common group', { arguments: ['-groups', 'P-521'] }, /no common group/],
  ])('refuses a peer with %s', async (_, run, reason) => {
    const { keys, closed } = await connect(run);
    expect(keys).toBeNull();
    expect(closed).toMatch(reason);
  });
});

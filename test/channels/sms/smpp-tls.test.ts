import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, getCACertificates, type Server, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { message, never, type SmppStand, startSmppStand } from './smpp-stand.ts';

const soon = { timeout: 10_000 };
const folder = mkdtempSync(join(tmpdir(), 'smpp-tls-'));
const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
let stand: SmppStand;
let front: Server;

beforeAll(() => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject], { stdio: 'ignore' });
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await stand.close();
  await new Promise((resolve) => front.close(resolve));
});

/** An SMSC that is reached by TLS only. */
async function startFront(): Promise<void> {
  let smscPort = 0;
  front = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (socket) => {
    const inner = connect(smscPort, '127.0.0.1');
    // either side may go first
    for (const end of [socket, inner]) end.on('error', () => undefined);
    socket.pipe(inner).pipe(socket);
  });
  front.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  stand = await startSmppStand({ settings: { host: 'localhost', port, tls: true } });
  smscPort = stand.smsc.port;
  await stand.channel.start();
}

it('a certificate that nobody vouches for gets neither password nor message', async () => {
  await startFront();
  await vi.waitFor(() => expect(stand.channel.health().state).toBe('down'), soon);
  expect(stand.channel.health().problem).toMatch(/self-signed/);
  expect(stand.smsc.binds).toEqual({ accepted: 0, refused: 0 });
});

it('a trusted one is bound and used', async () => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, readFileSync(certFile, 'utf8')]);
  try {
    await startFront();
    await vi.waitFor(() => expect(stand.channel.health().state).toBe('up'), soon);
    expect((await stand.channel.send(message('+79001234567', 'Привет'), never)).kind).toBe('accepted');
    expect(stand.smsc.wholes.map(({ text }) => text)).toEqual(['Привет']);
  } finally {
    setDefaultCACertificates(before);
  }
});

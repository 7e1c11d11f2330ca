import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import pg from 'pg';

const installed = '/usr/lib/postgresql';

export interface PostgresServer {
  /** Of the superuser `postgres`, by TCP on 127.0.0.1, password included. */
  readonly url: string;
  /** Directory of its unix socket. */
  readonly socketDir: string;
  readonly port: number;
  /** Stops it and removes its files. Idempotent. */
  close(): Promise<void>;
}

/** The newest Debian PostgreSQL's programs, or undefined when none is installed. */
export function postgresPrograms(): string | undefined {
  if (!fs.existsSync(installed)) return undefined;
  const versions = fs
    .readdirSync(installed)
    .filter((version) => fs.existsSync(path.join(installed, version, 'bin/initdb')));
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest && path.join(installed, newest, 'bin');
}

/** Starts a server of its own in a temporary directory. As root it runs as user `postgres`: it refuses to be root. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const home = fs.mkdtempSync(path.join(tmpdir(), 'switchroom-pg-'));
  const account = process.getuid?.() === 0 ? accountOf('postgres') : undefined;
  if (account) fs.chownSync(home, account.uid, account.gid);
  const password = 'test';
  const passwordFile = path.join(home, 'password');
  fs.writeFileSync(passwordFile, password, { mode: 0o644 });
  const data = path.join(home, 'data');
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
    { ...account, cwd: home, stdio: 'ignore' },
  );
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${home}`, 'fsync=off'];
  const server = spawn(path.join(programs, 'postgres'), ['-D', data, ...settings.flatMap((s) => ['-c', s])], {
    ...account,
    cwd: home,
    stdio: 'ignore',
  });
  const exited = once(server, 'exit');
  // A test run that dies takes its server with it.
  const endWithUs = (): void => void server.kill('SIGQUIT');
  process.prependOnceListener('exit', endWithUs);
  server.once('exit', () => process.off('exit', endWithUs));
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await untilAnswering(url, server);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // SIGTERM lets sessions end by themselves; SIGINT would cut those that a pool has not closed yet.
    server.kill('SIGTERM');
    await exited;
    fs.rmSync(home, { recursive: true, force: true });
  };
  return {
    url,
    socketDir: home,
    port,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Numbers of a user, from /etc/passwd. */
function accountOf(name: string): { uid: number; gid: number } {
  const line = fs.readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'));
  if (!line) throw new Error(`there is no user ${name}`);
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Asks until the server answers; it says nothing itself that could be waited for. */
async function untilAnswering(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    const client = new pg.Client(url);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      // Not listening yet, or still recovering: both pass. The pause keeps this from being a busy loop.
      await client.end().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

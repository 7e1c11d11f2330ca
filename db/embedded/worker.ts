import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createBackend } from './backend.ts';
import { startEngine } from './engine.ts';
import * as limits from './limits.ts';
import { createLogSync } from './log-sync.ts';
import { startMaintenance } from './maintenance.ts';
import { createNotifications } from './notifications.ts';
import { queryMessage, welcome } from './protocol.ts';
import { createPreparedStatements } from './statement-names.ts';
import { createWireSession, type WireSession } from './wire-session.ts';

/** What the process gives the worker. */
export interface WorkerInput {
  /** Directory of the engine's files. */
  readonly dataDir: string;
  /** Path of the unix socket; undefined = a free port on 127.0.0.1. */
  readonly socketPath: string | undefined;
}

/** What the worker tells: ready once, then `failed` before it dies, or `closed` after `close`. */
export type WorkerReport =
  | { readonly type: 'ready'; readonly port: number | undefined; readonly password: string | undefined }
  | { readonly type: 'maintenance'; readonly step: string; readonly ms: number }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'closed' };

export type WorkerCommand = 'close';

/** Exit code of a worker whose engine cannot be trusted any more. */
const failedExitCode = 70;

function report(message: WorkerReport): void {
  parentPort?.postMessage(message);
}

/** Ends the worker at once; the process sees it go and its connections break. */
function fail(error: unknown): void {
  report({ type: 'failed', error: error instanceof Error ? error.message : String(error) });
  process.exit(failedExitCode);
}

async function run({ dataDir, socketPath }: WorkerInput): Promise<void> {
  const log = createLogSync(fail);
  const engine = await startEngine(dataDir, log, fail);
  log.flush();
  const version = await engine.query<{ server_version: string }>('show server_version');
  const backend = createBackend({ engine, log, now: () => performance.now(), onFailure: fail });
  const maintenance = startMaintenance(engine, backend, (step, ms) => report({ type: 'maintenance', step, ms }));
  const notifications = createNotifications();
  const statements = createPreparedStatements();
  const sessions = new Set<WireSession>();
  // A port is open to every user of the machine, a socket in our directory is not.
  const password = socketPath === undefined ? randomBytes(24).toString('hex') : undefined;
  const greeting = welcome({
    server_version: version.rows[0]?.server_version ?? '',
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  });

  let lastId = 0;
  const server = net.createServer((socket) => {
    if (sessions.size >= limits.maxSessions) {
      socket.destroy();
      return;
    }
    sessions.add(
      createWireSession({
        socket,
        id: ++lastId,
        backend,
        statements,
        notifications,
        welcome: greeting,
        password,
        onClose: (session) => void sessions.delete(session),
      }),
    );
  });
  const sweep = setInterval(() => {
    for (const session of sessions) session.sweep();
  }, limits.sweepMs);

  const close = async (): Promise<void> => {
    clearInterval(sweep);
    maintenance.close();
    server.close();
    for (const session of [...sessions]) session.close();
    await backend.finish(async () => {
      await engine.execProtocolRaw(queryMessage('CHECKPOINT'));
      await engine.close();
      log.flush();
    });
    report({ type: 'closed' });
    parentPort?.close();
  };
  parentPort?.on('message', (command: WorkerCommand) => {
    if (command === 'close') close().catch(fail);
  });

  await listen(server, socketPath);
  const address = server.address();
  report({ type: 'ready', port: address !== null && typeof address === 'object' ? address.port : undefined, password });
}

function listen(server: net.Server, socketPath: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = (): void => {
      server.off('error', reject);
      if (socketPath !== undefined) fs.chmodSync(socketPath, 0o600);
      resolve();
    };
    if (socketPath === undefined) server.listen(0, '127.0.0.1', done);
    else {
      fs.rmSync(socketPath, { force: true });
      server.listen(socketPath, done);
    }
  });
}

run(workerData as WorkerInput).catch(fail);

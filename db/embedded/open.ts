import * as fs from 'node:fs';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../server/kernel/errors.ts';
import type { Log } from '../../server/kernel/log.ts';
import * as limits from './limits.ts';
import { takeLock } from './lock-file.ts';
import { syncPath } from './sync-path.ts';
import type { WorkerCommand, WorkerInput, WorkerReport } from './worker.ts';

/** What a PostgreSQL client needs to reach the engine. */
interface EmbeddedConnection {
  /** Directory of the unix socket, or 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
}

export interface EmbeddedEngine {
  readonly connection: EmbeddedConnection;
  /** Hangs up on everybody, writes a checkpoint, frees the directory. Idempotent. */
  close(): Promise<void>;
}

export interface OpenEmbeddedOptions {
  /** The program's data directory; the engine's files are in `database` below it. */
  readonly dataDir: string;
  readonly log: Log;
  /** The engine died while it was open. Its connections are broken and will stay so: end the process. */
  onLost(error: AppError): void;
}

/** The major version of PostgreSQL that PGlite 0.5 is; the files of another one cannot be read. */
const engineVersion = '18';

/** Only part of the socket's file name: PostgreSQL clients look for `.s.PGSQL.PORT` in a directory. */
const socketPort = 5432;

/**
 * Starts the embedded engine in a worker thread; makes the database on the first start.
 * @throws AppError `unavailable`: directory in use, made by another PostgreSQL, or the engine does not start
 */
export async function openEmbedded(options: OpenEmbeddedOptions): Promise<EmbeddedEngine> {
  const dataDir = path.resolve(options.dataDir);
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = takeLock(path.join(dataDir, 'database.lock'));
  try {
    const files = path.join(dataDir, 'database');
    if (fs.existsSync(files)) assertVersion(files);
    else await makeDatabase(dataDir, files, options.log);
    return await startWorker(dataDir, files, { ...options, onExit: lock.release });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function assertVersion(files: string): void {
  const versionFile = path.join(files, 'PG_VERSION');
  const version = fs.existsSync(versionFile) ? fs.readFileSync(versionFile, 'utf8').trim() : 'nobody knows which';
  if (version === engineVersion) return;
  throw new AppError(
    'unavailable',
    `the database in ${files} was made by PostgreSQL ${version}, this version embeds ${engineVersion}: ` +
      'export it with the version that made it and import it here',
  );
}

/**
 * Makes the database under another name and moves it into place when it is whole and on the disk, so that half a
 * database is never opened. In a worker of its own, because making takes twice the memory of running.
 */
async function makeDatabase(dataDir: string, files: string, log: Log): Promise<void> {
  const draft = `${files}.new`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  const maker = await startWorker(dataDir, draft, { dataDir, log, onLost: () => {}, onExit: () => {} });
  await maker.close();
  // A thousand files: at once they take a tenth of a second, one after the other one.
  const names = fs.readdirSync(draft, { recursive: true, encoding: 'utf8' });
  await Promise.all(names.map((name) => syncPath(path.join(draft, name))));
  fs.renameSync(draft, files);
  await syncPath(dataDir);
}

interface StartOptions extends OpenEmbeddedOptions {
  /** The worker is gone, whatever the reason. */
  onExit(): void;
}

async function startWorker(dataDir: string, files: string, options: StartOptions): Promise<EmbeddedEngine> {
  const socketPath = unixSocketPath(dataDir);
  const workerData: WorkerInput = { dataDir: files, socketPath };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  let failure: string | undefined;
  let closing: Promise<void> | undefined;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve())).then(options.onExit);
  worker.on('error', (error) => {
    failure = error.message;
  });
  worker.on('message', (report: WorkerReport) => {
    if (report.type === 'failed') failure = report.error;
    else if (report.type === 'maintenance') options.log.debug(report, 'database maintenance');
  });
  const ready = await firstReport(worker, exited, () => failure ?? 'it ended without a word');
  void exited.then(() => {
    if (!closing)
      options.onLost(new AppError('unavailable', `the embedded database died: ${failure ?? 'no reason given'}`));
  });

  const close = async (): Promise<void> => {
    worker.postMessage('close' satisfies WorkerCommand);
    // Longer than any checkpoint; what is left then is in the WAL and comes back at the next start.
    const deadline = setTimeout(() => void worker.terminate(), limits.closeMs);
    await exited;
    clearTimeout(deadline);
  };
  return {
    connection: {
      host: socketPath === undefined ? '127.0.0.1' : dataDir,
      port: ready.port ?? socketPort,
      user: 'postgres',
      database: 'postgres',
      password: ready.password,
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Undefined where a socket file is not possible: Windows, and paths longer than the system allows. */
function unixSocketPath(dataDir: string): string | undefined {
  const socketPath = path.join(dataDir, `.s.PGSQL.${socketPort}`);
  const usable = process.platform !== 'win32' && Buffer.byteLength(socketPath) <= limits.maxSocketPathBytes;
  return usable ? socketPath : undefined;
}

type Ready = Extract<WorkerReport, { type: 'ready' }>;

/** Waits until the worker is ready. @throws AppError `unavailable` when it dies or takes too long */
function firstReport(worker: Worker, exited: Promise<void>, reason: () => string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(deadline);
      reject(new AppError('unavailable', `the embedded database did not start: ${why}`));
    };
    const deadline = setTimeout(() => {
      void worker.terminate();
      fail(`not ready after ${limits.startMs} ms`);
    }, limits.startMs);
    worker.on('message', (report: WorkerReport) => {
      if (report.type !== 'ready') return;
      clearTimeout(deadline);
      resolve(report);
    });
    void exited.then(() => fail(reason()));
  });
}

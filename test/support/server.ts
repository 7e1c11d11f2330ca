import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../db/client.ts';
import { openDatabase } from '../../db/open.ts';
import { createPoolDatabase } from '../../db/pool.ts';
import { type ApiClient, signIn } from '../../demo/actors/api-client.ts';
import { within } from '../../demo/actors/within.ts';
import { readConfig } from '../../server/config.ts';
import { createLog, silentLog } from '../../server/kernel/log.ts';
import { type Switchroom, startSwitchroom } from '../../server/switchroom.ts';
import { createDatabase, onServer, withName } from './database.ts';
import { demoPassword, makeDemoCompany } from './demo-company.ts';
import { findFreeUdpPorts, findLastingPort } from './free-ports.ts';

/** The demo's line. */
export const line = '+74950000001';

export interface TestServerOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A process of its own (`node server/main.ts`), for kill -9 and figures of the process. */
  readonly child?: boolean;
  /** Changes of the demo company, before the server reads it. */
  readonly prepare?: (db: Database) => Promise<void>;
  /** An empty database and no demo instead. */
  readonly empty?: boolean;
}

/** The whole contact center with the demo company on free ports of 127.0.0.1 and a database of its own. */
export interface TestServer {
  readonly url: string;
  readonly sipPort: number;
  /** SIP passwords by login. */
  readonly sipSecrets: ReadonlyMap<string, string>;
  readonly dataDir: string;
  /** The server's own database. @throws when the server is a child process: its database is locked */
  readonly db: Database;
  /** Of the administrator whom an empty house makes; told at its first start only. */
  readonly firstPassword: string | undefined;
  /** The process; undefined in-process. */
  readonly child: ChildProcess | undefined;
  signIn(login: string): Promise<ApiClient>;
  /** Stops it (or kills it) and starts it again on the same data and ports. */
  restart(how?: 'stop' | 'kill'): Promise<void>;
  /** Kills it, starts it again and kills it so many milliseconds later, ready or not: `restart` then starts it. A child only. */
  killWhileItStarts(afterMs: number): Promise<void>;
  /** One more connection to the database of a server that runs. Call `close` afterwards. */
  lookIn(): Database;
  /** Stops it and opens its database: for looking at rows after the end. Call `close` afterwards. */
  stopAndOpenDatabase(): Promise<Database>;
  /** Ends it and removes its data. Idempotent. */
  close(): Promise<void>;
}

/** One run of the server. */
interface Running {
  readonly url: string;
  readonly sipPort: number;
  readonly firstPassword?: string | undefined;
  readonly db?: Database;
  readonly child?: ChildProcess;
  stop(how: 'stop' | 'kill'): Promise<void>;
}

/** Starts the contact center on TEST_DATABASE_URL's server when that is set, otherwise on the embedded database. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'switchroom-test-'));
  const database = await makeDatabase();
  const { prepare, empty = false } = options;
  const sipSecrets = empty ? new Map() : await makeDemoCompany({ url: database.url, dataDir, prepare });
  const env: Record<string, string> = {
    ...freePorts(),
    // a child starts for seconds, and is tried to be reached all the while
    ...(options.child ? { PORT: String(await findLastingPort()), SIP_PORT: String(await findLastingPort()) } : {}),
    DATA_DIR: dataDir,
    ...(empty ? { DEMO: '0' } : {}),
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...(database.url ? { DATABASE_URL: database.url } : {}),
  };
  // A new port each time: somebody else may have taken the old one meanwhile, and browsers are told anyway.
  const envNow = async (): Promise<typeof env> => ({
    ...env,
    MEDIA_PORT: String(await findFreeUdpPorts(2)),
    ...options.env,
  });
  const start = async (): Promise<Running> => {
    const now = await envNow();
    return options.child ? startChild(now) : startInProcess(now);
  };
  let running: Running | undefined = await start();
  // The same ports after a restart: phones and browsers come back to where they were.
  env['PORT'] = new URL(running.url).port;
  env['SIP_PORT'] = String(running.sipPort);
  const { url, sipPort } = running;
  let opened: Database | undefined;
  const stop = async (how: 'stop' | 'kill'): Promise<void> => {
    const ending = running;
    running = undefined;
    await ending?.stop(how);
  };
  return {
    url,
    sipPort,
    sipSecrets,
    dataDir,
    get db() {
      if (!running?.db) throw new Error('the database belongs to another process, or nothing runs');
      return running.db;
    },
    get firstPassword() {
      return running?.firstPassword;
    },
    get child() {
      return running?.child;
    },
    signIn: (login) => signIn(url, login, demoPassword),
    async restart(how = 'stop') {
      await stop(how);
      running = await start();
    },
    async killWhileItStarts(afterMs) {
      await stop('kill');
      const { child, exited } = spawnServer(await envNow());
      const greeted = readGreeting(child);
      // ready, too late, or dead by itself: which is a failure
      await Promise.race([pause(afterMs), greeted]);
      greeted.catch(() => undefined);
      child.kill('SIGKILL');
      await exited;
    },
    lookIn: () => connectTo(database.url, dataDir),
    async stopAndOpenDatabase() {
      await stop('stop');
      opened = await openDatabase({ url: database.url, dataDir, log: silentLog });
      return opened;
    },
    async close() {
      await stop('stop');
      await opened?.close();
      await database.remove();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function freePorts(): Record<string, string> {
  // Ranges may overlap with those of other servers: a taken port is stepped over.
  const first = 10_000 + 1_000 * Math.floor(Math.random() * 9);
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    SIP_PORT: '0',
    MEDIA_WORKERS: '1',
    RTP_PORTS: `${first}-${first + 999}`,
  };
}

async function makeDatabase(): Promise<{ url: string | undefined; remove(): Promise<void> }> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) return { url: undefined, remove: async () => {} };
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, (admin) => createDatabase(admin, name));
  const remove = () =>
    onServer(server, async (admin) => void (await admin.query(`drop database ${name} with (force)`)));
  return { url: withName(server, name), remove };
}

/** The embedded engine serves its socket to whoever owns the directory. */
function connectTo(url: string | undefined, host: string): Database {
  const config =
    url === undefined ? { host, port: 5432, user: 'postgres', database: 'postgres' } : { connectionString: url };
  const kind = url === undefined ? 'embedded' : 'postgres';
  return createPoolDatabase({ kind, config: { ...config, max: 1 }, log: silentLog, afterClose: async () => undefined });
}

async function startInProcess(env: Readonly<Record<string, string>>): Promise<Running> {
  const config = readConfig([], env);
  const switchroom: Switchroom = await startSwitchroom(config, createLog(config.logLevel));
  return {
    url: switchroom.url,
    sipPort: switchroom.sipPort,
    firstPassword: switchroom.firstAdministrator?.password,
    db: switchroom.db,
    stop: () => switchroom.close(),
  };
}

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url));
/** A start is some seconds of work, which many at once share. */
const startMs = 180_000;

interface Spawned {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
}

function spawnServer(env: Readonly<Record<string, string>>): Spawned {
  const child = spawn(process.execPath, [main], {
    // The second start is faster: it finds what the first one compiled.
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  // A test run that dies takes its server with it.
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  return { child, exited };
}

async function startChild(env: Readonly<Record<string, string>>): Promise<Running> {
  const { child, exited } = spawnServer(env);
  const greeting = await within(readGreeting(child), startMs, 'the start of the server');
  return {
    ...greeting,
    child,
    async stop(how) {
      child.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
      await exited;
    },
  };
}

type Greeting = Pick<Running, 'url' | 'sipPort' | 'firstPassword'>;

/** What the server prints when it is ready. @throws with its output when it ends before */
function readGreeting(child: ChildProcess): Promise<Greeting> {
  const { promise, resolve, reject } = Promise.withResolvers<Greeting>();
  let text = '';
  let isReady = false;
  const read = (chunk: Buffer): void => {
    // Read to the end all the same: a full pipe would stop the server.
    if (isReady) return;
    text += chunk.toString();
    const url = /Switchroom is ready: (\S+)/.exec(text)?.[1];
    const sipPort = /sip:\S+@127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? /SIP on port (\d+)/.exec(text)?.[1];
    if (!url || !sipPort) return;
    isReady = true;
    resolve({ url, sipPort: Number(sipPort), firstPassword: / but admin; password: (\S+)/.exec(text)?.[1] });
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  return promise;
}

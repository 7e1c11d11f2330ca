import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreeUdpPorts } from '../../support/free-ports.ts';

/** A contact center in a process of its own, as it is run in earnest. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  readonly sipPort: number;
  /** Ends it as a supervisor would; it is killed when that takes too long. */
  close(): Promise<void>;
}

export interface ServerProcessOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  /** Folder for CPU profiles of every thread, written when it ends. */
  readonly profileDir?: string | undefined;
}

const main = fileURLToPath(new URL('../../../server/main.ts', import.meta.url));
const ready = /Switchroom is ready: (\S+) \(SIP on port (\d+)\)/;
/** A machine that is busy with something else starts slowly, and says nothing of how fast the server is then. */
const startMs = 180_000;
/** Of the log, when it did not start. */
const lastBytes = 2_000;
const stopMs = 20_000;

/** Starts `server/main.ts` on free ports of 127.0.0.1 without the demo. Its log is `server.log` in the data directory. */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const { dataDir, databaseUrl, profileDir } = options;
  const mediaPort = await findFreeUdpPorts(4);
  const flags = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const logFile = join(dataDir, 'server.log');
  // A file of its own: reading a pipe would cost time that belongs to the measurement.
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, [...flags, main], {
    stdio: ['ignore', log, 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      SIP_PORT: '0',
      MEDIA_PORT: String(mediaPort),
      RTP_PORTS: '10000-19999',
      DATA_DIR: dataDir,
      DEMO: '0',
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
  });
  closeSync(log);
  let running = true;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => {
    running = false;
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await Promise.race([exited, sleep(stopMs, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
    await exited;
  };
  for (const giveUpAt = performance.now() + startMs; running && performance.now() < giveUpAt; await sleep(50)) {
    const [, url, port] = ready.exec(readFileSync(logFile, 'utf8')) ?? [];
    if (url !== undefined) return { pid: child.pid ?? 0, url, sipPort: Number(port), close };
  }
  await close();
  throw new Error(`the server did not start: ${readFileSync(logFile, 'utf8').slice(-lastBytes)}`);
}

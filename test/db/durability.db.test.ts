import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type BackendClient, type Batch, createBackend } from '../../db/embedded/backend.ts';
import { startEngine } from '../../db/embedded/engine.ts';
import { createLogSync } from '../../db/embedded/log-sync.ts';
import { queryMessage } from '../../db/embedded/protocol.ts';
import { openDatabase } from '../../db/open.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { copyEmbeddedTemplate } from '../support/database.ts';

const program = fileURLToPath(new URL('../support/insert-until-killed.ts', import.meta.url));
const kills = 10;

const dirs: string[] = [];
const freshDir = (): string => {
  const dir = fs.mkdtempSync(path.join(tmpdir(), 'switchroom-durable-'));
  dirs.push(dir);
  return dir;
};
afterEach(() => {
  for (const dir of dirs.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

/** Runs the program until it has told `count` pairs, kills it, and gives every pair it told. */
async function killAfter(dataDir: string, prefix: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, dataDir, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (told.push(line) === count) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return told;
}

describe('kill -9', () => {
  it(`loses nothing that was acknowledged, and no half of a transaction, in ${kills} kills`, async () => {
    const dataDir = freshDir();
    await copyEmbeddedTemplate(dataDir);
    const told: string[] = [];
    for (let kill = 0; kill < kills; kill++) told.push(...(await killAfter(dataDir, `run${kill}`, 1 + kill * 23)));

    const database = await openDatabase({ url: undefined, dataDir, log: silentLog });
    const rows = await database.run<{ name: string }>({ name: 'names', text: 'select name from teams', values: [] });
    await database.close();
    const kept = new Set(rows.map(({ name }) => name));
    expect(told.length).toBeGreaterThanOrEqual(kills * 20);
    expect(told.filter((pair) => !kept.has(`${pair}-a`) || !kept.has(`${pair}-b`))).toEqual([]);
    const half = [...kept].filter((name) => !kept.has(name.replace(/.$/, (end) => (end === 'a' ? 'b' : 'a'))));
    expect(half).toEqual([]);
  });
});

describe('fsync', () => {
  const real = { fdatasync: fs.fdatasync, fdatasyncSync: fs.fdatasyncSync, writeSync: fs.writeSync };
  const replace = (functions: Partial<typeof real>): void => {
    Object.assign(fs, functions);
    syncBuiltinESMExports();
  };
  afterEach(() => replace(real));

  /** An engine in this thread on a fresh directory, with disk operations that the test holds in its hands. */
  async function start() {
    const dataDir = freshDir();
    await copyEmbeddedTemplate(dataDir);
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    const log = createLogSync(onFailure, 0);
    const engine = await startEngine(path.join(dataDir, 'database'), log, onFailure);
    log.flush();
    const backend = createBackend({ engine, log, now: () => performance.now(), onFailure });
    const client = () => {
      const batches: Batch[] = [];
      const answers: string[] = [];
      const own: BackendClient = {
        next: () => batches.shift(),
        hasNext: () => batches.length > 0,
        deliver: (answer) => void answers.push(Buffer.concat(answer).toString('latin1')),
      };
      const send = (sql: string): void => {
        batches.push({ bytes: queryMessage(sql), endsReady: true });
        backend.wake(own);
      };
      return { send, answers };
    };
    /** What the disk was asked for, and what it has not answered. */
    const asked: string[] = [];
    const pending: (() => void)[] = [];
    replace({
      fdatasync: ((handle: number, done: (error: Error | null) => void) => {
        asked.push('log sync begun');
        pending.push(() => real.fdatasync(handle, done));
      }) as typeof fs.fdatasync,
      fdatasyncSync: (handle) => {
        asked.push(isLog(handle) ? 'log sync' : 'data sync');
        real.fdatasyncSync(handle);
      },
      writeSync: ((handle: number, ...rest: [Uint8Array, number, number, number]) => {
        asked.push(isLog(handle) ? 'log write' : 'data write');
        return real.writeSync(handle, ...rest);
      }) as typeof fs.writeSync,
    });
    return { client, asked, pending, failures, log };
  }

  it('is waited for before a commit is answered, and shared by those who commit meanwhile', async () => {
    const { client, asked, pending, failures } = await start();
    const [a, b, c, reader] = [client(), client(), client(), client()];
    a.send(`insert into teams (name) values ('a')`);
    // Served although the disk has not answered a: only the ends of transactions wait.
    b.send('begin');
    b.send(`insert into teams (name) values ('b')`);
    expect(b.answers).toHaveLength(2);
    b.send('commit');
    c.send(`insert into teams (name) values ('c')`);
    reader.send('select name from teams');
    expect([a, b, c, reader].map(({ answers }) => answers.length)).toEqual([0, 2, 0, 0]);
    expect(asked.filter((what) => what.includes('sync'))).toEqual(['log sync begun']);

    pending.shift()?.();
    await expect.poll(() => a.answers.length).toBe(1);
    expect([b, c, reader].map(({ answers }) => answers.length)).toEqual([2, 0, 0]);
    expect(asked.filter((what) => what.includes('sync'))).toEqual(['log sync begun', 'log sync begun']);
    pending.shift()?.();
    await expect.poll(() => reader.answers.length).toBe(1);
    expect([b, c].map(({ answers }) => answers.length)).toEqual([3, 1]);
    expect(reader.answers[0]).toContain('SELECT 3');
    expect(failures).toEqual([]);
  });

  it('of the log comes before any other write', async () => {
    const { client, asked } = await start();
    const [writer, checkpointer] = [client(), client()];
    writer.send(`insert into teams (name) values ('a')`);
    asked.length = 0;
    checkpointer.send('checkpoint');
    const firstData = asked.findIndex((what) => what.startsWith('data'));
    expect(firstData).toBeGreaterThan(0);
    expect(asked.slice(0, firstData)).toContain('log sync');
    // The overtaken one answers nobody twice.
    await expect.poll(() => writer.answers.length).toBe(1);
    expect(checkpointer.answers.length).toBe(1);
  });

  it('that fails is told, and its commit never answered', async () => {
    const { client, failures } = await start();
    const broken = new Error('EIO: i/o error, fdatasync');
    replace({ fdatasync: ((_: number, done: (error: Error | null) => void) => done(broken)) as typeof fs.fdatasync });
    const writer = client();
    writer.send(`insert into teams (name) values ('lost')`);
    expect(failures).toEqual([broken]);
    expect(writer.answers).toEqual([]);
  });
});

function isLog(handle: number): boolean {
  return fs.readlinkSync(`/proc/self/fd/${handle}`).includes('/pg_wal/');
}

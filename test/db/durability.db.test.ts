import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startEngine } from '../../db/embedded/engine.ts';
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
  const { fdatasyncSync } = fs;
  const replaceSync = (sync: typeof fdatasyncSync): void => {
    fs.fdatasyncSync = sync;
    syncBuiltinESMExports();
  };
  afterEach(() => replaceSync(fdatasyncSync));

  it('reaches the disk before a commit is acknowledged, and a failed one is told', async () => {
    const dataDir = freshDir();
    await copyEmbeddedTemplate(dataDir);
    const failures: unknown[] = [];
    const engine = await startEngine(path.join(dataDir, 'database'), (error) => failures.push(error));
    let syncs = 0;
    replaceSync((handle) => {
      syncs++;
      fdatasyncSync(handle);
    });
    for (let row = 0; row < 20; row++) {
      const before = syncs;
      await engine.query('insert into teams (name) values ($1)', [`team ${row}`]);
      expect(syncs).toBeGreaterThan(before);
    }
    expect(failures).toEqual([]);

    const broken = new Error('EIO: i/o error, fdatasync');
    replaceSync(() => {
      throw broken;
    });
    await engine.query(`insert into teams (name) values ('lost')`).catch(() => {});
    expect(failures[0]).toBe(broken);
  });
});

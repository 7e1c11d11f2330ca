import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { Database } from '../../db/client.ts';
import { openEmbedded } from '../../db/embedded/open.ts';
import { openDatabase } from '../../db/open.ts';
import { AppError } from '../../server/kernel/errors.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { copyEmbeddedTemplate } from '../support/database.ts';

const dirs: string[] = [];
const freshDir = (name = 'switchroom-embedded-'): string => {
  const dir = fs.mkdtempSync(path.join(tmpdir(), name));
  dirs.push(dir);
  return dir;
};
const migratedDir = async (): Promise<string> => {
  const dataDir = freshDir();
  await copyEmbeddedTemplate(dataDir);
  return dataDir;
};
const open = (dataDir: string): Promise<Database> => openDatabase({ url: undefined, dataDir, log: silentLog });
const failure = async (opening: Promise<unknown>): Promise<AppError> => {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, not ${String(error)}`);
  return error;
};

afterEach(() => {
  for (const dir of dirs.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

describe('the embedded database', () => {
  it('belongs to one opener at a time and is free again after close', async () => {
    const dataDir = await migratedDir();
    const database = await open(dataDir);
    expect(await failure(open(dataDir))).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('in use by process'),
    });
    await database.ping();
    await Promise.all([database.close(), database.close()]);
    await database.close();
    const again = await open(dataDir);
    await again.close();
    expect(fs.readdirSync(dataDir)).toEqual(['database']);
  });

  it('says what to do about files of another PostgreSQL, and leaves them alone', async () => {
    const dataDir = freshDir();
    fs.mkdirSync(path.join(dataDir, 'database'));
    fs.writeFileSync(path.join(dataDir, 'database/PG_VERSION'), '17\n');
    const { message } = await failure(open(dataDir));
    expect(message).toContain('made by PostgreSQL 17, this version embeds 18');
    expect(fs.readdirSync(path.join(dataDir, 'database'))).toEqual(['PG_VERSION']);
  });

  it('makes itself anew where the first start was cut short', async () => {
    const dataDir = freshDir();
    fs.mkdirSync(path.join(dataDir, 'database.new/base'), { recursive: true });
    const database = await open(dataDir);
    const tables = await database.run({
      name: 'tables',
      text: `select 1 from pg_tables where schemaname = 'public'`,
      values: [],
    });
    expect(tables).toEqual([]);
    await database.close();
    expect(fs.readdirSync(dataDir)).toEqual(['database']);
  });

  it('serves on a port with a password where the path is too long for a socket', async () => {
    const dataDir = freshDir(`switchroom-${'long-'.repeat(20)}`);
    await copyEmbeddedTemplate(dataDir);
    const engine = await openEmbedded({ dataDir, log: silentLog, onLost: () => {} });
    expect(engine.connection).toMatchObject({ host: '127.0.0.1', password: expect.stringMatching(/^[0-9a-f]{48}$/) });
    const right = new pg.Client({ ...engine.connection });
    await right.connect();
    expect((await right.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
    await right.end();
    const wrong = new pg.Client({ ...engine.connection, password: 'guess' });
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' });
    await engine.close();
  });

  it('dies loudly, with everyone told, when its disk fails', async () => {
    const dataDir = await migratedDir();
    const lost = Promise.withResolvers<AppError>();
    const database = await openDatabase({ url: undefined, dataDir, log: silentLog, onLost: lost.resolve });
    const insert = (name: string) =>
      database.run({ name: 'insert_team', text: 'insert into teams (name) values ($1)', values: [name] });
    await insert('before');
    // The worker's files are this process's files: closing the log under its hands is a disk that went away.
    for (const handle of handlesUnder(path.join(dataDir, 'database/pg_wal'))) fs.closeSync(handle);
    await expect(insert('after')).rejects.toThrow();
    expect(await lost.promise).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the embedded database died'),
    });
    await expect(database.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await database.close();
    const again = await open(dataDir);
    const names = await again.run({ name: 'names', text: 'select name from teams', values: [] });
    expect(names).toEqual([{ name: 'before' }]);
    await again.close();
  });
});

function handlesUnder(dir: string): number[] {
  return fs.readdirSync('/proc/self/fd').flatMap((handle) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${handle}`).startsWith(dir) ? [Number(handle)] : [];
    } catch {
      // The handle of the listing itself is gone by now.
      return [];
    }
  });
}

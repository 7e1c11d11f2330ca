import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Database } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open.ts';
import { silentLog } from '../../server/kernel/log.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface TestDatabase extends Database {
  /** A directory of its own, gone after close; on the embedded engine the database is in it. */
  readonly dataDir: string;
}

/**
 * A fresh, migrated database: embedded, or on the server of TEST_DATABASE_URL (whose user may create databases).
 * `close` closes it and removes every trace of it.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const dataDir = fs.mkdtempSync(path.join(tmpdir(), 'switchroom-test-'));
  const server = process.env['TEST_DATABASE_URL'];
  const { database, remove } = server ? await openOnServer(server, dataDir) : await openEmbedded(dataDir);
  return {
    ...database,
    dataDir,
    async close() {
      await database.close();
      await remove();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

interface Opened {
  readonly database: Database;
  remove(): Promise<void>;
}

/** Puts a migrated database into an empty data directory. Migrating takes seconds, copying a tenth of one. */
export async function copyEmbeddedTemplate(dataDir: string): Promise<void> {
  fs.cpSync(await embeddedTemplate(), dataDir, { recursive: true, mode: fs.constants.COPYFILE_FICLONE });
}

async function openEmbedded(dataDir: string): Promise<Opened> {
  await copyEmbeddedTemplate(dataDir);
  const database = await openDatabase({ url: undefined, dataDir, log: silentLog });
  return { database, remove: async () => {} };
}

/** Made once per set of migrations and kept; processes that make it at once make the same, and the first one's stays. */
async function embeddedTemplate(): Promise<string> {
  const template = path.join(root, 'node_modules/.cache', `test-database-${fingerprint()}`);
  if (fs.existsSync(template)) return template;
  const draft = `${template}-${randomUUID()}`;
  const database = await openDatabase({ url: undefined, dataDir: draft, log: silentLog });
  await migrate(database);
  await database.close();
  try {
    fs.renameSync(draft, template);
  } catch (error) {
    if (!fs.existsSync(template)) throw error;
    fs.rmSync(draft, { recursive: true });
  }
  return template;
}

async function openOnServer(url: string, dataDir: string): Promise<Opened> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(url, async (admin) => {
    await admin.query(`create database ${name} template ${await serverTemplate(admin, url)}`);
  });
  const database = await openDatabase({ url: withName(url, name), dataDir, log: silentLog });
  const remove = () => onServer(url, async (admin) => void (await admin.query(`drop database ${name} with (force)`)));
  return { database, remove };
}

/** Under a lock for the whole server: two processes must not make it at once, nor copy it half made. */
async function serverTemplate(admin: pg.Client, url: string): Promise<string> {
  const name = `template_${fingerprint()}`;
  await admin.query('select pg_advisory_lock(1)');
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount === 0) {
    const draft = `draft_${randomUUID().replaceAll('-', '')}`;
    await createDatabase(admin, draft);
    const database = await openDatabase({ url: withName(url, draft), dataDir: root, log: silentLog });
    await migrate(database);
    await database.close();
    await admin.query(`alter database ${draft} rename to ${name}`);
  }
  return name;
}

/** An empty database in which Cyrillic has lower case and trigrams, whatever the server's default is. */
export async function createDatabase(admin: pg.Client, name: string): Promise<void> {
  await admin.query(
    `create database ${name} template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`,
  );
}

/** Runs `work` on a connection of its own, whose locks end with it. */
export async function onServer<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client(url);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The same server, another database. */
export function withName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Changes when a migration or the engine changes. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const migrations = path.join(root, 'db/migrations');
  const files = fs.readdirSync(migrations).filter((file) => file.endsWith('.sql'));
  for (const file of files.sort()) hash.update(file).update(fs.readFileSync(path.join(migrations, file)));
  hash.update(fs.readFileSync(path.join(root, 'node_modules/@electric-sql/pglite/package.json')));
  return hash.digest('hex').slice(0, 16);
}

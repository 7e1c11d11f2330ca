import { once } from 'node:events';
import * as net from 'node:net';
import * as path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open.ts';
import { teams } from '../../db/schema/index.ts';
import { AppError } from '../../server/kernel/errors.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { catalogOf } from '../support/catalog.ts';
import {
  copyEmbeddedTemplate,
  createDatabase,
  onServer,
  openTestDatabase,
  type TestDatabase,
  withName,
} from '../support/database.ts';
import { type PostgresServer, postgresPrograms, startPostgres } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const named = (name: string) => ({
  name: 'team_by_name',
  text: 'select id, name from teams where name = $1',
  values: [name],
});
const open = (url: string) => openDatabase({ url, dataDir: database.dataDir, log: silentLog });

/** The error of an opening that must fail, in words. */
async function refusal(url: string): Promise<AppError> {
  const error = await open(url).then(
    async (opened) => opened.close(),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, not ${String(error)}`);
  expect(error.code).toBe('unavailable');
  expect(error.message).not.toContain('\n');
  expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('s3cret');
  return error;
}

describe('a database', () => {
  it('keeps what a transaction did when it resolves, and nothing when it throws', async () => {
    const team = await database.transaction(async (tx) => {
      await tx.orm.insert(teams).values({ name: 'kept' });
      const [found] = await tx.run<{ id: number; name: string }>(named('kept'));
      return found;
    });
    expect(team).toEqual({ id: expect.any(Number), name: 'kept' });
    const thrown = new Error('changed my mind');
    await expect(
      database.transaction(async (tx) => {
        await tx.orm.insert(teams).values({ name: 'dropped' });
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(await database.orm.select().from(teams).where(eq(teams.name, 'dropped'))).toEqual([]);
    expect(await database.run(named('kept'))).toHaveLength(1);
  });

  it('rolls back after an error that it caught', async () => {
    const twice = database.transaction(async (tx) => {
      await tx.orm.insert(teams).values({ name: 'twice' });
      await tx.orm.insert(teams).values({ name: 'twice' });
    });
    await expect(twice).rejects.toThrow();
    expect(await database.run(named('twice'))).toEqual([]);
  });

  it('speaks of times in UTC and of bigint as numbers', async () => {
    const [row] = await database.run({
      name: 'types',
      text: `select 9007199254740991::bigint as big, '2026-01-12T09:00:00+03'::timestamptz as at,
                    current_setting('timezone') as zone`,
      values: [],
    });
    expect(row).toEqual({ big: Number.MAX_SAFE_INTEGER, at: new Date('2026-01-12T06:00:00Z'), zone: 'UTC' });
  });

  // 5 s for a statement of 0.2 ms: one-row tables that were never analysed are taken for hundreds of rows
  it('has no plans compiled', async () => {
    const isServer = process.env['TEST_DATABASE_URL'] !== undefined;
    const text = `select current_setting('jit') as jit, pg_jit_available() as available`;
    const [row] = await database.run<{ jit: string; available: boolean }>({ name: 'jit', text, values: [] });
    // the embedded engine has no compiler at all
    expect(isServer ? row?.jit === 'off' : row?.available === false).toBe(true);
  });

  it('finds Cyrillic by trigrams', async () => {
    const { rows } = await database.orm.execute(
      sql`select show_trgm('Иван') <> '{}' as known, 'ИВАН' ilike '%ван%' as found`,
    );
    expect(rows).toEqual([{ known: true, found: true }]);
  });

  it('answers a ping', async () => {
    await database.ping();
  });
});

describe('an address that is of no use', () => {
  it.each(['nonsense', 'mysql://user:s3cret@localhost/x', 'postgres://user:s3cret@:port/x'])('%s', async (url) => {
    expect((await refusal(url)).message).toContain('DATABASE_URL is not a PostgreSQL address');
  });

  it('where nobody listens', async () => {
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as net.AddressInfo;
    probe.close();
    await once(probe, 'close');
    const error = await refusal(`postgres://user:s3cret@127.0.0.1:${port}/x`);
    expect(error).toMatchObject({ message: expect.stringContaining('refuses the connection'), retryable: true });
  });

  it('of a host that does not exist', async () => {
    const { message } = await refusal('postgres://user:s3cret@no-such-host.invalid/x');
    expect(message).toMatch(/host of DATABASE_URL (is not known|cannot be looked up)/);
  });
});

const programs = postgresPrograms();

describe.runIf(programs !== undefined)('a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(programs ?? '');
  });
  afterAll(() => server.close());

  it('says which of name, password and database is wrong', async () => {
    const right = new URL(withName(server.url, 'nowhere'));
    expect((await refusal(right.href)).message).toContain('does not exist');
    right.password = 's3cret';
    expect((await refusal(right.href)).message).toContain('user name or password');
  });

  it('is refused when it does not know Cyrillic', async () => {
    const encodings = `encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`;
    await onServer(server.url, (admin) => admin.query(`create database latin template template0 ${encodings}`));
    expect((await refusal(withName(server.url, 'latin'))).message).toContain('LC_CTYPE C.UTF-8');
  });

  it('is migrated once by four processes that start together, to the same catalog as the embedded engine', async () => {
    await onServer(server.url, (admin) => createDatabase(admin, 'fresh'));
    const url = withName(server.url, 'fresh');
    const nodes = await Promise.all([1, 2, 3, 4].map(() => open(url)));
    await Promise.all(nodes.map((node) => migrate(node)));
    const catalog = await catalogOf(nodes[0] ?? database);
    await Promise.all(nodes.map((node) => node.close()));
    expect(catalog.length).toBeGreaterThan(150);
    const dataDir = path.join(database.dataDir, 'embedded');
    await copyEmbeddedTemplate(dataDir);
    const embedded = await openDatabase({ url: undefined, dataDir, log: silentLog });
    const embeddedCatalog = await catalogOf(embedded);
    await embedded.close();
    expect(catalog).toEqual(embeddedCatalog);
  });

  it('is replaced at the next statement when its connections break', async () => {
    const node = await open(server.url);
    await node.ping();
    await onServer(server.url, (admin) =>
      admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'switchroom'`),
    );
    await expect.poll(() => node.ping().then(() => 'answered')).toBe('answered');
    await node.close();
  });
});

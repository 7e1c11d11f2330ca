import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxMessageBytes } from '../../db/embedded/limits.ts';
import { type EmbeddedEngine, openEmbedded } from '../../db/embedded/open.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { copyFrom } from '../support/copy.ts';

const dataDir = fs.mkdtempSync(path.join(tmpdir(), 'switchroom-bridge-'));
let engine: EmbeddedEngine;
let pool: pg.Pool;
const clients: pg.Client[] = [];

const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ ...engine.connection });
  clients.push(client);
  // An unheard error event would fail the run; tests that break connections look at what others see.
  client.on('error', () => {});
  await client.connect();
  return client;
};

beforeAll(async () => {
  engine = await openEmbedded({
    dataDir,
    log: silentLog,
    onLost: (error) => {
      throw error;
    },
  });
  pool = new pg.Pool({ ...engine.connection, max: 8 });
  await pool.query('create table t (id int generated always as identity primary key, v int, s text)');
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await pool.end();
  await engine.close();
  fs.rmSync(dataDir, { recursive: true });
});

describe('one backend for many sessions', () => {
  it('keeps transactions apart that are open at the same time', async () => {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const client = await pool.connect();
        await client.query('begin');
        const { rows } = await client.query('insert into t (v) values ($1) returning id', [index]);
        await new Promise((resolve) => setImmediate(resolve));
        await client.query('update t set s = $2 where id = $1', [rows[0].id, `x${index}`]);
        await client.query(index % 5 === 0 ? 'rollback' : 'commit');
        client.release();
      }),
    );
    const { rows } = await pool.query(
      `select count(*)::int as n, count(*) filter (where s = 'x' || v)::int as whole from t`,
    );
    expect(rows).toEqual([{ n: 40, whole: 40 }]);
  });

  it('lets sessions use the same statement name for different statements', async () => {
    const [a, b] = [await connect(), await connect()];
    const number = (value: number) => a.query({ name: 'q', text: 'select $1::int + 1 as x', values: [value] });
    const text = (value: string) => b.query({ name: 'q', text: `select $1::text || '!' as x`, values: [value] });
    expect((await number(1)).rows).toEqual([{ x: 2 }]);
    expect((await text('b')).rows).toEqual([{ x: 'b!' }]);
    expect((await number(5)).rows).toEqual([{ x: 6 }]);
  });

  it('prepares a statement once for all sessions, for as long as one of them has it', async () => {
    const [a, b, c] = [await connect(), await connect(), await connect()];
    const text = 'select $1::int * 3 as shared_by_all';
    const ask = async (client: pg.Client, name: string) => (await client.query({ name, text, values: [2] })).rows;
    const known = async () =>
      (await pool.query(`select name from pg_prepared_statements where statement = $1`, [text])).rows.length;
    for (const [client, name] of [
      [a, 'mine'],
      [b, 'other'],
      [c, 'third'],
    ] as const)
      expect(await ask(client, name)).toEqual([{ shared_by_all: 6 }]);
    expect(await known()).toBe(1);
    await a.end();
    expect(await ask(b, 'other')).toEqual([{ shared_by_all: 6 }]);
    expect(await ask(c, 'third')).toEqual([{ shared_by_all: 6 }]);
    await b.end();
    await c.end();
    expect(await known()).toBe(0);
  });

  it('shares no statement that was refused', async () => {
    const [a, b] = [await connect(), await connect()];
    const wrong = { name: 'later_right', text: 'select v from not_yet_there', values: [] };
    await expect(a.query(wrong)).rejects.toMatchObject({ code: '42P01' });
    await expect(b.query(wrong)).rejects.toMatchObject({ code: '42P01' });
    const right = { name: 'later_right', text: 'select 5 as five', values: [] };
    const c = await connect();
    await expect(c.query(wrong)).rejects.toMatchObject({ code: '42P01' });
    expect((await c.query(right)).rows).toEqual([{ five: 5 }]);
    await pool.query('create table not_yet_there (v int)');
    expect((await a.query(wrong)).rows).toEqual([]);
    expect((await b.query(wrong)).rows).toEqual([]);
  });

  it('forgets the named statements of a session that has gone', async () => {
    const client = await connect();
    await client.query({ name: 'short_lived', text: 'select 1' });
    await client.end();
    const { rows } = await pool.query(`select name from pg_prepared_statements where name like '%short_lived'`);
    expect(rows).toEqual([]);
  });

  it('answers errors with their SQLSTATE and goes on', async () => {
    const client = await connect();
    await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' });
    await client.query('begin');
    await expect(client.query('select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('rollback');
    expect((await client.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
  });

  it('rolls back and goes on when a client dies in a transaction', async () => {
    const dying = await connect();
    await dying.query('begin');
    await dying.query('insert into t (v) values (999999)');
    const waiting = pool.query('select count(*)::int as n from t where v = 999999');
    (dying as unknown as { connection: { stream: net.Socket } }).connection.stream.destroy();
    expect((await waiting).rows).toEqual([{ n: 0 }]);
  });

  it('undoes what a client did that dies without having ended its statement', async () => {
    const socket = await rawSession();
    // Parse, Bind, Execute and Flush, but no Sync: the implicit transaction is open.
    socket.write(Buffer.concat([parse('insert into t (v) values (888888)'), bind, execute, frame('H')]));
    await readUntil(socket, 'INSERT 0 1');
    const waiting = pool.query('select count(*)::int as n from t where v = 888888');
    socket.destroy();
    expect((await waiting).rows).toEqual([{ n: 0 }]);
  });

  it('passes answers of many packets whole', async () => {
    const { rows } = await pool.query(`select n, repeat('ж', 100) as s from generate_series(1, 20000) n`);
    expect(rows.length).toBe(20_000);
    expect(rows.at(-1)).toEqual({ n: 20_000, s: 'ж'.repeat(100) });
  });

  it('takes parameters larger than any socket buffer', async () => {
    const text = 'я'.repeat(3_000_000);
    const { rows } = await pool.query('select length($1::text) as n', [text]);
    expect(rows).toEqual([{ n: 3_000_000 }]);
  });
});

describe('LISTEN and NOTIFY', () => {
  it('reach the sessions that listen, and only those', async () => {
    const [a, b, quiet] = [await connect(), await connect(), await connect()];
    const heard: string[] = [];
    for (const [name, client] of Object.entries({ a, b, quiet })) {
      client.on('notification', ({ channel, payload }) => heard.push(`${name} ${channel} ${payload}`));
    }
    await a.query('listen calls');
    await b.query('LISTEN "Two Words"');
    await pool.query(`select pg_notify('calls', 'one')`);
    await pool.query(`select pg_notify('Two Words', 'two')`);
    await a.query('begin');
    await a.query(`notify calls, 'rolled back'`);
    await a.query('rollback');
    await b.query(`notify calls, 'from b'`);
    await a.query('unlisten *');
    await pool.query(`notify calls, 'too late'`);
    await Promise.all([a, b, quiet].map((client) => client.query('select 1')));
    expect(heard.toSorted()).toEqual(['a calls from b', 'a calls one', 'b Two Words two']);
  });
});

describe('COPY', () => {
  it('in and out', async () => {
    const client = await connect();
    await client.query('create table copied (n int, s text)');
    const lines = Array.from({ length: 2_000 }, (_, index) => `${index}\tстрока ${index}\n`);
    await client.query(copyFrom('copy copied (n, s) from stdin', lines));
    const { rows } = await client.query('select count(*)::int as n, max(s) as s from copied');
    expect(rows).toEqual([{ n: 2_000, s: 'строка 999' }]);
  });

  it('reports what is wrong with the data, and goes on', async () => {
    const client = await connect();
    await expect(client.query(copyFrom('copy copied (n, s) from stdin', ['x\ty\n']))).rejects.toMatchObject({
      code: '22P02',
    });
    await expect(client.query(copyFrom('copy missing from stdin', ['1\n']))).rejects.toMatchObject({ code: '42P01' });
    expect((await client.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
  });

  it('is refused where the engine could not be given the data', async () => {
    const client = await connect();
    await expect(client.query('begin; copy copied from stdin')).rejects.toMatchObject({ code: '0A000' });
    await client.query('rollback');
    const prepared = client.query({ name: 'c', text: 'copy copied from stdin' });
    await expect(prepared).rejects.toMatchObject({ code: '0A000' });
    expect((await client.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
  });
});

describe('a client that does not keep to the protocol', () => {
  it('is told when a message is too long, and hung up on', async () => {
    const socket = await rawSession();
    const header = Buffer.from('Q\0\0\0\0');
    header.writeUInt32BE(maxMessageBytes + 5, 1);
    socket.write(header);
    expect(await readUntil(socket, undefined)).toContain('54000');
  });

  it('is hung up on when it speaks something else', async () => {
    const socket = net.connect(path.join(dataDir, '.s.PGSQL.5432'));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await readUntil(socket, undefined)).toContain('54000');
    expect((await pool.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
  });
});

/** A message without a body, or with one. */
function frame(type: string, body = Buffer.alloc(0)): Buffer {
  const header = Buffer.from(`${type}\0\0\0\0`);
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

const parse = (sql: string): Buffer => frame('P', Buffer.from(`\0${sql}\0\0\0`));
const bind = frame('B', Buffer.alloc(8));
const execute = frame('E', Buffer.alloc(5));

/** A connection that is let in, and speaks only what the test writes. */
async function rawSession(): Promise<net.Socket> {
  const socket = net.connect(path.join(dataDir, '.s.PGSQL.5432'));
  await once(socket, 'connect');
  const startup = Buffer.from('\0\0\0\0\0\x03\0\0user\0postgres\0\0');
  startup.writeUInt32BE(startup.length, 0);
  socket.write(startup);
  await readUntil(socket, 'Z\0\0\0\x05I');
  return socket;
}

/** What the engine says up to a text, or up to its hanging up. */
async function readUntil(socket: net.Socket, text: string | undefined): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      if (text === undefined || !said.includes(text)) return;
      socket.off('data', onData);
      resolve(said);
    };
    socket.on('data', onData);
    socket.on('close', () => (text === undefined ? resolve(said) : reject(new Error(`hung up after ${said}`))));
    socket.on('error', () => {});
  });
}

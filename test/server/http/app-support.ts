import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { users } from '../../../db/schema/access.ts';
import { type Access, createAccess, hashPassword } from '../../../server/access/index.ts';
import type { Input, OperationKey, Output } from '../../../server/contract/api.ts';
import type { Role } from '../../../server/contract/words.ts';
import { type BuildAppOptions, buildApp } from '../../../server/http/app.ts';
import { partsOf } from '../../../server/http/operations.ts';
import { createFakeClock, type FakeClock } from '../../../server/kernel/clock.ts';
import type { UserId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { createGateway, type SocketGateway } from '../../../server/realtime/socket-gateway.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

export const password = 'correct horse battery';

export interface TestPeople {
  readonly anna: UserId;
  readonly boris: UserId;
  readonly olga: UserId;
}

/** A house with three people in it: two agents and a supervisor, all with the same password. */
export interface TestHouse {
  readonly db: TestDatabase;
  readonly access: Access;
  readonly clock: FakeClock;
  readonly people: TestPeople;
  close(): Promise<void>;
}

export async function openTestHouse(options: { failedSignInsPerMinute?: number } = {}): Promise<TestHouse> {
  const db = await openTestDatabase();
  const passwordHash = await hashPassword(password);
  const person = async (login: string, role: Role): Promise<UserId> => {
    const name = login.charAt(0).toUpperCase() + login.slice(1);
    const row = { login, name, role, passwordHash, sipSecret: `sip-${login}` };
    const [made] = await db.orm.insert(users).values(row).returning({ id: users.id });
    if (made === undefined) throw new Error('no row');
    return made.id;
  };
  const people = {
    anna: await person('anna', 'agent'),
    boris: await person('boris', 'agent'),
    olga: await person('olga', 'supervisor'),
  };
  const clock = createFakeClock();
  const access = await createAccess({ db, clock, log: silentLog, realm: 'switchroom.test', ...options });
  return {
    db,
    access,
    clock,
    people,
    async close() {
      await access.close();
      await db.close();
    },
  };
}

/** The app over a house, with an empty folder for the browser app unless one is given. */
export async function buildTestApp(
  house: Pick<TestHouse, 'access'>,
  options: Partial<BuildAppOptions> = {},
): Promise<FastifyInstance> {
  const config = { host: '127.0.0.1', publicUrl: undefined, trustProxy: [], metricsToken: undefined };
  return await buildApp({
    config,
    log: silentLog,
    access: house.access,
    routes: [],
    uiFolder: join(tmpdir(), 'switchroom-no-such-folder'),
    version: '0.0.0',
    ...options,
  });
}

/** Signs in and gives the Cookie header of the session. */
export async function signIn(app: FastifyInstance, login: string): Promise<string> {
  const response = await app.inject({ method: 'POST', url: '/api/v1/session', payload: { login, password } });
  if (response.statusCode !== 200) throw new Error(`sign-in answered ${response.statusCode}: ${response.body}`);
  return cookieOf(response.headers['set-cookie']);
}

/** `name=value` of a Set-Cookie header. */
export function cookieOf(header: string | string[] | undefined): string {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(';', 1)[0] ?? '';
}

/** An answer with its status; `body` is the operation's or a problem. */
export interface Answer<K extends OperationKey> {
  readonly status: number;
  readonly body: Output<K>;
  /** The same body, read as a problem. */
  readonly problem: { code: string; errors?: { path: string; message: string }[]; [detail: string]: unknown };
}

/** Operations as people ask for them, each with the cookie of his session; an empty one: nobody is signed in. */
export function callsOver<P extends string>(app: FastifyInstance, cookies: Readonly<Record<P, string>>) {
  return async function call<K extends OperationKey>(person: P, key: K, input?: Input<K>): Promise<Answer<K>> {
    const { method, url } = partsOf(key);
    const given = (input ?? {}) as { params?: Record<string, unknown>; body?: object; querystring?: object };
    const path = url.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(given.params?.[name])));
    const response = await app.inject({
      method: method as 'GET',
      url: path,
      headers: { cookie: cookies[person] },
      ...(given.body ? { payload: given.body } : {}),
      ...(given.querystring ? { query: given.querystring as Record<string, string> } : {}),
    });
    const body = response.json();
    return { status: response.statusCode, body, problem: body };
  };
}

/** An app that listens, with a gateway: for real sockets. */
export interface ListeningApp {
  readonly app: FastifyInstance;
  readonly gateway: SocketGateway;
  /** `127.0.0.1:port` */
  readonly host: string;
}

export async function listenTestApp(house: TestHouse, options: Partial<BuildAppOptions> = {}): Promise<ListeningApp> {
  const gateway = createGateway({
    access: house.access,
    clock: house.clock,
    log: silentLog,
    mayWatch: async () => true,
  });
  const app = await buildTestApp(house, { gateway, ...options });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, gateway, host: new URL(address).host };
}

/** A folder that is removed by the returned function. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'switchroom-http-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

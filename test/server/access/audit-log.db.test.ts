import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog, clients, users } from '../../../db/schema/index.ts';
import type { ClientId, UserId } from '../../../server/kernel/ids.ts';
import { buildTestApp, openTestHouse, signIn, type TestHouse } from '../http/app-support.ts';

describe('the audit log', () => {
  let house: TestHouse;
  let app: FastifyInstance;
  let admin: string;
  let client: ClientId;

  beforeAll(async () => {
    house = await openTestHouse();
    const [anna] = await house.db.orm.select().from(users);
    const row = { login: 'admin', name: 'Admin', role: 'admin' as const, sipSecret: '' };
    await house.db.orm.insert(users).values({ ...row, passwordHash: anna?.passwordHash ?? '' });
    const [card] = await house.db.orm.insert(clients).values({ name: 'Клиент' }).returning();
    client = card?.id as ClientId;
    app = await buildTestApp(house, { routes: [house.access.routes] });
    admin = await signIn(app, 'admin');
    await house.db.orm.delete(auditLog);
    const hours = (n: number): Date => new Date(Date.UTC(2026, 0, 12, n));
    const line = (n: number, userId: UserId, rest: object = {}) => ({
      at: hours(n),
      userId,
      action: 'client.viewed',
      subject: `client:${client}`,
      clientId: client,
      ...rest,
    });
    const { anna: a, boris: b } = house.people;
    await house.db.orm
      .insert(auditLog)
      .values([
        line(1, a, { times: 3 }),
        line(2, b, { allowed: false }),
        line(3, a, { action: 'recording.played', subject: 'recording:x' }),
        line(4, a, { action: 'session.begun', subject: 'login:anna', clientId: null, data: { address: '127.0.0.1' } }),
        line(5, b, { clientId: null, subject: 'client:99' }),
      ]);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  const read = async (query: Record<string, string>, cookie = admin) => {
    const response = await app.inject({ url: '/api/v1/audit', query, headers: { cookie } });
    return { status: response.statusCode, body: response.json() };
  };
  const hoursOf = (body: { items: { at: string }[] }) => body.items.map(({ at }) => new Date(at).getUTCHours());

  it('is read newest first, with names', async () => {
    const { body } = await read({});
    expect(hoursOf(body)).toEqual([5, 4, 3, 2, 1]);
    expect(body.before).toBeNull();
    expect(body.items[4]).toMatchObject({
      user: { id: house.people.anna, name: 'Anna' },
      action: 'client.viewed',
      client: { id: client, name: 'Клиент' },
      allowed: true,
      times: 3,
    });
    expect(body.items[1]).toMatchObject({ client: null, data: { address: '127.0.0.1' } });
  });

  it.each([
    ['a user', () => ({ userId: String(house.people.boris) }), [5, 2]],
    ['a client', () => ({ clientId: String(client) }), [3, 2, 1]],
    ['an action', () => ({ action: 'recording.played' }), [3]],
    ['refusals', () => ({ refused: 'true' }), [2]],
    ['a period', () => ({ from: '2026-01-12T02:00:00Z', to: '2026-01-12T04:00:00Z' }), [3, 2]],
    [
      'all of it',
      () => ({ userId: String(house.people.anna), clientId: String(client), action: 'client.viewed' }),
      [1],
    ],
  ] as const)('is cut to %s', async (_what, query, expected) => {
    expect(hoursOf((await read(query())).body)).toEqual(expected);
  });

  it('is paged without a gap or a line twice', async () => {
    const seen: number[] = [];
    let before: number | null = null;
    do {
      const { body } = await read({ limit: '2', ...(before === null ? {} : { before: String(before) }) });
      seen.push(...hoursOf(body));
      before = body.before;
    } while (before !== null);
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it('is for administrators, and asks in known words', async () => {
    expect((await read({}, await signIn(app, 'olga'))).status).toBe(403);
    expect((await read({}, '')).status).toBe(401);
    expect((await read({ action: 'nothing' })).status).toBe(400);
    expect((await read({ from: 'yesterday' })).status).toBe(400);
  });
});

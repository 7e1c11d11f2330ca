import { text } from 'node:stream/consumers';
import { eq } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog, clients, users } from '../../../../db/schema/index.ts';
import { seedClients } from '../../../../db/seed/bulk.ts';
import { createClientExport } from '../../../../server/clients/export/index.ts';
import { exportLimits } from '../../../../server/clients/export/limits.ts';
import { createCsvReader } from '../../../../server/clients/import/csv.ts';
import { createClients } from '../../../../server/clients/index.ts';
import type { UserId } from '../../../../server/kernel/ids.ts';
import { openSight } from '../../../support/sight.ts';
import { buildTestApp, openTestHouse, signIn, type TestHouse } from '../../http/app-support.ts';

const cards = 3 * exportLimits.page + 7;

describe('an export', () => {
  let house: TestHouse;
  let app: FastifyInstance;
  let exports: ReturnType<typeof createClientExport>;

  beforeAll(async () => {
    house = await openTestHouse();
    const { db, clock, access, people } = house;
    await seedClients(db, cards, [people.anna, people.boris]);
    const journal = { append: async () => [], published: () => undefined };
    const room = createClients({ db, clock, journal, sight: await openSight(db, clock) });
    exports = createClientExport({ db, scopeOf: room.visibility.scopeOf, audit: access.audit });
    app = await buildTestApp(house, { clientExport: exports });
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  async function allow(id: UserId, rights: { sees: 'own' | 'all'; mayExport: boolean }): Promise<void> {
    await house.db.orm.update(users).set(rights).where(eq(users.id, id));
    await house.access.reload();
  }
  async function get(login: string, q = '') {
    const headers = { cookie: await signIn(app, login) };
    const response = await app.inject({ url: '/api/v1/clients/export', query: { q }, headers });
    const reader = createCsvReader(',');
    const rows = response.statusCode === 200 ? [...reader.read(response.body.slice(1)), ...reader.end()].slice(1) : [];
    return { response, rows };
  }
  const lines = () => house.db.orm.select().from(auditLog).where(eq(auditLog.action, 'clients.exported'));

  it('is refused without the right, and the attempt is written down', async () => {
    const { response } = await get('anna');
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'forbidden' });
    expect(await lines()).toMatchObject([{ userId: house.people.anna, allowed: false }]);
    expect((await app.inject({ url: '/api/v1/clients/export' })).statusCode).toBe(401);
  });

  it('holds every card once, over all pages, and its line of the audit log the number of rows', async () => {
    await allow(house.people.olga, { sees: 'all', mayExport: true });
    const { response, rows } = await get('olga');
    expect(response.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="clients.csv"',
    });
    expect(rows).toHaveLength(cards);
    expect(new Set(rows.map((row) => row[3])).size).toBe(cards);
    expect((await lines()).at(-1)).toMatchObject({ userId: house.people.olga, allowed: true, data: { rows: cards } });
  });

  it('holds what its reader may see, and of that what he searches', async () => {
    await allow(house.people.anna, { sees: 'own', mayExport: true });
    const { rows } = await get('anna');
    expect(new Set(rows.map((row) => row[5]))).toEqual(new Set(['Anna', '']));
    const mine = await house.db.orm.$count(clients, eq(clients.responsibleId, house.people.boris));
    expect(rows).toHaveLength(cards - mine);
    const whole = await get('olga', 'ооо');
    const part = await get('anna', 'ооо');
    expect(whole.rows.every((row) => row.join(' ').toLowerCase().includes('ооо'))).toBe(true);
    expect(part.rows.length).toBeGreaterThan(0);
    expect(part.rows.length).toBeLessThan(whole.rows.length);
    expect((await lines()).at(-1)).toMatchObject({ data: { rows: part.rows.length, query: 'ооо' } });
  });

  it('of nothing that can be found is not one of everything', async () => {
    expect((await get('olga', '***')).response.statusCode).toBe(400);
    expect((await get('olga', 'щщщщщ')).rows).toEqual([]);
  });

  it('runs twice at once and no more, and one that is broken off makes room', async () => {
    const [olga] = await house.db.orm.select().from(users).where(eq(users.login, 'olga'));
    if (!olga) throw new Error('no Olga');
    const one = await exports.open(olga, '');
    const two = await exports.open(olga, '');
    await expect(exports.open(olga, '')).rejects.toMatchObject({ code: 'overloaded', retryable: true });
    one.destroy();
    await new Promise((resolve) => one.once('close', resolve));
    const three = await exports.open(olga, '');
    expect((await text(two)).split('\r\n')).toHaveLength(cards + 2);
    expect((await text(three)).split('\r\n')).toHaveLength(cards + 2);
  });
});

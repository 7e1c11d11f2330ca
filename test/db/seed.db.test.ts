import { eq, sql } from 'drizzle-orm';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as schema from '../../db/schema/index.ts';
import { bulkNumber, seedClients } from '../../db/seed/bulk.ts';
import { seedDemo } from '../../db/seed/demo.ts';
import { searchText } from '../../server/clients/search-text.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const now = new Date('2026-03-16T09:30:00Z');
const demo = { password: 'open sesame', now, hashPassword: async (plain: string) => `hash of ${plain}` };

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const scalar = async (query: ReturnType<typeof sql>) =>
  Object.values((await database.orm.execute(query)).rows[0] ?? {})[0];

describe('seedDemo', () => {
  it('makes the company once, however often and from however many processes it is asked', async () => {
    const made = await Promise.all([seedDemo(database, demo), seedDemo(database, demo)]);
    expect(made.toSorted()).toEqual([false, true]);
    expect(await seedDemo(database, demo)).toBe(false);
    const users = await database.orm.select().from(schema.users);
    expect(users.map(({ login, role }) => `${login} ${role}`).toSorted()).toEqual([
      'admin admin',
      'anna agent',
      'boris agent',
      'olga supervisor',
      'vera agent',
    ]);
    expect(new Set(users.map(({ passwordHash }) => passwordHash))).toEqual(new Set(['hash of open sesame']));
    expect(new Set(users.map(({ sipSecret }) => sipSecret)).size).toBe(users.length);
  });

  it('has a line with a queue of three agents and a carrier that is this machine', async () => {
    const [line] = await database.orm
      .select()
      .from(schema.lines)
      .innerJoin(schema.trunks, eq(schema.trunks.id, schema.lines.trunkId));
    expect(line).toMatchObject({
      lines: { number: '+74950000001' },
      trunks: { name: 'Demo carrier', port: 5099, addresses: ['127.0.0.1/32', '::1/128'] },
    });
    expect(await scalar(sql`select count(*)::int from queue_agents`)).toBe(3);
    expect(await scalar(sql`select count(*)::int from dispositions`)).toBe(7);
  });

  it('gives every card numbers that their countries could give out', async () => {
    const points = await database.orm.select().from(schema.contactPoints).where(eq(schema.contactPoints.kind, 'phone'));
    expect(points.length).toBeGreaterThan(150);
    const wrong = points.filter(({ value }) => parsePhoneNumberFromString(value)?.isValid() !== true);
    expect(wrong.map(({ value }) => value)).toEqual([]);
    const countries = new Set(points.map(({ value }) => parsePhoneNumberFromString(value)?.country));
    for (const country of ['RU', 'KZ', 'BY', 'DE', 'GB', 'US'] as const) expect(countries).toContain(country);
  });

  it('reads Russian spellings back to the stored numbers', async () => {
    const points = await database.orm.select().from(schema.contactPoints).where(eq(schema.contactPoints.kind, 'phone'));
    for (const { raw, value } of points) expect(parsePhoneNumberFromString(raw, 'RU')?.number).toBe(value);
  });

  it('keeps histories within the card and the year', async () => {
    expect(await scalar(sql`select count(*)::int from timeline_entries`)).toBeGreaterThan(600);
    expect(
      await scalar(sql`select count(*)::int from timeline_entries e join clients c on c.id = e.client_id
                        where e.at < c.created_at or e.at > ${now.toISOString()}::timestamptz`),
    ).toBe(0);
    expect(await scalar(sql`select count(*)::int from timeline_entries where note ~ '[{}|]'`)).toBe(0);
    expect(await scalar(sql`select count(*)::int from timeline_entries where recording_id is not null`)).toBe(0);
    expect(
      await scalar(sql`select count(*)::int from (select distinct on (client_id) status from timeline_entries
                        order by client_id, at desc) last where status in ('missed', 'abandoned')`),
    ).toBeGreaterThan(4);
  });

  it('writes the search rows that the card store would write', async () => {
    const cards = await database.orm.select().from(schema.clients);
    const points = await database.orm.select().from(schema.contactPoints).orderBy(schema.contactPoints.id);
    const rows = await database.orm.select().from(schema.clientSearch);
    expect(rows.length).toBe(cards.length);
    for (const card of cards) {
      const contactPoints = points.filter(({ clientId }) => clientId === card.id);
      expect(rows.find(({ clientId }) => clientId === card.id)?.text).toBe(searchText({ ...card, contactPoints }));
    }
  });
});

describe('seedClients', () => {
  it('makes as many cards as asked, each found by its number and by its name', async () => {
    await seedClients(database, 5_200);
    expect(await scalar(sql`select count(*)::int from clients where source = 'bulk'`)).toBe(5_200);
    for (const index of [0, 4_999, 5_000, 5_199]) {
      const [found] = await database.orm
        .select()
        .from(schema.contactPoints)
        .innerJoin(schema.clients, eq(schema.clients.id, schema.contactPoints.clientId))
        .innerJoin(schema.clientSearch, eq(schema.clientSearch.clientId, schema.clients.id))
        .where(eq(schema.contactPoints.value, bulkNumber(index)));
      expect(found?.contact_points.isPrimary).toBe(true);
      expect(found?.client_search.text).toContain(bulkNumber(index).slice(1));
      expect(found?.client_search.text).toContain(found?.clients.name.toLowerCase());
    }
    expect(parsePhoneNumberFromString(bulkNumber(0))?.isValid()).toBe(true);
    expect(parsePhoneNumberFromString(bulkNumber(299_999))?.isValid()).toBe(true);
  });
});

import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients as cards, clientSearch, contactPoints, identityLedger } from '../../../db/schema/index.ts';
import { parsePhoneNumber } from '../../../server/clients/phone-number.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openClients } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openClients>>;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openClients(db);
});
afterAll(() => db.close());

const call = (raw: string, name?: string) =>
  house.clients.matchOrCreateByPhone(parsePhoneNumber(raw, 'RU'), { source: 'call', ...(name ? { name } : {}) });

describe('a caller whom nobody knows', () => {
  test('gets one card from a hundred calls at once', async () => {
    const matched = await Promise.all(Array.from({ length: 100 }, () => call('8 (916) 000-01-00')));
    expect(new Set(matched.map(({ clientId }) => clientId)).size).toBe(1);
    expect(matched.filter(({ created }) => created)).toHaveLength(1);
    expect(await db.orm.$count(cards, eq(cards.name, '+7 916 000-01-00'))).toBe(1);
    expect(await db.orm.$count(contactPoints, eq(contactPoints.value, '+79160000100'))).toBe(1);
  });

  test('gets a card with its number, its search text and the evidence', async () => {
    const { clientId } = await call('8 (916) 000-02-00');
    expect(await house.clients.card(clientId)).toMatchObject({
      kind: 'unknown',
      name: '+7 916 000-02-00',
      source: 'call',
      region: 'RU',
      stage: 'lead',
      contactPoints: [{ kind: 'phone', value: '+79160000200', display: '+7 916 000-02-00', isPrimary: true }],
    });
    const [search] = await db.orm.select().from(clientSearch).where(eq(clientSearch.clientId, clientId));
    expect(search?.text).toContain('79160000200');
    const [line] = await db.orm.select().from(identityLedger).where(eq(identityLedger.clientId, clientId));
    expect(line).toMatchObject({ action: 'created', userId: null });
    expect(line?.evidence).toBe('caller\'s number "8 (916) 000-02-00", read by rule national');
  });

  test('is named by his equipment only when that is a name', async () => {
    const named = await call('+79160000301', 'Пётр Кузнецов');
    const numbered = await call('+79160000302', '89160000302');
    expect((await house.clients.card(named.clientId))?.name).toBe('Пётр Кузнецов');
    expect((await house.clients.card(numbered.clientId))?.name).toBe('+7 916 000-03-02');
  });

  test('leaves no gap when he is found again', async () => {
    const first = await call('+79160000400');
    for (let again = 0; again < 5; again++) expect(await call('89160000400')).toEqual({ ...first, created: false });
    expect((await call('+79160000401')).clientId).toBe(first.clientId + 1);
  });
});

describe('a caller whose card exists', () => {
  test.each([
    ['8 916 100 00 01'],
    ['79161000001'],
    ['+7 (916) 100-00-01'],
    ['0079161000001'],
    ['tel:+7-916-100-00-01;ext='],
    ['"Иван" <sip:89161000001@10.0.0.1>'],
  ])('is recognised when his number comes as %s', async (raw) => {
    const { clientId, created } = await call('9161000001');
    expect(await call(raw)).toMatchObject({ clientId, created: expect.any(Boolean) });
    expect((await call(raw)).created).toBe(false);
    expect(created).toBe(raw === '8 916 100 00 01');
  });

  test('is recognised by the number of a plan that his country has left', async () => {
    const card = await house.clients.create({ name: 'João' }, house.anna);
    await db.orm
      .insert(contactPoints)
      .values({ clientId: card.id, kind: 'phone', value: '+551187654321', raw: '+55 11 8765-4321' });
    expect(await call('+55 11 98765-4321')).toMatchObject({ clientId: card.id, created: false });
  });

  test('is the only one behind an extension, or nobody in particular', async () => {
    const point = (value: string) => ({ contactPoints: [{ kind: 'phone' as const, value }] });
    const ivan = await house.clients.create({ name: 'Иван', ...point('8 495 100-00-02 доб. 12') }, house.anna);
    expect((await call('+74951000002')).clientId).toBe(ivan.id);
    const olga = await house.clients.create({ name: 'Ольга', ...point('8 495 100-00-02 доб. 13') }, house.anna);
    const reception = await call('+74951000002');
    expect([ivan.id, olga.id]).not.toContain(reception.clientId);
    expect(reception.created).toBe(true);
    expect((await call('+74951000002;ext=13')).clientId).toBe(olga.id);
  });
});

describe('a caller without a number', () => {
  test('shares one card with all who hide theirs', async () => {
    const hidden = await Promise.all(
      ['anonymous', '', 'Restricted', 'sip:anonymous@anonymous.invalid'].map((raw) => call(raw)),
    );
    expect(new Set(hidden.map(({ clientId }) => clientId)).size).toBe(1);
    const card = await house.clients.card(hidden[0]?.clientId ?? (0 as never));
    expect(card).toMatchObject({ kind: 'unknown', name: 'Anonymous', region: '', timeZone: '' });
    expect(card?.contactPoints).toMatchObject([{ value: 'anonymous' }]);
  });

  test.each([
    ['112', '112'],
    ['*100#', '*100#'],
    ['alice', 'alice'],
    ['12345678901234567890', '12345678901234567890'],
  ])('%s has the card of what was sent', async (raw, value) => {
    const { clientId } = await call(raw);
    expect((await call(raw)).clientId).toBe(clientId);
    const points = await db.orm
      .select({ value: contactPoints.value })
      .from(contactPoints)
      .where(eq(contactPoints.clientId, clientId))
      .orderBy(asc(contactPoints.id));
    expect(points).toEqual([{ value }]);
  });
});

import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients as cards, clientSearch, identityLedger, users } from '../../../db/schema/index.ts';
import type { StoredCard } from '../../../server/clients/client.ts';
import { parsePhoneNumber } from '../../../server/clients/phone-number.ts';
import type { ClientId, ContactPointId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeUser, openClients } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openClients>>;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openClients(db);
});
afterAll(() => db.close());

const phone = (value: string) => ({ kind: 'phone' as const, value });
const email = (value: string) => ({ kind: 'email' as const, value });
const searchTextOf = async (id: ClientId) =>
  (await db.orm.select().from(clientSearch).where(eq(clientSearch.clientId, id)))[0]?.text;
const pointOf = (card: StoredCard, value: string) => {
  const point = card.contactPoints.find((candidate) => candidate.value === value);
  if (!point) throw new Error(`the card has no ${value}`);
  return { ...point, id: point.id as ContactPointId };
};

describe('a new card', () => {
  test('has its numbers and addresses, the first of each kind primary', async () => {
    const input = {
      name: 'Ольга Ёлкина',
      company: 'Ромашка',
      responsibleId: house.anna.id,
      contactPoints: [phone('8 916 300-00-01'), phone('8 495 300-00-01 доб. 5'), email('Olga@Example.com')],
    };
    const card = await house.clients.create(input, house.anna);
    expect(card).toMatchObject({
      kind: 'person',
      version: 1,
      name: 'Ольга Ёлкина',
      responsible: { id: house.anna.id, name: 'Anna' },
      contactPoints: [
        { value: '+79163000001', isPrimary: true },
        { value: 'olga@example.com', isPrimary: true },
        { value: '+74953000001', extension: '5', isPrimary: false },
      ],
    });
    expect(await searchTextOf(card.id)).toMatch(/ольга елкина.*ромашка.*79163000001/s);
    expect(house.heard.at(-1)).toMatchObject({ type: 'client.created', clientId: card.id, userId: house.anna.id });
    expect(house.pushed.at(-1)).toEqual({ clientId: card.id, version: 1 });
  });

  test('with a number that another card has is not made', async () => {
    const owner = await house.clients.create({ name: 'Владелец', contactPoints: [phone('+79163000002')] }, house.anna);
    const made = house.clients.create({ name: 'Дубль', contactPoints: [phone('8 916 300 00 02')] }, house.anna);
    await expect(made).rejects.toMatchObject({
      code: 'already_taken',
      details: { clientId: owner.id, name: 'Владелец' },
    });
    expect(await db.orm.$count(cards, eq(cards.name, 'Дубль'))).toBe(0);
  });

  test('may say one number twice', async () => {
    const contactPoints = [phone('+79163000003'), phone('8 916 300-00-03')];
    const card = await house.clients.create({ name: 'Дважды', contactPoints }, house.anna);
    expect(card.contactPoints).toHaveLength(1);
  });

  test('cannot be anybody’s who is not there or may not sign in', async () => {
    const gone = await makeUser(db, 'gone');
    await db.orm.update(users).set({ disabledAt: new Date() }).where(eq(users.id, gone.id));
    for (const responsibleId of [gone.id, 99_999])
      await expect(house.clients.create({ name: 'x', responsibleId }, house.anna)).rejects.toMatchObject({
        code: 'bad_request',
      });
  });
});

describe('changing a card', () => {
  test('moves the version on, keeps the search text, journals the fields', async () => {
    const { id, version } = await house.clients.create({ name: 'Старое Имя' }, house.anna);
    house.clock.advance(1000);
    const card = await house.clients.edit(id, { version, name: 'Новое Имя', tags: ['vip'], vip: true }, house.anna);
    expect(card).toMatchObject({ version: version + 1, name: 'Новое Имя', tags: ['vip'], vip: true });
    expect(await searchTextOf(id)).toContain('новое имя');
    expect(house.heard.at(-1)).toMatchObject({
      type: 'client.changed',
      clientId: id,
      data: { fields: ['name', 'tags', 'vip'] },
    });
    expect(house.pushed.at(-1)).toEqual({ clientId: id, version: version + 1 });
  });

  test('on an old version is refused with the present one, and nothing is written', async () => {
    const { id, version } = await house.clients.create({ name: 'Первый' }, house.anna);
    await house.clients.edit(id, { version, name: 'Второй' }, house.anna);
    const late = house.clients.edit(id, { version, name: 'Третий' }, house.anna);
    await expect(late).rejects.toMatchObject({ code: 'stale_version', details: { version: version + 1 } });
    expect((await house.clients.card(id)).name).toBe('Второй');
  });

  test('by ten people at once succeeds for one of them', async () => {
    const { id, version } = await house.clients.create({ name: 'Общий' }, house.anna);
    const names = Array.from({ length: 10 }, (_, index) => `Имя ${index}`);
    const done = await Promise.allSettled(names.map((name) => house.clients.edit(id, { version, name }, house.anna)));
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await house.clients.card(id)).version).toBe(version + 1);
  });

  test('to what it was changes nothing', async () => {
    const { id, version } = await house.clients.create({ name: 'Тот же' }, house.anna);
    const told = house.pushed.length;
    expect((await house.clients.edit(id, { version, name: 'Тот же' }, house.anna)).version).toBe(version);
    expect(house.pushed).toHaveLength(told);
  });

  test('that is not there is refused', async () => {
    await expect(house.clients.edit(88_888 as ClientId, { version: 1 }, house.anna)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(house.clients.card(88_888 as ClientId)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('names an unknown caller', async () => {
    const { clientId, version } = await house.clients.matchOrCreateByPhone(parsePhoneNumber('+79163000010', 'RU'), {
      source: 'call',
    });
    const card = await house.clients.edit(clientId, { version, name: 'Теперь известен' }, house.anna);
    expect(card.kind).toBe('person');
  });
});

describe('numbers and addresses of a card', () => {
  test('are added once, whatever the spelling', async () => {
    const { id } = await house.clients.create({ name: 'А', contactPoints: [phone('+79163000020')] }, house.anna);
    const added = await house.clients.addContactPoint(id, phone('8 (916) 300-00-21'), house.anna);
    expect(added.contactPoints.map(({ value }) => value)).toEqual(['+79163000020', '+79163000021']);
    expect(added.version).toBe(2);
    const again = await house.clients.addContactPoint(id, phone('+7 916 300 00 21'), house.anna);
    expect(again.version).toBe(2);
    expect(await searchTextOf(id)).toContain('79163000021');
  });

  test('that another card has are refused with its name', async () => {
    const owner = await house.clients.create({ name: 'Хозяин', contactPoints: [email('own@example.com')] }, house.anna);
    const other = await house.clients.create({ name: 'Другой' }, house.anna);
    await expect(house.clients.addContactPoint(other.id, email('OWN@example.com'), house.anna)).rejects.toMatchObject({
      code: 'already_taken',
      details: { clientId: owner.id, name: 'Хозяин' },
    });
    expect((await house.clients.card(other.id)).version).toBe(1);
  });

  test('have one primary of a kind, which passes on when it is taken off', async () => {
    const contactPoints = [phone('+79163000030'), phone('+79163000031'), email('p@example.com')];
    const card = await house.clients.create({ name: 'Б', contactPoints }, house.anna);
    const second = pointOf(card, '+79163000031');
    const promoted = await house.clients.editContactPoint(
      card.id,
      second.id,
      { isPrimary: true, label: 'дом' },
      house.anna,
    );
    expect(promoted.contactPoints.filter(({ isPrimary }) => isPrimary).map(({ value }) => value)).toEqual([
      '+79163000031',
      'p@example.com',
    ]);
    expect(pointOf(promoted, '+79163000031').label).toBe('дом');
    const left = await house.clients.removeContactPoint(card.id, second.id, house.anna);
    expect(pointOf(left, '+79163000030').isPrimary).toBe(true);
    expect(left.contactPoints).toHaveLength(2);
    expect(await searchTextOf(card.id)).not.toContain('79163000031');
  });

  test('leave their story in the ledger', async () => {
    const card = await house.clients.create({ name: 'В', contactPoints: [phone('8 916 300-00-40')] }, house.anna);
    await house.clients.removeContactPoint(card.id, pointOf(card, '+79163000040').id, house.anna);
    const lines = await db.orm
      .select({ action: identityLedger.action, evidence: identityLedger.evidence, userId: identityLedger.userId })
      .from(identityLedger)
      .where(eq(identityLedger.clientId, card.id))
      .orderBy(asc(identityLedger.id));
    expect(lines).toEqual([
      {
        action: 'added',
        evidence: 'phone +79163000040: number written as "8 916 300-00-40", read by rule national',
        userId: house.anna.id,
      },
      { action: 'removed', evidence: 'phone +79163000040: taken off by a user', userId: house.anna.id },
    ]);
  });

  test('of another card cannot be touched through this one', async () => {
    const one = await house.clients.create({ name: 'Г', contactPoints: [phone('+79163000050')] }, house.anna);
    const two = await house.clients.create({ name: 'Д' }, house.anna);
    const { id } = pointOf(one, '+79163000050');
    const code = { code: 'not_found' };
    await expect(house.clients.removeContactPoint(two.id, id, house.anna)).rejects.toMatchObject(code);
    await expect(house.clients.editContactPoint(two.id, id, { label: 'x' }, house.anna)).rejects.toMatchObject(code);
  });
});

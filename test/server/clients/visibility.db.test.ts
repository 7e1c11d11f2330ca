import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { owed, tasks, teams, users } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { Sees } from '../../../server/contract/words.ts';
import type { ClientId, ContactPointId, TeamId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { storeEntry } from '../timeline/house.ts';
import { makeUser, openClients } from './house.ts';

const hours = (count: number): number => count * 3_600_000;

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openClients>>;
let [anna, boris, vera] = [] as SignedInUser[] as [SignedInUser, SignedInUser, SignedInUser];
let numbers = 0;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await openClients(db);
  const [team] = await db.orm.insert(teams).values({ name: 'Sales' }).returning();
  const teamId = team?.id as TeamId;
  anna = { ...house.anna, teamId };
  boris = { ...(await makeUser(db, 'boris')), teamId };
  vera = await makeUser(db, 'vera');
  for (const { id } of [anna, boris]) await db.orm.update(users).set({ teamId }).where(eq(users.id, id));
  await house.sight.reload();
});
afterAll(() => db.close());
beforeEach(() => house.looks.splice(0));

const seeing = (user: SignedInUser, sees: Sees): SignedInUser => ({ ...user, sees });
const newNumber = () => ({ kind: 'phone' as const, value: `+7916400${String(++numbers).padStart(4, '0')}` });
/** A card of somebody, or of nobody. */
async function cardOf(responsible: SignedInUser | null, name = 'Card'): Promise<ClientId> {
  const contactPoints = [newNumber()];
  return (await house.clients.create({ name, responsibleId: responsible?.id ?? null, contactPoints }, anna)).id;
}
const isSeen = (id: ClientId, user: SignedInUser): Promise<boolean> =>
  house.clients.requireVisible(id, user).then(
    () => true,
    () => false,
  );

describe('a card', () => {
  test('of a mate is seen by the team, of a stranger by those who see all', async () => {
    const annas = await cardOf(anna);
    expect(await isSeen(annas, seeing(boris, 'team'))).toBe(true);
    expect(await isSeen(annas, seeing(boris, 'own'))).toBe(false);
    expect(await isSeen(annas, seeing(vera, 'team'))).toBe(false);
    expect(await isSeen(annas, seeing(vera, 'all'))).toBe(true);
    expect(await isSeen(await cardOf(null), seeing(vera, 'own'))).toBe(true);
  });

  test('that must not be seen is refused like one that is not there, and the attempt is told', async () => {
    const id = await cardOf(anna);
    await expect(house.clients.requireVisible(id, seeing(vera, 'team'))).rejects.toMatchObject({
      code: 'not_found',
      message: `there is no card ${id}`,
    });
    expect(house.looks).toEqual([{ userId: vera.id, clientId: id, allowed: false }]);
  });

  test('must not be changed, added to, taken from or undone either', async () => {
    const id = await cardOf(anna);
    const stranger = seeing(vera, 'own');
    const { version, contactPoints } = await house.clients.card(id);
    const pointId = contactPoints[0]?.id as ContactPointId;
    const attempts = [
      house.clients.edit(id, { version, name: 'x' }, stranger),
      house.clients.addContactPoint(id, newNumber(), stranger),
      house.clients.editContactPoint(id, pointId, { label: 'x' }, stranger),
      house.clients.removeContactPoint(id, pointId, stranger),
    ];
    await Promise.all(attempts.map((attempt) => expect(attempt).rejects.toMatchObject({ code: 'not_found' })));
    expect(await house.clients.card(id)).toMatchObject({ version, name: 'Card' });
    expect(house.looks.filter(({ allowed }) => !allowed)).toHaveLength(4);
  });

  test('goes out of sight when somebody else becomes responsible', async () => {
    const id = await cardOf(vera);
    const own = seeing(vera, 'own');
    const { version } = await house.clients.card(id);
    await house.clients.edit(id, { version, responsibleId: anna.id }, own);
    expect(await isSeen(id, own)).toBe(false);
  });
});

describe('a number on a card that must not be seen', () => {
  test('is refused with the manager’s name and nothing of the client', async () => {
    const point = newNumber();
    await house.clients.create({ name: 'Секрет', responsibleId: anna.id, contactPoints: [point] }, anna);
    const mine = await cardOf(vera);
    for (const take of [false, true]) {
      const attempt = house.clients.addContactPoint(mine, { ...point, take }, seeing(vera, 'own'));
      const failure = await attempt.catch((error: unknown) => error as { code: string; details: object });
      expect(failure).toMatchObject({ code: 'already_taken', details: { responsible: 'Anna' } });
      expect(JSON.stringify(failure)).not.toContain('Секрет');
      expect(Object.keys((failure as { details: object }).details)).toEqual(['responsible']);
    }
    const seen = house.clients.addContactPoint(mine, point, vera);
    await expect(seen).rejects.toMatchObject({ code: 'already_taken', details: { name: 'Секрет' } });
  });

  test('cannot be taken back by whoever no longer sees where it is', async () => {
    const point = newNumber();
    await house.clients.create({ name: 'Прежний', responsibleId: vera.id, contactPoints: [point] }, vera);
    const to = await cardOf(anna);
    await house.clients.addContactPoint(to, { ...point, take: true }, seeing(vera, 'all'));
    const [line] = await db.run<{ id: number }>({
      name: 'last_line',
      text: `SELECT max(id)::int AS id FROM identity_ledger WHERE action = 'moved'`,
      values: [],
    });
    await expect(house.clients.undoMove(line?.id ?? 0, seeing(vera, 'own'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('working with a client makes his card visible', () => {
  const own = () => seeing(vera, 'own');
  const now = () => new Date(house.clock.now());

  test('for a day after a call, not after a colleague’s call', async () => {
    const id = await cardOf(anna);
    await storeEntry(db, { clientId: id, at: now(), userId: boris.id });
    expect(await isSeen(id, own())).toBe(false);
    await storeEntry(db, { clientId: id, at: now(), userId: vera.id });
    expect(await isSeen(id, own())).toBe(true);
    house.clock.advance(hours(23));
    expect(await isSeen(id, own())).toBe(true);
    house.clock.advance(hours(2));
    expect(await isSeen(id, own())).toBe(false);
  });

  test('while something is to be done for him', async () => {
    const id = await cardOf(anna);
    const due = { dueAt: now(), remindAt: now(), passAt: now(), timeZone: 'UTC' };
    const row = { kind: 'task' as const, clientId: id, assigneeId: vera.id, creatorId: anna.id, ...due };
    await db.orm.insert(tasks).values(row);
    expect(await isSeen(id, own())).toBe(true);
    await db.orm.update(tasks).set({ state: 'missed' }).where(eq(tasks.clientId, id));
    expect(await isSeen(id, own())).toBe(true);
    await db.orm.update(tasks).set({ state: 'done' }).where(eq(tasks.clientId, id));
    expect(await isSeen(id, own())).toBe(false);
  });

  test('while an answer is owed to him by the user, or by nobody in particular', async () => {
    const id = await cardOf(anna);
    const at = now();
    const row = { kind: 'missed' as const, number: '+7', interactionIds: [], times: 1 };
    const times = { firstAt: at, lastAt: at, dueAt: at, openedAt: at };
    await db.orm.insert(owed).values({ clientId: id, ...row, ...times });
    expect(await isSeen(id, own())).toBe(true);
    await db.orm.update(owed).set({ ownerId: boris.id, ownerReason: 'responsible' }).where(eq(owed.clientId, id));
    expect(await isSeen(id, own())).toBe(false);
    await db.orm.update(owed).set({ ownerId: vera.id }).where(eq(owed.clientId, id));
    expect(await isSeen(id, own())).toBe(true);
    await db.orm.update(owed).set({ closedAt: at, closedBecause: 'by_hand' }).where(eq(owed.clientId, id));
    expect(await isSeen(id, own())).toBe(false);
  });
});

describe('search', () => {
  const found = async (typed: string, user: SignedInUser) =>
    (await house.clients.search(typed, 20, user)).map(({ name }) => name).sort();

  test('finds what the viewer may see, whatever is typed', async () => {
    const point = newNumber();
    const of = async (responsible: SignedInUser | null, name: string) =>
      house.clients.create({ name, responsibleId: responsible?.id ?? null }, anna);
    await house.clients.create({ name: 'Зебра Анны', responsibleId: anna.id, contactPoints: [point] }, anna);
    await of(boris, 'Зебра Бориса');
    await of(vera, 'Зебра Веры');
    await of(null, 'Зебра ничья');
    expect(await found('зебра', seeing(vera, 'all'))).toHaveLength(4);
    expect(await found('зебра', seeing(boris, 'team'))).toEqual(['Зебра Анны', 'Зебра Бориса', 'Зебра ничья']);
    expect(await found('зебра', seeing(boris, 'own'))).toEqual(['Зебра Бориса', 'Зебра ничья']);
    expect(await found('зебра', { ...seeing(boris, 'own'), role: 'admin' })).toHaveLength(4);
    expect(await found(point.value, seeing(vera, 'own'))).toEqual([]);
    expect(await found(point.value, seeing(boris, 'team'))).toEqual(['Зебра Анны']);
  });

  test('of nothing shows the latest of what he may see', async () => {
    for (let n = 0; n < 25; n++) await cardOf(anna, 'Чужая');
    const mine = await cardOf(vera, 'Моя последняя');
    const [first, ...rest] = await house.clients.search('', 20, seeing(vera, 'own'));
    expect(first?.id).toBe(mine);
    expect(rest.map(({ name }) => name)).not.toContain('Чужая');
    expect((await house.clients.search('', 20, seeing(boris, 'team'))).map(({ name }) => name)).toContain('Чужая');
  });

  test('finds a client whom the viewer works with', async () => {
    const id = await cardOf(anna, 'Работаю Сейчас');
    expect(await found('работаю', seeing(vera, 'own'))).toEqual([]);
    await storeEntry(db, { clientId: id, at: new Date(house.clock.now()), userId: vera.id });
    expect(await found('работаю', seeing(vera, 'own'))).toEqual(['Работаю Сейчас']);
    expect((await house.clients.search('', 50, seeing(vera, 'own'))).map((item) => item.id)).toContain(id);
  });
});

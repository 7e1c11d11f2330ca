import { and, asc, eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clients as cards,
  clientSearch,
  contactPoints,
  identityLedger,
  interactions,
  timelineEntries,
} from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import { parsePhoneNumber } from '../../../server/clients/phone-number.ts';
import { identityLines } from '../../../server/clients/take-over.ts';
import { type ClientId, type EntryId, type InteractionId, type LineId, newId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeUser, openClients } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openClients>>;
let olga: SignedInUser;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openClients(db);
  olga = { ...(await makeUser(db, 'olga')), role: 'supervisor' };
});
afterAll(() => db.close());

const phone = (value: string) => ({ kind: 'phone' as const, value });
const taking = (value: string) => ({ ...phone(value), take: true });

/** A number that no other test uses. */
let numbers = 0;
const freshNumber = () => `+7916${String(4_000_000 + numbers++)}`;

/** A call as the calls' room writes it: the card by the number, an interaction, its entry. */
async function call(number: string, to?: ClientId) {
  house.clock.advance(1000);
  const matched = await house.clients.matchOrCreateByPhone(parsePhoneNumber(number, 'RU'), { source: 'call' });
  const clientId = to ?? matched.clientId;
  const at = new Date(house.clock.now());
  const interactionId = newId<InteractionId>();
  const entryId = newId<EntryId>();
  await db.orm.insert(interactions).values({
    id: interactionId,
    channel: 'call',
    direction: 'in',
    state: 'active',
    clientId,
    lineId: 1 as LineId,
    peerRaw: number,
    peer: number,
    arrivedAt: at,
    nodeId: 'test',
  });
  await db.orm.insert(timelineEntries).values({
    id: entryId,
    clientId,
    at,
    kind: 'call',
    direction: 'in',
    status: 'ongoing',
    interactionId,
    peer: number,
  });
  return { clientId, interactionId, entryId };
}

const person = (name: string, ...values: string[]) =>
  house.clients.create({ name, contactPoints: values.map(phone) }, house.anna);
const entriesOf = async (id: ClientId) =>
  (await db.orm.select({ id: timelineEntries.id }).from(timelineEntries).where(eq(timelineEntries.clientId, id))).map(
    (entry) => entry.id,
  );
const holderOf = async (value: string) =>
  (await db.orm.select().from(contactPoints).where(eq(contactPoints.value, value))).map(({ clientId }) => clientId);
const ledgerIdOf = async (to: ClientId) => {
  const [line] = await db.orm
    .select({ id: identityLedger.id })
    .from(identityLedger)
    .where(and(eq(identityLedger.clientId, to), eq(identityLedger.action, 'moved')))
    .orderBy(sql`id desc`);
  if (!line) throw new Error('nothing was moved');
  return line.id;
};

describe('a number on a card that a call made', () => {
  test('is refused with what people need to decide', async () => {
    const number = freshNumber();
    const { clientId } = await call(number);
    await call(number);
    const ivan = await person('Иван');
    await expect(house.clients.addContactPoint(ivan.id, phone(number), house.anna)).rejects.toMatchObject({
      code: 'already_taken',
      details: { clientId, kind: 'unknown', calls: 2, name: expect.stringContaining('+7 916') },
    });
  });

  test('is taken with everything that came by it, and the card vanishes', async () => {
    const number = freshNumber();
    const { clientId: unknown, entryId, interactionId } = await call(number);
    const ivan = await person('Иван Нашёлся');
    const card = await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    expect(card.contactPoints).toMatchObject([{ value: number, isPrimary: true }]);
    expect(await entriesOf(ivan.id)).toEqual([entryId]);
    const [interaction] = await db.orm.select().from(interactions).where(eq(interactions.id, interactionId));
    expect(interaction?.clientId).toBe(ivan.id);
    expect(house.moved.at(-1)).toEqual({ interactionIds: [interactionId], to: ivan.id });
    // the emptied card: answered for by the other, in no search, in no list
    expect((await house.clients.card(unknown)).id).toBe(ivan.id);
    expect((await house.clients.search(number, 20, null)).map(({ id }) => id)).toEqual([ivan.id]);
    expect((await house.clients.search('', 100, null)).map(({ id }) => id)).not.toContain(unknown);
    expect(await db.orm.$count(clientSearch, eq(clientSearch.clientId, unknown))).toBe(0);
    expect(house.pushed.slice(-2).map(({ clientId }) => clientId)).toEqual([ivan.id, unknown]);
    expect(house.heard.slice(-2)).toMatchObject([
      { type: 'client.changed', clientId: ivan.id },
      { type: 'client.merged', clientId: unknown, data: { to: ivan.id } },
    ]);
  });

  test('moves alone when the card has other numbers', async () => {
    const number = freshNumber();
    const other = freshNumber();
    const { clientId: unknown, entryId } = await call(number);
    await house.clients.addContactPoint(unknown, phone(other), house.anna);
    const ivan = await person('Иван');
    await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    expect(await entriesOf(unknown)).toEqual([entryId]);
    const left = await house.clients.card(unknown);
    expect(left).toMatchObject({ id: unknown, contactPoints: [{ value: other, isPrimary: true }] });
  });

  test('can be taken for a card that is only being made', async () => {
    const number = freshNumber();
    const { entryId } = await call(number);
    const card = await house.clients.create({ name: 'Новый', contactPoints: [taking(number)] }, house.anna);
    expect(card.contactPoints).toMatchObject([{ value: number, isPrimary: true }]);
    expect(await entriesOf(card.id)).toEqual([entryId]);
  });

  test('goes to the first of ten people who take it at once, and stays on one card', async () => {
    const number = freshNumber();
    await call(number);
    const people = await Promise.all(Array.from({ length: 10 }, (_, index) => person(`Гонщик ${index}`)));
    const results = await Promise.allSettled(
      people.map(({ id }) => house.clients.addContactPoint(id, taking(number), house.anna)),
    );
    // after the first, the number is a known person's: an agent may not take it
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await holderOf(number)).toHaveLength(1);
  });

  test('rings on one card while it is being taken', async () => {
    const number = freshNumber();
    const { clientId: unknown } = await call(number);
    const ivan = await person('Иван');
    const [, ...calls] = await Promise.all([
      house.clients.addContactPoint(ivan.id, taking(number), house.anna),
      ...Array.from({ length: 20 }, () => call(number)),
    ]);
    expect(await entriesOf(unknown)).toEqual([]);
    expect(await entriesOf(ivan.id)).toHaveLength(calls.length + 1);
  });
});

describe('rows of an emptied card', () => {
  test('that are written by those who do not know yet go to the card that answers for it', async () => {
    const number = freshNumber();
    const { clientId: unknown, interactionId, entryId } = await call(number);
    const ivan = await person('Иван');
    await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    const late = await call(number, unknown);
    await db.orm.update(interactions).set({ clientId: unknown }).where(eq(interactions.id, interactionId));
    await db.orm.update(timelineEntries).set({ clientId: unknown }).where(eq(timelineEntries.id, entryId));
    expect((await entriesOf(ivan.id)).sort()).toEqual([entryId, late.entryId].sort());
    expect(await db.orm.$count(interactions, eq(interactions.clientId, unknown))).toBe(0);
  });

  test('and changes of it are changes of the other', async () => {
    const number = freshNumber();
    const { clientId: unknown } = await call(number);
    const ivan = await person('Иван');
    const { version } = await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    const card = await house.clients.edit(unknown, { version, company: 'Ромашка' }, house.anna);
    expect(card).toMatchObject({ id: ivan.id, company: 'Ромашка' });
    const more = await house.clients.addContactPoint(unknown, phone(freshNumber()), house.anna);
    expect(more.id).toBe(ivan.id);
  });
});

describe('a number of a known person', () => {
  test('is taken by those who answer for him only, and his history stays', async () => {
    const number = freshNumber();
    const boris = await makeUser(db, `boris${numbers}`);
    const olgas = await house.clients.create(
      { name: 'Ольга', responsibleId: boris.id, contactPoints: [phone(number), phone(freshNumber())] },
      house.anna,
    );
    const { entryId } = await call(number);
    const ivan = await person('Иван');
    await expect(house.clients.addContactPoint(ivan.id, taking(number), house.anna)).rejects.toMatchObject({
      code: 'forbidden',
      details: { clientId: olgas.id, name: 'Ольга', kind: 'person', calls: 1 },
    });
    const { version } = await house.clients.card(ivan.id);
    expect(version).toBe(1);
    await house.clients.addContactPoint(ivan.id, taking(number), boris);
    expect(await entriesOf(olgas.id)).toEqual([entryId]);
    expect((await house.clients.card(olgas.id)).contactPoints).toHaveLength(1);
    await house.clients.addContactPoint(olgas.id, taking(number), olga);
    expect(await holderOf(number)).toEqual([olgas.id]);
  });
});

describe('an undo', () => {
  test('puts back the number, the history and the calls that came by it since', async () => {
    const number = freshNumber();
    const first = await call(number);
    const ivan = await person('Иван', freshNumber());
    await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    const since = await call(number);
    const own = await call(freshNumber(), ivan.id);
    expect(since.clientId).toBe(ivan.id);
    const card = await house.clients.undoMove(await ledgerIdOf(ivan.id), house.anna);
    expect(card).toMatchObject({ id: ivan.id });
    expect(card.contactPoints.map(({ value }) => value)).not.toContain(number);
    expect((await entriesOf(first.clientId)).sort()).toEqual([first.entryId, since.entryId].sort());
    expect(await entriesOf(ivan.id)).toEqual([own.entryId]);
    const restored = await house.clients.card(first.clientId);
    expect(restored).toMatchObject({ id: first.clientId, kind: 'unknown', contactPoints: [{ isPrimary: true }] });
    expect((await house.clients.search(number, 20, null)).map(({ id }) => id)).toEqual([first.clientId]);
    expect(new Set(house.moved.at(-1)?.interactionIds)).toEqual(new Set([first.interactionId, since.interactionId]));
    expect(house.moved.at(-1)?.to).toBe(first.clientId);
  });

  test('twice is once', async () => {
    const number = freshNumber();
    await call(number);
    const ivan = await person('Иван');
    await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    const line = await ledgerIdOf(ivan.id);
    const { version } = await house.clients.undoMove(line, house.anna);
    expect((await house.clients.undoMove(line, house.anna)).version).toBe(version);
  });

  test('belongs to who did it and to supervisors', async () => {
    const number = freshNumber();
    await call(number);
    const ivan = await person('Иван');
    await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    const line = await ledgerIdOf(ivan.id);
    const vera = await makeUser(db, `vera${numbers}`);
    await expect(house.clients.undoMove(line, vera)).rejects.toMatchObject({ code: 'forbidden' });
    await house.clients.undoMove(line, olga);
    await expect(house.clients.undoMove(999_999, olga)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('waits for the undo of what came later', async () => {
    const number = freshNumber();
    await call(number);
    const ivan = await person('Иван');
    const petr = await person('Пётр');
    await house.clients.addContactPoint(ivan.id, taking(number), olga);
    const first = await ledgerIdOf(ivan.id);
    await house.clients.addContactPoint(petr.id, taking(number), olga);
    await expect(house.clients.undoMove(first, olga)).rejects.toMatchObject({
      code: 'conflict',
      details: { heldBy: petr.id },
    });
    await house.clients.undoMove(await ledgerIdOf(petr.id), olga);
    await house.clients.undoMove(first, olga);
    expect((await house.clients.card((await holderOf(number))[0] as ClientId)).kind).toBe('unknown');
  });
});

test('the first of two moves to the same card is not undone before what came between', async () => {
  const number = freshNumber();
  await call(number);
  const ivan = await person('Иван');
  const petr = await person('Пётр');
  await house.clients.addContactPoint(ivan.id, taking(number), olga);
  const first = await ledgerIdOf(ivan.id);
  await house.clients.addContactPoint(petr.id, taking(number), olga);
  const second = await ledgerIdOf(petr.id);
  await house.clients.addContactPoint(ivan.id, taking(number), olga);
  const [third] = (await identityLines(db, ivan.id, olga)).filter(({ canUndo }) => canUndo);
  expect(third?.id).toBeGreaterThan(second);
  for (const line of [first, second])
    await expect(house.clients.undoMove(line, olga)).rejects.toMatchObject({ code: 'conflict' });
  for (const line of [third?.id ?? 0, second, first]) await house.clients.undoMove(line, olga);
  expect((await house.clients.card((await holderOf(number))[0] as ClientId)).kind).toBe('unknown');
});

describe('the ledger of a card', () => {
  test('tells who, from where, how much, and what can be undone', async () => {
    const number = freshNumber();
    const { clientId: unknown } = await call(number);
    const ivan = await person('Иван Леджер');
    await house.clients.addContactPoint(ivan.id, taking(number), house.anna);
    const moved = {
      action: 'moved',
      user: { id: house.anna.id, name: 'Anna' },
      card: { id: ivan.id, name: 'Иван Леджер' },
      from: { id: unknown },
      merged: true,
      movedEntries: 1,
      undone: null,
      canUndo: true,
      evidence: expect.stringContaining(number),
    };
    expect(await identityLines(db, ivan.id, house.anna)).toMatchObject([moved]);
    expect(await identityLines(db, unknown, house.anna)).toMatchObject([moved, { action: 'created', user: null }]);
    const other = { ...house.anna, id: 424_242 as SignedInUser['id'] };
    expect(await identityLines(db, ivan.id, other)).toMatchObject([{ canUndo: false }]);
    await house.clients.undoMove(await ledgerIdOf(ivan.id), olga);
    const undone = { at: new Date(house.clock.now()).toISOString(), user: { id: olga.id, name: 'Olga' } };
    expect(await identityLines(db, ivan.id, olga)).toMatchObject([{ undone, canUndo: false }]);
  });
});

describe('any sequence of takes, calls and undos', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('take' as const), number: fc.nat(3), card: fc.nat(5) }),
    fc.record({ do: fc.constant('call' as const), number: fc.nat(3) }),
    fc.record({ do: fc.constant('undo' as const), line: fc.nat(5) }),
  );

  test('loses no entry, keeps every number on one card, and can be undone to the start', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const known = [await person('К1'), await person('К2')].map(({ id }) => id);
        const own = Array.from({ length: 4 }, freshNumber);
        const calls = [];
        for (const number of own) calls.push({ number, ...(await call(number)) });
        const home = new Map(calls.map(({ number, clientId }) => [number, clientId]));
        const everybody = [...known, ...home.values()];
        const [before] = await db.orm.select({ last: sql<number>`max(id)::int` }).from(identityLedger);
        const lines = () =>
          db.orm
            .select({ id: identityLedger.id, undoneAt: identityLedger.undoneAt })
            .from(identityLedger)
            .where(and(eq(identityLedger.action, 'moved'), sql`id > ${before?.last ?? 0}`))
            .orderBy(asc(identityLedger.id));

        for (const move of steps) {
          if (move.do === 'call') {
            const number = own[move.number] ?? '';
            calls.push({ number, ...(await call(number)) });
          } else if (move.do === 'take') {
            await house.clients.addContactPoint(everybody[move.card] as ClientId, taking(own[move.number] ?? ''), olga);
          } else {
            const line = (await lines())[move.line];
            // one that is not the last for its number is refused, and nothing may come of it
            if (line) await house.clients.undoMove(line.id, olga).catch((error) => expect(error.code).toBe('conflict'));
          }
          await expectSound(own, calls);
        }
        for (const { id } of (await lines()).filter(({ undoneAt }) => undoneAt === null).reverse())
          await house.clients.undoMove(id, olga);
        await expectSound(own, calls);
        for (const number of own) expect(await holderOf(number)).toEqual([home.get(number)]);
        for (const [number, id] of home)
          expect((await entriesOf(id)).sort()).toEqual(
            calls
              .filter((one) => one.number === number)
              .map(({ entryId }) => entryId)
              .sort(),
          );
      }),
      { numRuns: 25 },
    );
  });

  async function expectSound(
    own: readonly string[],
    calls: readonly { entryId: EntryId; interactionId: InteractionId }[],
  ) {
    for (const number of own) expect(await holderOf(number)).toHaveLength(1);
    const entries = await db.orm
      .select({
        id: timelineEntries.id,
        sameCard: sql<boolean>`${interactions.clientId} = ${timelineEntries.clientId}`,
        merged: cards.mergedIntoId,
      })
      .from(timelineEntries)
      .innerJoin(interactions, eq(interactions.id, timelineEntries.interactionId))
      .innerJoin(cards, eq(cards.id, timelineEntries.clientId))
      .where(sql`${timelineEntries.id} = ANY(${sql.param(calls.map(({ entryId }) => entryId))})`);
    expect(entries).toHaveLength(calls.length);
    for (const entry of entries) expect(entry).toMatchObject({ sameCard: true, merged: null });
  }
});

import { and, asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients as cards, clientImportRows, contactPoints, timelineEntries } from '../../../../db/schema/index.ts';
import { createImportJobs } from '../../../../server/clients/import/jobs.ts';
import { readImport, updateImport } from '../../../../server/clients/import/store.ts';
import { parsePhoneNumber } from '../../../../server/clients/phone-number.ts';
import { type ClientId, type EntryId, newId } from '../../../../server/kernel/ids.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openClients } from '../house.ts';
import { openImports } from './desk.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openClients>>;
let desk: ReturnType<typeof openImports>;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openClients(db);
  desk = openImports(db, house);
});
afterAll(async () => {
  await desk.close();
  await db.close();
});

/** Numbers that no other test uses, spelled as people do. */
let numbers = 0;
const freshNumber = () => `8 916 ${String(2_000_000 + numbers++).replace(/^(\d{3})(\d\d)(\d\d)$/, '$1-$2-$3')}`;
const e164 = (written: string) => parsePhoneNumber(written, 'RU').value;
const cardsNamed = (name: string) => db.orm.select().from(cards).where(eq(cards.name, name));
const cardOf = async (written: string) => {
  const [point] = await db.orm
    .select()
    .from(contactPoints)
    .where(eq(contactPoints.value, e164(written)));
  if (!point) throw new Error(`nobody has ${written}`);
  return house.clients.card(point.clientId);
};
const notesOf = async (clientId: ClientId) =>
  (await db.orm.select().from(timelineEntries).where(eq(timelineEntries.clientId, clientId))).map(({ note }) => note);
const lines = (...rows: string[][]) => rows.map((row) => row.join(';')).join('\r\n');

describe('a file', () => {
  test('becomes cards with everything that it says', async () => {
    const [mobile, home] = [freshNumber(), freshNumber()];
    const text = lines(
      [
        'Фамилия',
        'Имя',
        'Отчество',
        'Телефон',
        'E-mail',
        'Компания',
        'Должность',
        'Менеджер',
        'Метки',
        'Этап',
        'VIP',
        'Внимание',
        'Комментарий',
        'Источник',
      ],
      [
        'Ёлкина',
        'Ольга',
        'Петровна',
        `"${mobile}; ${home}"`,
        'Olga.E@Example.com',
        'Ромашка',
        'Директор',
        'Anna',
        '"опт, сад"',
        'Клиент',
        'да',
        'Не звонить утром',
        '"первая\nвторая"',
        'выставка',
      ],
    );
    const planned = await desk.planned(text);
    expect(planned).toMatchObject({
      state: 'planned',
      delimiter: ';',
      plan: { created: 1, updated: 0, conflict: 0, invalid: 0, incomplete: 0 },
      progress: { total: 1 },
    });
    expect(await cardsNamed('Ёлкина Ольга Петровна')).toEqual([]);
    const done = await desk.run(planned.id);
    expect(done).toMatchObject({ state: 'done', result: { created: 1, incomplete: 0 }, problems: [] });
    const card = await cardOf(mobile);
    expect(card).toMatchObject({
      kind: 'person',
      version: 1,
      name: 'Ёлкина Ольга Петровна',
      company: 'Ромашка',
      position: 'Директор',
      responsible: { id: house.anna.id },
      tags: ['опт', 'сад'],
      stage: 'client',
      vip: true,
      warning: 'Не звонить утром',
      source: 'выставка',
    });
    expect(card.contactPoints.map(({ value, isPrimary }) => [value, isPrimary])).toEqual([
      [e164(mobile), true],
      ['olga.e@example.com', true],
      [e164(home), false],
    ]);
    expect(await notesOf(card.id as ClientId)).toEqual(['первая\nвторая']);
    expect((await house.clients.search('елкина', 10, null)).map(({ id }) => id)).toContain(card.id);
    expect(house.heard.at(-1)).toMatchObject({ type: 'clients.imported', data: { importId: done.id } });
  });

  test('says before anything is written what would become of each row', async () => {
    const [known, other, double, fresh] = [freshNumber(), freshNumber(), freshNumber(), freshNumber()];
    const point = (value: string) => ({ contactPoints: [{ kind: 'phone' as const, value }] });
    const ivan = await house.clients.create({ name: 'Иван', ...point(known) }, house.anna);
    const petr = await house.clients.create({ name: 'Пётр', ...point(other) }, house.anna);
    const count = await db.orm.$count(cards);
    const text = lines(
      ['ФИО', 'Телефон', 'Телефон 2', 'Стадия'],
      ['Новый', fresh, '', ''],
      ['Иван', known, '', ''],
      ['Кто-то', known, other, ''],
      ['Плохой', '12', 'нет', ''],
      ['', '', '', 'лид'],
      ['Раз', double, '', ''],
      ['Два', double, freshNumber(), ''],
      ['Стадия', freshNumber(), '8 916', 'странная'],
    );
    const planned = await desk.planned(text);
    expect(planned.plan).toEqual({ created: 3, updated: 1, skipped: 1, conflict: 1, invalid: 2, incomplete: 1 });
    expect(await db.orm.$count(cards)).toBe(count);
    expect(planned.problems).toEqual([
      { row: 3, outcome: 'conflict', reasons: [{ code: 'two_cards', text: `Иван (${ivan.id}), Пётр (${petr.id})` }] },
      {
        row: 4,
        outcome: 'invalid',
        reasons: [
          { code: 'no_valid_address', text: '' },
          { code: 'bad_phone', text: '12' },
          { code: 'bad_phone', text: 'нет' },
        ],
      },
      { row: 5, outcome: 'invalid', reasons: [{ code: 'empty', text: '' }] },
      {
        row: 8,
        outcome: 'created',
        reasons: [
          { code: 'bad_phone', text: '8 916' },
          { code: 'unknown_stage', text: 'странная' },
        ],
      },
    ]);
    const file = await desk.problems(planned.id);
    expect(file.split('\r\n')[0]).toBe('\uFEFFСтрока;Что с ней;Причины;ФИО;Телефон;Телефон 2;Стадия');
    expect(file).toContain('4;не загружено: ошибка;');
    expect(file.trim().split('\r\n')).toHaveLength(5);
    // and that is what becomes of them
    const done = await desk.run(planned.id);
    expect(done.result).toEqual({ ...planned.plan });
    expect(done.problems).toEqual(planned.problems);
    expect(await desk.problems(planned.id)).toBe(file);
    expect((await cardOf(double)).name).toBe('Раз');
  });

  test.each(['fill', 'overwrite', 'skip'] as const)('for a card that is there: %s', async (onMatch) => {
    const [number, more] = [freshNumber(), freshNumber()];
    const contactPoints = [{ kind: 'phone' as const, value: number }];
    const made = await house.clients.create({ name: 'Было', company: 'Старая', contactPoints }, house.anna);
    const text = lines(
      ['ФИО', 'Телефон', 'Компания', 'Должность', 'Комментарий'],
      ['Стало', `"${number}; ${more}"`, 'Новая', 'Директор', 'заметка'],
    );
    const done = await desk.run((await desk.planned(text, { onMatch })).id);
    const card = await house.clients.card(made.id as ClientId);
    const seen = {
      name: card.name,
      company: card.company,
      position: card.position,
      numbers: card.contactPoints.length,
    };
    const expected = {
      fill: { name: 'Было', company: 'Старая', position: 'Директор', numbers: 2 },
      overwrite: { name: 'Стало', company: 'Новая', position: 'Директор', numbers: 2 },
      skip: { name: 'Было', company: 'Старая', position: '', numbers: 1 },
    };
    expect(seen).toEqual(expected[onMatch]);
    expect(done.result).toMatchObject(onMatch === 'skip' ? { skipped: 1 } : { updated: 1 });
    expect(await notesOf(made.id as ClientId)).toEqual(onMatch === 'skip' ? [] : ['заметка']);
    expect(desk.changed.includes(made.id)).toBe(onMatch !== 'skip');
    // the same file again says nothing new
    const again = await desk.run((await desk.planned(text, { onMatch })).id);
    expect(again.result).toMatchObject({ created: 0, updated: 0, skipped: 1 });
  });

  test('gives a name to a card that a call made', async () => {
    const number = freshNumber();
    const { clientId } = await house.clients.matchOrCreateByPhone(parsePhoneNumber(number, 'RU'), { source: 'call' });
    await desk.run((await desk.planned(lines(['ФИО', 'Телефон'], ['Узнали', number]))).id);
    expect(await house.clients.card(clientId)).toMatchObject({ kind: 'person', name: 'Узнали', source: 'call' });
  });

  test('is read with the region and the columns that people choose', async () => {
    const text = lines(['x', 'y', 'z'], ['Anna Schmidt', '030 901820', 'skip me']);
    const planned = await desk.planned(text, { region: 'DE', mapping: ['name', 'phone', null] });
    await desk.run(planned.id);
    const [card] = await cardsNamed('Anna Schmidt');
    expect(await house.clients.card(card?.id as ClientId)).toMatchObject({
      contactPoints: [{ value: '+4930901820' }],
      source: 'import',
    });
  });

  test('needs a mapped column, a plan, and no other import under way', async () => {
    const { id } = await desk.upload('a;b\r\n1;2');
    await expect(desk.imports.begin(id, desk.user)).rejects.toMatchObject({ code: 'illegal_transition' });
    await desk.imports.edit(id, { mapping: [null, null] });
    await expect(desk.imports.plan(id, desk.user)).rejects.toMatchObject({ code: 'bad_request' });
    await desk.imports.edit(id, { mapping: ['name', 'company'] });
    await desk.imports.plan(id, desk.user);
    const other = await desk.upload('ФИО\r\nИван');
    await expect(desk.imports.plan(other.id, desk.user)).rejects.toMatchObject({ code: 'conflict' });
    await desk.imports.settled(id);
  });
});

describe('numbers that come by calls while a file is imported', () => {
  test('stay on one card each', async () => {
    const own = Array.from({ length: 300 }, freshNumber);
    const planned = await desk.planned(
      lines(['ФИО', 'Телефон'], ...own.map((number, index) => [`Гость ${index}`, number])),
    );
    await desk.imports.begin(planned.id, desk.user);
    const calls = own.map((number) =>
      house.clients.matchOrCreateByPhone(parsePhoneNumber(number, 'RU'), { source: 'call' }),
    );
    const matched = await Promise.all(calls);
    await desk.imports.settled(planned.id);
    const { result, state } = await desk.imports.view(planned.id);
    expect(state).toBe('done');
    expect(result.created + result.updated).toBe(300);
    for (const [index, number] of own.entries())
      expect(await cardOf(number)).toMatchObject({ id: matched[index]?.clientId, name: `Гость ${index}` });
  });
});

describe('an import that is interrupted', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => [`Строка ${numbers} ${index}`, freshNumber()]);
  const countOf = async (rows: string[][]) => {
    const values = rows.map(([, number = '']) => e164(number));
    const held = await db.orm
      .select({ value: contactPoints.value, name: cards.name })
      .from(contactPoints)
      .innerJoin(cards, eq(cards.id, contactPoints.clientId))
      .where(sql`${contactPoints.value} = ANY(${sql.param(values)})`);
    return { held: held.length, distinct: new Set(held.map(({ name }) => name)).size };
  };
  /** Until some of it is written, but not all. */
  async function untilBegun(id: number): Promise<number> {
    for (;;) {
      const { progress } = await desk.imports.view(id);
      if (progress.done > 0) return progress.done;
    }
  }

  test('goes on where it was, and no row is lost or doubled', async () => {
    const rows = many(3000);
    const planned = await desk.planned(lines(['ФИО', 'Телефон'], ...rows));
    await desk.imports.begin(planned.id, desk.user);
    let restarts = 0;
    for (; restarts < 3; restarts++) {
      await untilBegun(planned.id);
      await desk.restart();
    }
    await desk.imports.settled(planned.id);
    expect(await desk.imports.view(planned.id)).toMatchObject({
      state: 'done',
      result: { created: 3000, updated: 0, skipped: 0 },
    });
    expect(await countOf(rows)).toEqual({ held: 3000, distinct: 3000 });
  });

  test('by a cancel keeps what is written, which can be undone', async () => {
    const rows = many(3000);
    const planned = await desk.planned(lines(['ФИО', 'Телефон'], ...rows));
    await desk.imports.begin(planned.id, desk.user);
    await untilBegun(planned.id);
    const cancelled = await desk.imports.cancel(planned.id);
    const { held } = await countOf(rows);
    expect(cancelled).toMatchObject({ state: 'cancelled', result: { created: held } });
    expect(held).toBeLessThan(3000);
    const undone = await desk.undone(planned.id);
    expect(undone).toMatchObject({ state: 'undone', undo: { removed: held, restored: 0, kept: 0 } });
    expect(await countOf(rows)).toEqual({ held: 0, distinct: 0 });
  });

  test('in the middle of its undo goes on with it', async () => {
    const rows = many(2000);
    const { id } = await desk.planned(lines(['ФИО', 'Телефон'], ...rows));
    await desk.run(id);
    await desk.imports.undo(id, desk.user);
    await untilBegun(id);
    await desk.restart();
    await desk.imports.settled(id);
    expect(await desk.imports.view(id)).toMatchObject({ state: 'undone', undo: { removed: 2000, kept: 0 } });
    expect((await countOf(rows)).held).toBe(0);
  });

  describe('and found by the next process', () => {
    const openJobs = () => createImportJobs({ ...house, db, log: silentLog, folder: desk.folder, onChanged: () => {} });
    const present = async (id: number) => {
      const row = await readImport(db, id);
      if (!row) throw new Error(`there is no import ${id}`);
      return row;
    };

    test('is under way before its thread is: it is waited for, and nothing else begins', async () => {
      const { id } = await desk.planned(lines(['ФИО', 'Телефон'], ...many(20)));
      await updateImport(db, id, 'planned', { state: 'running' });
      const other = await present((await desk.upload(lines(['ФИО', 'Телефон'], ...many(1)))).id);
      const jobs = openJobs();
      await jobs.resume();
      await expect(jobs.begin(other, 'plan', desk.user)).rejects.toMatchObject({ code: 'conflict' });
      await jobs.settled(id);
      expect(await present(id)).toMatchObject({ state: 'done', created: 20 });
      await jobs.begin(other, 'plan', desk.user);
      await jobs.settled(other.id);
      expect(await present(other.id)).toMatchObject({ state: 'planned' });
    });

    test('is left to the one after it, when that process ends before it went on', async () => {
      const { id } = await desk.planned(lines(['ФИО', 'Телефон'], ...many(20)));
      await updateImport(db, id, 'planned', { state: 'running' });
      const threads: unknown[] = [];
      const onThread = (thread: unknown) => void threads.push(thread);
      process.on('worker', onThread);
      const jobs = openJobs();
      await jobs.resume();
      await jobs.close();
      expect(await present(id)).toMatchObject({ state: 'running', created: 0 });
      expect(threads).toEqual([]);
      process.off('worker', onThread);
      await desk.restart();
      await desk.imports.settled(id);
      expect(await present(id)).toMatchObject({ state: 'done', created: 20 });
    });

    test('goes on one after another, without those that were cancelled meanwhile', async () => {
      const ids: number[] = [];
      for (let at = 0; at < 3; at++) {
        const { id } = await desk.planned(lines(['ФИО', 'Телефон'], ...many(20)));
        await updateImport(db, id, 'planned', { state: 'running' });
        ids.push(id);
      }
      const jobs = openJobs();
      await jobs.resume();
      await updateImport(db, ids[1] ?? 0, 'running', { state: 'cancelled' });
      for (const id of ids) await jobs.settled(id);
      const left = await Promise.all(ids.map(present));
      expect(left.map(({ state, created }) => [state, created])).toEqual([
        ['done', 20],
        ['cancelled', 0],
        ['done', 20],
      ]);
    });
  });
});

describe('an undo', () => {
  test('takes away what nobody touched and says what it left', async () => {
    const [kept, called, changed, gone] = [freshNumber(), freshNumber(), freshNumber(), freshNumber()];
    const text = lines(
      ['ФИО', 'Телефон', 'Комментарий'],
      ['Останется', kept, ''],
      ['Звонил', called, ''],
      ['Изменён', changed, ''],
      ['Уйдёт', gone, 'с заметкой'],
    );
    const { id } = await desk.planned(text);
    await desk.run(id);
    const second = await cardOf(called);
    await db.orm.insert(timelineEntries).values({
      id: newId<EntryId>(),
      clientId: second.id as ClientId,
      at: new Date(),
      kind: 'call',
      direction: 'in',
      status: 'missed',
    });
    const third = await cardOf(changed);
    await house.clients.edit(third.id as ClientId, { version: 1, company: 'Своя' }, house.anna);
    const undone = await desk.undone(id);
    expect(undone.undo).toEqual({
      removed: 2,
      restored: 0,
      kept: 2,
      keptCards: [
        { client: { id: second.id, name: 'Звонил' }, reason: 'in_use' },
        { client: { id: third.id, name: 'Изменён' }, reason: 'changed_since' },
      ],
    });
    expect(await cardsNamed('Уйдёт')).toEqual([]);
    await expect(cardOf(kept)).rejects.toThrow('nobody has');
    await expect(desk.imports.undo(id, desk.user)).rejects.toMatchObject({ code: 'illegal_transition' });
  });

  test('puts changed fields back, but for those that were changed again', async () => {
    const [number, added] = [freshNumber(), freshNumber()];
    const contactPoints = [{ kind: 'phone' as const, value: number }];
    const made = await house.clients.create({ name: 'Прежний', company: 'Старая', contactPoints }, house.anna);
    const id = made.id as ClientId;
    const text = lines(
      ['ФИО', 'Телефон', 'Компания', 'Должность', 'Комментарий'],
      ['Чужой', `${number}, ${added}`, 'Новая', 'Директор', 'заметка'],
    );
    const done = await desk.run((await desk.planned(text, { onMatch: 'overwrite' })).id);
    const { version } = await house.clients.card(id);
    await house.clients.edit(id, { version, position: 'Сторож' }, house.anna);
    const { undo } = await desk.undone(done.id);
    expect(undo).toMatchObject({
      restored: 0,
      kept: 1,
      keptCards: [{ client: { id }, reason: 'field_changed_since' }],
    });
    const card = await house.clients.card(id);
    expect(card).toMatchObject({ name: 'Прежний', company: 'Старая', position: 'Сторож', version: version + 2 });
    expect(card.contactPoints.map(({ value }) => value)).toEqual([e164(number)]);
    expect(await notesOf(id)).toEqual([]);
    expect((await house.clients.search('Прежний Старая', 5, null)).map((item) => item.id)).toContain(id);
    expect(await house.clients.search('Чужой', 5, null)).toEqual([]);
  });

  test('takes a card away that one row made and two more changed', async () => {
    const [number, second, third] = [freshNumber(), freshNumber(), freshNumber()];
    const text = lines(
      ['ФИО', 'Телефон', 'Телефон 2', 'Компания', 'Должность'],
      ['Трижды', number, '', '', ''],
      ['Трижды', number, second, 'Ромашка', ''],
      ['Трижды', second, third, '', 'Директор'],
    );
    const { id } = await desk.planned(text);
    expect((await desk.run(id)).result).toMatchObject({ created: 1, updated: 2 });
    expect(await cardOf(third)).toMatchObject({ company: 'Ромашка', position: 'Директор', version: 3 });
    expect((await desk.undone(id)).undo).toMatchObject({ removed: 1, restored: 2, kept: 0 });
    expect(await cardsNamed('Трижды')).toEqual([]);
    const left = await db.orm
      .select({ row: clientImportRows.row })
      .from(clientImportRows)
      .where(and(eq(clientImportRows.importId, id), eq(clientImportRows.outcome, 'created')))
      .orderBy(asc(clientImportRows.row));
    expect(left).toEqual([]);
  });

  test('is possible for thirty days', async () => {
    const { id } = await desk.planned(lines(['ФИО', 'Телефон'], ['Старый', freshNumber()]));
    await desk.run(id);
    house.clock.advance(31 * 86_400_000);
    await expect(desk.imports.undo(id, desk.user)).rejects.toMatchObject({ code: 'conflict' });
    await desk.restart();
    expect(await db.orm.$count(clientImportRows, eq(clientImportRows.importId, id))).toBe(0);
    expect(await cardsNamed('Старый')).toHaveLength(1);
  });
});

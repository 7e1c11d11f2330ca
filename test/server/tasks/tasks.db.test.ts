import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clients as cards, tasks } from '../../../db/schema/index.ts';
import type { SignedInUser } from '../../../server/access/route.ts';
import type { NewTask, TaskView } from '../../../server/contract/tasks-schemas.ts';
import type { ClientId, TeamId } from '../../../server/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { at, everyDay, hours, minutes, openHouse } from './house.ts';

let db: TestDatabase;
let house: Awaited<ReturnType<typeof openHouse>>;
let teamId: TeamId;
let boris: SignedInUser;
let vera: SignedInUser;
let gleb: SignedInUser;
let head: SignedInUser;
let stranger: SignedInUser;
let client: ClientId;
beforeAll(async () => {
  db = await openTestDatabase();
  house = await openHouse(db);
  teamId = await house.addTeam('North');
  boris = await house.addUser('boris', everyDay('09:00', '18:00'), { teamId });
  vera = await house.addUser('vera', everyDay('14:00', '22:00'), { teamId });
  gleb = await house.addUser('gleb', everyDay('17:00', '23:00'), { teamId });
  head = await house.addUser('head', null, { role: 'supervisor', teamId });
  stranger = await house.addUser('stranger', everyDay('00:00', '00:00'));
  await house.setup.reload();
  client = await house.addClient();
  await house.tasks.start();
});
afterAll(async () => {
  await house.tasks.close();
  await db.close();
});
/** Every test begins at noon in Moscow with nothing to do. */
beforeEach(async () => {
  await db.orm.delete(tasks);
  const start = at('2026-01-12T09:00:00Z');
  const days = Math.ceil((house.clock.now() - start) / hours(24));
  await house.pass(start + days * hours(24) - house.clock.now());
  house.pushed.length = 0;
  house.heard.length = 0;
});

const now = () => house.clock.now();
const inMs = (ms: number): string => new Date(now() + ms).toISOString();
const create = (user: SignedInUser, over: Partial<NewTask> = {}) =>
  house.ask('POST /api/v1/tasks', user, {
    body: { kind: 'promise', clientId: client, dueAt: inMs(hours(3)), title: 'Call about the price', ...over },
  });
const act = (user: SignedInUser, task: TaskView, what: 'finish' | 'cancel', body = {}) =>
  house.ask(`POST /api/v1/tasks/:id/${what}`, user, { params: { id: task.id }, body });
const edit = (user: SignedInUser, task: TaskView, body = {}) =>
  house.ask('PATCH /api/v1/tasks/:id', user, { params: { id: task.id }, body: { version: task.version, ...body } });
const handOver = (user: SignedInUser, task: TaskView, assigneeId: number, note?: string) =>
  house.ask('POST /api/v1/tasks/:id/hand-over', user, {
    params: { id: task.id },
    body: { assigneeId, ...(note ? { note } : {}) },
  });
const snooze = (user: SignedInUser, task: TaskView, until: string) =>
  house.ask('POST /api/v1/tasks/:id/snooze', user, { params: { id: task.id }, body: { until } });
const read = (task: TaskView) => house.ask('GET /api/v1/tasks/:id', boris, { params: { id: task.id } });
const list = (user: SignedInUser, query = {}) => house.ask('GET /api/v1/tasks', user, { query });
const types = () => house.heard.map(({ type }) => type).filter((type) => type.startsWith('task.'));
const reminders = () =>
  house.pushed.flatMap(({ userId, push }) => (push.type === 'task-due' ? [{ userId, ...push }] : []));

describe('a task', () => {
  test('is made with the client’s clock and its reminder, for a colleague too', async () => {
    await db.orm.update(cards).set({ timeZone: 'Asia/Omsk' }).where(eq(cards.id, client));
    const mine = await create(boris, { interactionId: '0191d8a0-0000-7000-8000-000000000001' });
    expect(mine).toMatchObject({
      kind: 'promise',
      state: 'open',
      version: 1,
      title: 'Call about the price',
      assignee: { id: boris.id, name: 'Boris' },
      creator: { id: boris.id },
      client: { id: client },
      timeZone: 'Asia/Omsk',
      remindAt: mine.dueAt,
      remindedAt: null,
      outcome: null,
      interactionId: '0191d8a0-0000-7000-8000-000000000001',
    });
    expect(mine.number).toMatch(/^\+7916/);
    const theirs = await create(boris, { assigneeId: vera.id, kind: 'callback' });
    expect(theirs.assignee.id).toBe(vera.id);
    expect(
      house.pushed.filter(({ push }) => push.type === 'task' && push.task.id === theirs.id).map(({ userId }) => userId),
    ).toEqual([vera.id, boris.id]);
    expect(types()).toEqual(['task.created', 'task.created']);
  });

  test.each<[string, Partial<NewTask>, string]>([
    ['a promise to nobody', { clientId: undefined as never }, 'bad_request'],
    ['of a client who is not there', { clientId: 999_999 }, 'not_found'],
    ['for somebody who is not there', { assigneeId: 999_999 }, 'bad_request'],
    ['in the past', { dueAt: '2025-01-12T09:00:00Z' }, 'bad_request'],
    ['in a hundred years', { dueAt: '2126-01-12T09:00:00Z' }, 'bad_request'],
    ['at no time', { dueAt: 'soon' }, 'bad_request'],
  ])('is not made: %s', async (_name, over, code) => {
    await expect(create(boris, over)).rejects.toMatchObject({ code });
    expect(await db.orm.select().from(tasks)).toEqual([]);
  });

  test('without a client has the clock of who does it', async () => {
    const { timeZone, client: of } = await house.ask('POST /api/v1/tasks', boris, {
      body: { kind: 'task', dueAt: inMs(hours(1)) },
    });
    expect({ timeZone, of }).toEqual({ timeZone: 'Europe/Moscow', of: null });
  });

  test('is changed on the version that was seen', async () => {
    const task = await create(boris);
    const changed = await edit(boris, task, { note: 'bring the list', dueAt: inMs(hours(5)) });
    expect(changed).toMatchObject({
      version: 2,
      note: 'bring the list',
      dueAt: inMs(hours(5)),
      remindAt: inMs(hours(5)),
    });
    await expect(edit(boris, task, { note: 'late' })).rejects.toMatchObject({
      code: 'stale_version',
      details: { version: 2 },
    });
  });

  test('is done once, in time or late', async () => {
    const [early, late] = [await create(boris), await create(boris)];
    expect(await act(boris, early, 'finish', { result: 'agreed' })).toMatchObject({
      state: 'done',
      outcome: 'kept',
      result: 'agreed',
      closedAt: inMs(0),
    });
    const version = (await read(early)).version;
    expect((await act(boris, early, 'finish', { result: 'again' })).version).toBe(version);
    await expect(act(boris, early, 'cancel')).rejects.toMatchObject({ code: 'illegal_transition' });
    await expect(edit(boris, await read(early), { note: '' })).rejects.toMatchObject({ code: 'illegal_transition' });
    await expect(snooze(boris, early, inMs(hours(1)))).rejects.toMatchObject({ code: 'illegal_transition' });
    await expect(handOver(boris, early, vera.id)).rejects.toMatchObject({ code: 'illegal_transition' });

    await house.pass(hours(3) + minutes(14));
    expect(await read(late)).toMatchObject({ state: 'open', outcome: null });
    await house.pass(minutes(2));
    expect(await read(late)).toMatchObject({ state: 'missed', outcome: 'broken' });
    expect(await act(boris, late, 'finish')).toMatchObject({ state: 'done', outcome: 'late' });
    expect(types().filter((type) => type === 'task.missed')).toHaveLength(1);
  });

  test('that was missed is open again with a new time', async () => {
    const task = await create(boris);
    await house.pass(hours(4));
    const missed = await read(task);
    expect(missed.state).toBe('missed');
    expect((await edit(boris, missed, { note: 'only words' })).state).toBe('missed');
    const again = await edit(boris, await read(task), { dueAt: inMs(hours(1)) });
    expect(again).toMatchObject({ state: 'open', outcome: null, remindedAt: null });
    await house.pass(hours(1));
    expect(await read(task)).toMatchObject({ state: 'open', remindedAt: inMs(0) });
  });

  test('cancelled is neither kept nor broken', async () => {
    expect(await act(boris, await create(boris), 'cancel', { reason: 'he wrote' })).toMatchObject({
      state: 'cancelled',
      outcome: null,
      result: 'he wrote',
    });
  });

  test('goes to a colleague with words', async () => {
    const task = await create(boris, { note: 'likes tea' });
    expect(await handOver(boris, task, vera.id, 'I am ill')).toMatchObject({
      assignee: { id: vera.id },
      note: 'likes tea\nBoris: I am ill',
      handedOver: { from: { id: boris.id }, reason: 'by_hand' },
    });
    expect((await handOver(boris, task, vera.id)).version).toBe(2);
    await expect(handOver(boris, task, 999_999)).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('is his who has it, who made it, and who leads them', async () => {
    const task = await create(boris, { assigneeId: vera.id });
    for (const user of [boris, vera, head]) expect((await snooze(user, task, inMs(hours(1)))).id).toBe(task.id);
    for (const user of [stranger, gleb])
      await expect(act(user, task, 'finish')).rejects.toMatchObject({ code: 'forbidden' });
    const theirs = await create(stranger);
    await expect(act(head, theirs, 'cancel')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('follows a card that is emptied into another one, and back', async () => {
    const number = '+79160001122';
    const made = await house.makeClient(number);
    const task = await create(boris, { clientId: made });
    const known = await house.addClient();
    await house.clients.addContactPoint(known, { kind: 'phone', value: number, take: true }, boris);
    const planned = async (id: ClientId) =>
      (await house.ask('GET /api/v1/clients/:id/tasks', boris, { params: { id } })).items.map((item) => item.id);
    expect(await planned(known)).toEqual([task.id]);
    expect(await planned(made)).toEqual([task.id]);
    expect((await read(task)).client?.id).toBe(known);
    await house.undoLastMove(boris);
    expect(await planned(known)).toEqual([]);
    expect(await planned(made)).toEqual([task.id]);
  });
});

describe('lists', () => {
  test('are by time, by day, paged, and only as far as one may see', async () => {
    const due = [hours(30), hours(2), hours(5), hours(11), hours(13)];
    const made = [];
    for (const ms of due) made.push(await create(boris, { dueAt: inMs(ms) }));
    const theirs = await create(vera, { dueAt: inMs(hours(4)) });
    const foreign = await create(stranger, { dueAt: inMs(hours(6)) });
    const ids = (page: { items: TaskView[] }) => page.items.map(({ id }) => id);
    const [tomorrow, first, second, third, night] = made.map(({ id }) => id);
    expect(ids(await list(boris))).toEqual([first, second, third, night, tomorrow]);
    const day = inMs(0).slice(0, 10);
    expect(ids(await list(boris, { day }))).toEqual([first, second, third]);
    expect(ids(await list(boris, { day, days: 2 }))).toEqual([first, second, third, night, tomorrow]);
    const page = await list(boris, { limit: 2 });
    expect(ids(page)).toEqual([first, second]);
    expect(ids(await list(boris, { limit: 2, after: page.after }))).toEqual([third, night]);
    expect(ids(await list(head, { scope: 'team', day }))).toEqual([first, theirs.id, second, third]);
    expect(ids(await list(head, { scope: 'team', assigneeId: vera.id }))).toEqual([theirs.id]);
    expect(ids(await list(head, { scope: 'all', assigneeId: stranger.id }))).toEqual([]);
    const boss = { ...head, role: 'admin' } as const;
    expect(ids(await list(boss, { scope: 'all' }))).toContain(foreign.id);
    await expect(list(boris, { scope: 'team' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(list(boris, { after: 'nonsense' })).rejects.toMatchObject({ code: 'bad_request' });
    expect((await house.tasks.tasksOfToday(boris.id)).map(({ id }) => id)).toEqual([first, second, third]);
  });

  test('of today keep what was missed, and lose what is done', async () => {
    const [missed, done] = [await create(boris), await create(boris)];
    await act(boris, done, 'finish');
    await house.pass(hours(24));
    expect((await house.tasks.tasksOfToday(boris.id)).map(({ id, state }) => ({ id, state }))).toEqual([
      { id: missed.id, state: 'missed' },
    ]);
    expect((await list(boris, { state: 'closed' })).items.map(({ id }) => id)).toEqual([done.id]);
  });
});

describe('a reminder', () => {
  test('comes once, when its time comes, to who has the task', async () => {
    const later = await create(boris, { dueAt: inMs(hours(2)) });
    const sooner = await create(boris, { dueAt: inMs(hours(3)), remindAt: inMs(hours(1)) });
    await house.pass(hours(1));
    expect(reminders().map(({ userId, task }) => ({ userId, id: task.id }))).toEqual([
      { userId: boris.id, id: sooner.id },
    ]);
    await house.pass(hours(1));
    await house.pass(minutes(10));
    expect(reminders().map(({ task }) => task.id)).toEqual([sooner.id, later.id]);
    expect(types().filter((type) => type === 'task.due')).toHaveLength(2);
  });

  test('comes again after a snooze', async () => {
    const task = await create(boris, { dueAt: inMs(hours(1)) });
    await house.pass(hours(1));
    await snooze(boris, task, inMs(minutes(5)));
    await house.pass(minutes(4));
    expect(reminders()).toHaveLength(1);
    await house.pass(minutes(1));
    expect(reminders()).toHaveLength(2);
    expect((await read(task)).dueAt).toBe(task.dueAt);
  });

  test('does not come for what is done or cancelled', async () => {
    await act(boris, await create(boris), 'finish');
    await act(boris, await create(boris), 'cancel');
    await house.pass(hours(5));
    expect(reminders()).toEqual([]);
  });

  test('that fell due while nobody was there comes at the next start, once', async () => {
    const task = await create(boris, { dueAt: inMs(hours(1)) });
    await house.tasks.close();
    await house.pass(hours(2));
    expect(reminders()).toEqual([]);
    const next = house.again();
    await next.start();
    expect(reminders().map((reminder) => reminder.task.id)).toEqual([task.id]);
    await next.close();
    const third = house.again();
    await third.start();
    await third.close();
    expect(reminders()).toHaveLength(1);
    expect(await db.orm.select({ state: tasks.state }).from(tasks)).toEqual([{ state: 'missed' }]);
    await house.restart();
  });

  test('of who is off shift goes with the task to a colleague who is there', async () => {
    const task = await create(boris, { dueAt: inMs(hours(7)) });
    await house.pass(hours(7));
    // seven in the evening: vera and gleb are there, vera is the next
    expect(reminders()).toMatchObject([{ userId: vera.id, task: { id: task.id, assignee: { id: vera.id } } }]);
    expect(await read(task)).toMatchObject({ handedOver: { from: { id: boris.id }, reason: 'off_shift' } });
    expect(types()).toEqual(['task.created', 'task.handed_over', 'task.due']);
    const told = house.pushed.filter(({ push }) => push.type === 'task' && push.task.version === 2);
    expect(told.map(({ userId }) => userId)).toEqual([boris.id]);
  });

  test('stays when nobody is there, and with who works when he likes', async () => {
    const late = await create(boris, { dueAt: inMs(hours(12)) });
    const own = await create(head, { dueAt: inMs(hours(7)) });
    await house.pass(hours(12));
    expect(reminders().map(({ userId, task }) => [userId, task.id])).toEqual([
      [head.id, own.id],
      [boris.id, late.id],
    ]);
  });

  test('of who is disabled goes to the client’s manager, or to his team', async () => {
    const other = await house.addClient();
    await db.orm.update(cards).set({ responsibleId: stranger.id }).where(eq(cards.id, other));
    await create(boris, { clientId: other, dueAt: inMs(hours(1)) });
    await create(boris, { dueAt: inMs(hours(1)), remindAt: inMs(minutes(50)) });
    await house.setDisabled(boris.id, true);
    await house.pass(hours(2));
    expect(reminders().map(({ userId, task }) => [userId, task.handedOver?.reason])).toEqual([
      [vera.id, 'disabled'],
      [stranger.id, 'disabled'],
    ]);
    await house.setDisabled(boris.id, false);
  });
});

test('a time is checked against the roster while the client is on the line', async () => {
  const answer = await house.ask('POST /api/v1/tasks/check', boris, {
    body: { dueAt: inMs(hours(7)), clientId: client },
  });
  expect(answer).toMatchObject({
    assignee: { id: boris.id },
    onShift: false,
    nearest: [inMs(hours(5.75)), inMs(hours(21))],
    colleagues: [{ user: { id: vera.id } }, { user: { id: gleb.id } }],
    client: { timeZone: 'Asia/Omsk' },
  });
  const fine = await house.ask('POST /api/v1/tasks/check', boris, {
    body: { assigneeId: vera.id, dueAt: inMs(hours(7)) },
  });
  expect(fine).toMatchObject({ onShift: true, nearest: [], client: null, colleagues: [{ user: { id: gleb.id } }] });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SetupKind } from '../../../server/contract/setup-words.ts';
import { always, openSetupHouse, type SetupHouse } from './house.ts';

let house: SetupHouse;
beforeAll(async () => {
  house = await openSetupHouse();
});
afterAll(() => house.close());

const versions = async (kind: SetupKind, subjectId?: number) => {
  const querystring = { kind, ...(subjectId === undefined ? {} : { subjectId }) };
  return (await house.ok('olga', 'GET /api/v1/setup/versions', { querystring })).items;
};
const rollBack = (id: number) => house.call('admin', 'POST /api/v1/setup/versions/:id/roll-back', { params: { id } });
const queues = async () => (await house.ok('admin', 'GET /api/v1/setup/queues')).items;

describe('versions', () => {
  it('say who changed which fields from what to what, newest first', async () => {
    const made = await house.ok('admin', 'POST /api/v1/setup/queues', { body: { name: 'Sales' } });
    await house.ok('admin', 'PATCH /api/v1/setup/queues/:id', {
      params: { id: made.id },
      body: { version: 1, name: 'Sales 1', ringSeconds: 20 },
    });
    const [change, creation] = await versions('queue', made.id);
    expect(change).toMatchObject({
      user: { id: house.ids.admin, name: 'Admin' },
      action: 'changed',
      subjectName: 'Sales 1',
      changes: [
        { field: 'name', before: 'Sales', after: 'Sales 1' },
        { field: 'ringSeconds', before: 15, after: 20 },
      ],
      rolledBackFrom: null,
      canRollBack: true,
    });
    expect(creation?.action).toBe('created');
    expect(creation?.changes).toContainEqual({ field: 'name', after: 'Sales' });
  });

  it('are paged and filtered', async () => {
    const page = (before?: number) =>
      house.ok('admin', 'GET /api/v1/setup/versions', { querystring: { limit: 1, ...(before ? { before } : {}) } });
    const one = await page();
    const two = await page(one.before ?? undefined);
    expect(two.items[0]?.id).toBeLessThan(one.items[0]?.id ?? 0);
    expect(two.before).toBeNull();
    const none = await house.ok('admin', 'GET /api/v1/setup/versions', { querystring: { userId: house.ids.anna } });
    expect(none.items).toEqual([]);
    const future = await house.ok('admin', 'GET /api/v1/setup/versions', {
      querystring: { from: '2027-01-01T00:00:00Z' },
    });
    expect(future.items).toEqual([]);
  });
});

describe('roll back', () => {
  it('puts a changed thing back as it was before, as a new version, and routing works by it', async () => {
    const [queue] = await queues();
    const [change] = await versions('queue');
    const answer = await rollBack(change?.id ?? 0);
    expect(answer.body).toMatchObject({ action: 'changed', rolledBackFrom: change?.id, subjectName: 'Sales' });
    expect(await queues()).toEqual([{ ...queue, version: 3, name: 'Sales', ringSeconds: 15 }]);
    expect(house.setup.queues[0]?.ringSeconds).toBe(15);
    expect((await rollBack(change?.id ?? 0)).problem.code).toBe('conflict');
    // and the roll-back itself can be taken back
    expect((await rollBack(answer.body.id)).body.changes).toContainEqual({
      field: 'name',
      before: 'Sales',
      after: 'Sales 1',
    });
  });

  it('brings a removed queue back with its id, its members and its rules', async () => {
    const { ids } = house;
    const [queue] = await queues();
    if (!queue) throw new Error('no queue');
    const full = await house.ok('admin', 'PUT /api/v1/setup/queues/:id/members', {
      params: { id: queue.id },
      body: { version: queue.version, userIds: [ids.boris, ids.anna] },
    });
    const querystring = { version: full.version };
    await house.ok('admin', 'DELETE /api/v1/setup/queues/:id', { params: { id: full.id }, querystring });
    expect(await queues()).toEqual([]);
    const [removal] = await versions('queue');
    expect((await rollBack(removal?.id ?? 0)).body).toMatchObject({ action: 'created', subjectId: full.id });
    expect(await queues()).toEqual([{ ...full, version: 1 }]);
    expect(house.roster.members(full.id as never).map(({ id }) => id)).toEqual([ids.boris, ids.anna]);
  });

  it('takes a creation back, unless something uses it by now', async () => {
    const trunk = await house.ok('admin', 'POST /api/v1/setup/trunks', { body: { name: 'T', host: 'h.example' } });
    const [queue] = await queues();
    const line = await house.ok('admin', 'POST /api/v1/setup/lines', {
      body: { name: 'L', number: '+74950000001', trunkId: trunk.id, queueId: queue?.id ?? 0 },
    });
    const created = async (kind: SetupKind) =>
      (await versions(kind)).find(({ action }) => action === 'created')?.id ?? 0;
    expect((await rollBack(await created('trunk'))).problem).toMatchObject({ usedBy: [{ kind: 'line', id: line.id }] });
    expect((await rollBack(await created('queue'))).problem).toMatchObject({ code: 'conflict' });
    expect((await rollBack(await created('line'))).body.action).toBe('removed');
    expect((await rollBack(await created('trunk'))).body.action).toBe('removed');
  });

  it('of a new person disables him: calls of the past name him', async () => {
    const { user } = await house.ok('admin', 'POST /api/v1/setup/users', {
      body: { login: 'vera', name: 'Vera', role: 'agent' },
    });
    const [creation] = await versions('user', user.id);
    expect((await rollBack(creation?.id ?? 0)).body.changes).toEqual([
      { field: 'disabled', before: false, after: true },
    ]);
    expect(house.roster.byLogin('vera')).toBeUndefined();
  });

  it('is not possible for secrets, and not for a name that another has by now', async () => {
    await house.ok('admin', 'POST /api/v1/setup/users/:id/password', { params: { id: house.ids.anna }, body: {} });
    const [reset] = await versions('user', house.ids.anna);
    expect([reset?.canRollBack, (await rollBack(reset?.id ?? 0)).problem.code]).toEqual([false, 'conflict']);
    const team = await house.ok('admin', 'POST /api/v1/setup/teams', { body: { name: 'A' } });
    await house.ok('admin', 'PATCH /api/v1/setup/teams/:id', {
      params: { id: team.id },
      body: { version: 1, name: 'B' },
    });
    await house.ok('admin', 'POST /api/v1/setup/teams', { body: { name: 'A' } });
    const [renaming] = await versions('team', team.id);
    expect((await rollBack(renaming?.id ?? 0)).problem).toMatchObject({ code: 'already_taken' });
  });

  it('of a schedule puts pattern and single days back together', async () => {
    const params = { id: house.ids.boris };
    const day = { day: '2026-01-12', periods: [], reason: 'sick' as const, note: '' };
    const first = { timeZone: 'UTC', weekly: always, exceptions: [day] };
    await house.ok('admin', 'PUT /api/v1/setup/schedules/:id', { params, body: { version: 0, ...first } });
    const second = { timeZone: 'Asia/Omsk', weekly: {}, exceptions: [] };
    await house.ok('admin', 'PUT /api/v1/setup/schedules/:id', { params, body: { version: 1, ...second } });
    const [change] = await versions('work_schedule', house.ids.boris);
    expect(change?.changes.map(({ field }) => field)).toEqual(['weekly', 'timeZone', 'exceptions']);
    await rollBack(change?.id ?? 0);
    const { items } = await house.ok('admin', 'GET /api/v1/setup/schedules');
    expect(items.find(({ user }) => user.id === house.ids.boris)).toMatchObject({ ...first, version: 3 });
    const creation = (await versions('work_schedule', house.ids.boris)).at(-1);
    expect((await rollBack(creation?.id ?? 0)).body.action).toBe('removed');
  });

  it('is for administrators', async () => {
    const [change] = await versions('queue');
    const params = { id: change?.id ?? 0 };
    expect((await house.call('olga', 'POST /api/v1/setup/versions/:id/roll-back', { params })).status).toBe(403);
    expect((await rollBack(999_999)).problem.code).toBe('not_found');
  });
});

describe('the company and the checklist', () => {
  it('settings are checked and versioned', async () => {
    const before = await house.ok('admin', 'GET /api/v1/setup/company');
    expect(before).toEqual({ version: 1, name: '', region: 'RU', timeZone: 'Europe/Moscow', language: 'ru' });
    const patch = (body: object) =>
      house.call('admin', 'PATCH /api/v1/setup/company', { body: { version: before.version, ...body } });
    expect((await patch({ timeZone: 'Moscow' })).problem.errors?.[0]?.path).toBe('body/timeZone');
    expect((await patch({ name: 'Tea House', timeZone: 'Asia/Omsk' })).body).toMatchObject({
      version: 2,
      name: 'Tea House',
    });
    expect(house.setup.company.timeZone).toBe('Asia/Omsk');
  });

  it('an empty house has everything open; each step closes its item', async () => {
    const { ids } = house;
    const list = () => house.ok('olga', 'GET /api/v1/setup/checklist');
    const states = async () => Object.fromEntries(Object.entries(await list()).map(([key, { state }]) => [key, state]));
    const [queue] = await queues();
    await house.ok('admin', 'PUT /api/v1/setup/queues/:id/members', {
      params: { id: queue?.id ?? 0 },
      body: { version: queue?.version ?? 0, userIds: [] },
    });
    expect(new Set(Object.values(await states()))).toEqual(new Set(['open']));
    const trunk = await house.ok('admin', 'POST /api/v1/setup/trunks', { body: { name: 'T', host: 'h.example' } });
    const queueId = queue?.id ?? 0;
    await house.ok('admin', 'POST /api/v1/setup/lines', {
      body: { name: 'L', number: '+74950000001', trunkId: trunk.id, queueId },
    });
    // a login there is for calls out: nothing comes in by it
    await house.ok('admin', 'PATCH /api/v1/setup/trunks/:id', {
      params: { id: trunk.id },
      body: { version: 1, username: 'us', password: 'secret' },
    });
    expect((await list()).lines).toEqual({ state: 'open', lines: 1, trunksNotReady: [{ id: trunk.id, name: 'T' }] });
    await house.ok('admin', 'PATCH /api/v1/setup/trunks/:id', {
      params: { id: trunk.id },
      body: { version: 2, addresses: ['192.0.2.1'] },
    });
    const [{ version } = { version: 0 }] = await queues();
    const members = { version, userIds: [ids.boris] };
    await house.ok('admin', 'PUT /api/v1/setup/queues/:id/members', { params: { id: queueId }, body: members });
    await house.ok('admin', 'PUT /api/v1/setup/schedules/:id', {
      params: { id: ids.boris },
      body: { version: 0, timeZone: 'UTC', weekly: { ...always, 2: [] }, exceptions: [] },
    });
    await house.ok('admin', 'POST /api/v1/setup/users/:id/password', {
      params: { id: ids.admin },
      body: { password: 'a better password' },
    });
    await house.room.browserPhoneSeen(ids.boris);
    await house.room.browserPhoneSeen(ids.anna);
    await house.room.testCallPassed(ids.admin);
    const reply = await house.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { login: 'admin', password: 'a better password' },
    });
    expect(reply.statusCode).toBe(200);
    const done = await list();
    expect(await states()).toEqual({
      adminPassword: 'done',
      people: 'warning',
      coverage: 'warning',
      lines: 'done',
      browserPhone: 'done',
      greeting: 'open',
      mailbox: 'open',
      sms: 'open',
      testCall: 'done',
    });
    expect(done.people.withoutQueue.map(({ id }) => id)).toEqual([ids.anna]);
    expect(done.coverage).toEqual({
      state: 'warning',
      onShiftNow: [{ id: ids.boris, name: 'Boris' }],
      holes: [
        {
          queue: { id: queueId, name: 'Sales 1' },
          startsAt: '2026-01-13T00:00:00.000Z',
          endsAt: '2026-01-14T00:00:00.000Z',
        },
      ],
    });
    expect(done.browserPhone.user?.id).toBe(ids.boris);
  });
});

it('a browser phone counts when it is of somebody who serves a queue, whichever came first', async () => {
  const own = await openSetupHouse();
  try {
    const { ids, browsers } = own;
    const phone = async () => (await own.ok('olga', 'GET /api/v1/setup/checklist')).browserPhone;
    const { id } = await own.ok('admin', 'POST /api/v1/setup/queues', { body: { name: 'Sales' } });
    browsers.add('admin').add('anna');
    await own.room.browserPhoneSeen(ids.admin);
    await own.room.browserPhoneSeen(ids.anna);
    expect(await phone()).toMatchObject({ state: 'open', user: null });
    const members = { version: 1, userIds: [ids.boris, ids.anna] };
    await own.ok('admin', 'PUT /api/v1/setup/queues/:id/members', { params: { id }, body: members });
    expect(await phone()).toMatchObject({ state: 'done', user: { id: ids.anna } });
  } finally {
    await own.close();
  }
});

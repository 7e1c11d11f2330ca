import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueId } from '../../../server/kernel/ids.ts';
import { always, openSetupHouse, type SetupHouse } from './house.ts';

let house: SetupHouse;
let trunkId: number;
let queueId: number;
beforeAll(async () => {
  house = await openSetupHouse();
});
afterAll(() => house.close());

const queue = async (id: number) => {
  const { items } = await house.ok('admin', 'GET /api/v1/setup/queues');
  const found = items.find((item) => item.id === id);
  if (!found) throw new Error(`no queue ${id}`);
  return found;
};

describe('carriers', () => {
  it('keep a password that nobody reads again, and are told to the voice channel', async () => {
    const body = { name: 'Carrier', host: 'sip.example.com', username: 'u', password: 'very secret' };
    const made = await house.ok('admin', 'POST /api/v1/setup/trunks', { body });
    trunkId = made.id;
    expect(made).toEqual({
      id: trunkId,
      version: 1,
      name: 'Carrier',
      host: 'sip.example.com',
      port: 5060,
      transport: 'udp',
      addresses: [],
      username: 'u',
      numberFormat: 'e164',
      hasPassword: true,
    });
    expect(house.trunks.at(-1)?.find(({ id }) => id === trunkId)?.password).toBe('very secret');
    const { items } = await house.ok('admin', 'GET /api/v1/setup/versions', { querystring: { kind: 'trunk' } });
    expect(items.map(({ action }) => action)).toEqual(['password_reset', 'created']);
    expect(JSON.stringify(items)).not.toContain('very secret');
  });

  it('name the wrong field', async () => {
    const patch = (body: object) =>
      house.call('admin', 'PATCH /api/v1/setup/trunks/:id', { params: { id: trunkId }, body: { version: 1, ...body } });
    const wrong = [
      [{ host: 'not a host' }, 'body/host'],
      [{ addresses: ['192.0.2.0/24', '192.0.2.0/33'] }, 'body/addresses/1'],
      [{ port: 0 }, 'body/port'],
    ] as const;
    for (const [body, path] of wrong) {
      const { status, problem } = await patch(body);
      expect([status, problem.errors?.[0]?.path]).toEqual([400, path]);
    }
  });
});

describe('numbers and queues', () => {
  it('a number is read as people write it, and calls see it at once', async () => {
    const made = await house.ok('admin', 'POST /api/v1/setup/queues', { body: { name: 'Sales' } });
    queueId = made.id;
    expect(made).toMatchObject({ wrapUpMode: 'mandatory_timeboxed', hours: null, isOpen: true, memberIds: [] });
    const line = await house.ok('admin', 'POST /api/v1/setup/lines', {
      body: { name: 'Main', number: '8 (495) 000-00-01', trunkId, queueId },
    });
    expect(line).toMatchObject({ number: '+74950000001', region: 'RU' });
    expect(house.setup.lines.map(({ number }) => number)).toEqual(['+74950000001']);
    expect((await queue(queueId)).lines).toEqual([{ id: line.id, name: 'Main' }]);
  });

  it('what is no number, no country or no queue of ours names its field', async () => {
    const post = (body: { number?: string; region?: string; queueId?: number }) =>
      house.call('admin', 'POST /api/v1/setup/lines', {
        body: { name: 'X', number: '+74950000002', trunkId, queueId, ...body },
      });
    expect((await post({ number: 'call me' })).problem).toMatchObject({
      code: 'invalid_number',
      errors: [{ path: 'body/number' }],
    });
    expect((await post({ number: '+7 495 000-00-01' })).problem.code).toBe('already_taken');
    expect((await post({ region: 'XX' })).problem.errors?.[0]?.path).toBe('body/region');
    expect((await post({ queueId: 999 })).problem.errors?.[0]?.path).toBe('body/queueId');
  });

  it('a carrier with numbers and a queue with numbers or callers stay', async () => {
    const trunk = await house.call('admin', 'DELETE /api/v1/setup/trunks/:id', {
      params: { id: trunkId },
      querystring: { version: 1 },
    });
    expect(trunk.problem).toMatchObject({ code: 'conflict', usedBy: [{ kind: 'line', name: 'Main' }] });
    const removeQueue = async (id: number) => {
      const querystring = { version: (await queue(id)).version };
      return house.call('admin', 'DELETE /api/v1/setup/queues/:id', { params: { id }, querystring });
    };
    expect((await removeQueue(queueId)).problem).toMatchObject({ code: 'conflict', usedBy: [{ kind: 'line' }] });
    const other = await house.ok('admin', 'POST /api/v1/setup/queues', { body: { name: 'Waiting' } });
    const caller = house.arrive(1, other.id);
    expect((await removeQueue(other.id)).problem).toMatchObject({ usedBy: [{ kind: 'interaction', id: caller }] });
    house.dispatcher.remove(caller);
    expect((await removeQueue(other.id)).status).toBe(200);
    expect(house.setup.queues.map(({ id }) => id)).toEqual([queueId]);
  });

  it('members serve in the order given, and a waiting caller finds a new one at once', async () => {
    const { ids } = house;
    for (const person of ['anna', 'boris'] as const)
      await house.ok('admin', 'PUT /api/v1/setup/schedules/:id', {
        params: { id: ids[person] },
        body: { version: 0, timeZone: 'UTC', weekly: always, exceptions: [] },
      });
    house.ready('boris');
    const caller = house.arrive(2, queueId);
    expect(house.roster.workerOf(caller)).toBeUndefined();
    const { version } = await queue(queueId);
    await house.ok('admin', 'PUT /api/v1/setup/queues/:id/members', {
      params: { id: queueId },
      body: { version, userIds: [ids.boris, ids.anna] },
    });
    expect(house.roster.members(queueId as QueueId).map(({ id }) => id)).toEqual([ids.boris, ids.anna]);
    expect(house.roster.workerOf(caller)?.id).toBe(ids.boris);
    house.dispatcher.remove(caller);
    house.roster.setWork(ids.boris, null);
  });

  it('a supervisor moves people of his own team and nobody else', async () => {
    const { ids } = house;
    await house.ok('admin', 'POST /api/v1/setup/teams', {
      body: { name: 'Care', memberIds: [ids.anna], supervisorIds: [ids.olga] },
    });
    const put = async (userIds: number[]) => {
      const { version } = await queue(queueId);
      return house.call('olga', 'PUT /api/v1/setup/queues/:id/members', {
        params: { id: queueId },
        body: { version, userIds },
      });
    };
    expect((await put([ids.anna, ids.boris])).status).toBe(200);
    expect((await put([ids.boris])).status).toBe(200);
    expect((await put([])).problem).toMatchObject({ code: 'forbidden', userId: ids.boris });
    expect((await put([ids.boris, ids.admin])).problem).toMatchObject({ code: 'forbidden', userId: ids.admin });
    expect((await put([ids.boris, ids.anna])).status).toBe(200);
  });

  it('hours: closed outside, and a holiday closes it', async () => {
    const { version } = await queue(queueId);
    const hours = { timeZone: 'UTC', weekly: { 1: [{ from: '09:00', to: '10:00' }] }, exceptions: [] };
    const closed = () => house.ok('admin', 'GET /api/v1/setup/queues').then(({ items }) => items[0]?.isOpen);
    // the clock stands at Monday, 12 January, 09:00 UTC
    const open = await house.ok('admin', 'PATCH /api/v1/setup/queues/:id', {
      params: { id: queueId },
      body: { version, hours, wrapUpMode: 'optional', maxWaitSeconds: 300, afterMaxWait: 'callback', priority: 5 },
    });
    expect(open).toMatchObject({ isOpen: true, hours, maxWaitSeconds: 300, priority: 5 });
    const day = await house.ok('admin', 'POST /api/v1/setup/holidays', { body: { day: '2026-01-12', name: 'Rest' } });
    expect(await closed()).toBe(false);
    await house.ok('admin', 'DELETE /api/v1/setup/holidays/:id', {
      params: { id: day.id },
      querystring: { version: day.version },
    });
    expect(await closed()).toBe(true);
    const bad = await house.call('admin', 'PATCH /api/v1/setup/queues/:id', {
      params: { id: queueId },
      body: { version: open.version, hours: { ...hours, timeZone: 'Mars/Olympus' } },
    });
    expect(bad.problem.errors?.[0]?.path).toBe('body/hours/timeZone');
  });
});

describe('outcomes and reasons', () => {
  it('a key belongs to one outcome; an archived one frees it and is no longer offered', async () => {
    const post = (nameEn: string, hotkey: number) =>
      house.call('admin', 'POST /api/v1/setup/dispositions', { body: { nameRu: nameEn, nameEn, hotkey } });
    const sold = (await post('Sold', 1)).body;
    expect((await post('Lost', 1)).problem).toMatchObject({ code: 'already_taken', errors: [{ path: 'body/hotkey' }] });
    await house.ok('admin', 'PATCH /api/v1/setup/dispositions/:id', {
      params: { id: sold.id },
      body: { version: sold.version, archived: true },
    });
    expect(house.setup.dispositions).toEqual([]);
    const lost = (await post('Lost', 1)).body;
    const other = await house.ok('admin', 'POST /api/v1/setup/dispositions', { body: { nameRu: 'Б', nameEn: 'B' } });
    expect(other.hotkey).toBeNull();
    await house.ok('admin', 'PUT /api/v1/setup/dispositions/order', { body: { ids: [other.id, lost.id] } });
    expect(house.setup.dispositions.map(({ id }) => id)).toEqual([other.id, lost.id]);
    const late = await house.call('admin', 'PUT /api/v1/setup/dispositions/order', { body: { ids: [lost.id] } });
    expect(late.problem.code).toBe('stale_version');
  });

  it('every agent gets the reasons of the company, in order, without archived ones', async () => {
    const first = await house.ok('anna', 'GET /api/v1/presence-reasons');
    expect(first.items.map(({ code }) => code)).toEqual(['break', 'lunch', 'meeting', 'training', 'back_office']);
    const body = { code: 'smoke', nameRu: 'Курилка', nameEn: 'Smoke' };
    const made = await house.ok('admin', 'POST /api/v1/setup/presence-reasons', { body });
    expect((await house.ok('anna', 'GET /api/v1/presence-reasons')).items.at(-1)).toEqual(body);
    await house.ok('admin', 'PATCH /api/v1/setup/presence-reasons/:id', {
      params: { id: made.id },
      body: { version: made.version, archived: true },
    });
    expect((await house.ok('anna', 'GET /api/v1/presence-reasons')).items).toEqual(first.items);
  });
});

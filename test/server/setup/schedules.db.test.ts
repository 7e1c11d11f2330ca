import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { always, officeWeek, openSetupHouse, type SetupHouse } from './house.ts';

let house: SetupHouse;
let queueId: number;
beforeAll(async () => {
  house = await openSetupHouse();
  const body = { name: 'Sales', memberIds: [house.ids.anna, house.ids.boris] };
  queueId = (await house.ok('admin', 'POST /api/v1/setup/queues', { body })).id;
});
afterAll(() => house.close());

const put = (person: 'anna' | 'boris', version: number, weekly: object, exceptions: unknown[] = []) =>
  house.ok('admin', 'PUT /api/v1/setup/schedules/:id', {
    params: { id: house.ids[person] },
    body: { version, timeZone: 'Europe/Moscow', weekly, exceptions } as never,
  });
/** Shifts of one person between two instants, as local hours of UTC. */
async function shifts(person: 'anna' | 'boris', from: string, to: string): Promise<string[]> {
  const { items } = await house.ok('admin', 'GET /api/v1/setup/shifts', { querystring: { from, to } });
  const found = items.find(({ user }) => user.id === house.ids[person]);
  return (found?.shifts ?? []).map(({ startsAt, endsAt }) => `${startsAt.slice(5, 16)}/${endsAt.slice(5, 16)}`);
}

describe('work schedules', () => {
  it('a first one makes somebody present at once: the clock stands at Monday noon in Moscow', async () => {
    expect(house.roster.agent(house.ids.anna)?.shift).toBeNull();
    const made = await put('anna', 0, officeWeek);
    expect(made).toMatchObject({ version: 1, timeZone: 'Europe/Moscow', canChange: true });
    expect(house.roster.agent(house.ids.anna)?.shift).not.toBeNull();
  });

  it('a sick day takes him off at once; the day is like its weekday again when it is removed', async () => {
    const params = { id: house.ids.anna, day: '2026-01-12' };
    const body = { version: 1, periods: [], reason: 'sick' as const, note: '39.5' };
    const sick = await house.ok('admin', 'PUT /api/v1/setup/schedules/:id/days/:day', { params, body });
    expect(sick.exceptions).toEqual([{ day: '2026-01-12', periods: [], reason: 'sick', note: '39.5' }]);
    expect(house.roster.agent(house.ids.anna)?.shift).toBeNull();
    const querystring = { version: sick.version };
    const well = await house.ok('admin', 'DELETE /api/v1/setup/schedules/:id/days/:day', { params, querystring });
    expect(well.exceptions).toEqual([]);
    expect(house.roster.agent(house.ids.anna)?.shift).not.toBeNull();
  });

  it('an extra Saturday, and a night over midnight', async () => {
    const extra = [{ day: '2026-01-17', periods: [{ from: '22:00', to: '06:00' }], reason: 'extra', note: '' }];
    await put('anna', 3, officeWeek, extra);
    expect(await shifts('anna', '2026-01-16T00:00:00Z', '2026-01-19T00:00:00Z')).toEqual([
      '01-16T06:00/01-16T15:00',
      '01-17T19:00/01-18T03:00',
    ]);
  });

  it('a holiday is everybody’s who works on that weekday, save whose own day says otherwise', async () => {
    await put('boris', 0, officeWeek, [
      { day: '2026-01-13', periods: [{ from: '10:00', to: '12:00' }], reason: 'extra', note: 'on duty' },
    ]);
    const body = { day: '2026-01-13', name: 'Old New Year' };
    await house.ok('admin', 'POST /api/v1/setup/holidays', { body });
    const span = ['2026-01-13T00:00:00Z', '2026-01-14T00:00:00Z'] as const;
    expect(await shifts('anna', ...span)).toEqual([]);
    expect(await shifts('boris', ...span)).toEqual(['01-13T07:00/01-13T09:00']);
    const again = await house.call('admin', 'POST /api/v1/setup/holidays', { body });
    expect(again.problem).toMatchObject({ code: 'already_taken', errors: [{ path: 'body/day' }] });
    // a Sunday with hours calls in nobody who is off on Sundays
    await house.ok('admin', 'POST /api/v1/setup/holidays', {
      body: { day: '2026-01-25', name: 'Sale', periods: [{ from: '10:00', to: '12:00' }] },
    });
    expect(await shifts('anna', '2026-01-25T00:00:00Z', '2026-01-26T00:00:00Z')).toEqual([]);
  });

  it('a pattern is taken over from a colleague, with or without his single days', async () => {
    const { ids } = house;
    const params = { id: ids.olga };
    const from = { fromUserId: ids.anna };
    const one = await house.ok('admin', 'POST /api/v1/setup/schedules/:id/copy', {
      params,
      body: { version: 0, ...from },
    });
    expect([one.weekly, one.exceptions]).toEqual([officeWeek, []]);
    const two = await house.ok('admin', 'POST /api/v1/setup/schedules/:id/copy', {
      params,
      body: { version: 1, ...from, withExceptions: true },
    });
    expect(two.exceptions.map(({ day }) => day)).toEqual(['2026-01-17']);
  });

  it('a supervisor without the person in a team of his is refused', async () => {
    const answer = await house.call('olga', 'PUT /api/v1/setup/schedules/:id', {
      params: { id: house.ids.boris },
      body: { version: 1, timeZone: 'UTC', weekly: always, exceptions: [] },
    });
    expect(answer.problem).toMatchObject({ code: 'forbidden', userId: house.ids.boris });
  });

  it('names a wrong zone, a wrong day, a day given twice and a span that is too long', async () => {
    const day = (text: string) => ({ day: text, periods: [], reason: 'sick' as const, note: '' });
    const wrong = [
      [{ timeZone: 'Moscow', exceptions: [] }, 'body/timeZone'],
      [{ timeZone: 'UTC', exceptions: [day('2026-02-30')] }, 'body/exceptions/0/day'],
      [{ timeZone: 'UTC', exceptions: [day('2026-02-03'), day('2026-02-03')] }, 'body/exceptions/1/day'],
    ] as const;
    for (const [body, path] of wrong) {
      const answer = await house.call('admin', 'PUT /api/v1/setup/schedules/:id', {
        params: { id: house.ids.boris },
        body: { version: 1, weekly: {}, ...body, exceptions: [...body.exceptions] },
      });
      expect([answer.status, answer.problem.errors?.[0]?.path]).toEqual([400, path]);
    }
    const querystring = { from: '2026-01-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };
    expect((await house.call('admin', 'GET /api/v1/setup/shifts', { querystring })).status).toBe(400);
  });

  it('holes: when the queue is open and nobody of it is on shift', async () => {
    const [queue] = (await house.ok('admin', 'GET /api/v1/setup/queues')).items;
    const hours = { timeZone: 'Europe/Moscow', weekly: { 1: [{ from: '08:00', to: '20:00' }] }, exceptions: [] };
    await house.ok('admin', 'PATCH /api/v1/setup/queues/:id', {
      params: { id: queueId },
      body: { version: queue?.version ?? 0, hours },
    });
    const querystring = { from: '2026-01-12T00:00:00Z', to: '2026-01-13T00:00:00Z' };
    const { queues } = await house.ok('olga', 'GET /api/v1/setup/shifts', { querystring });
    expect(queues).toEqual([
      {
        queue: { id: queueId, name: 'Sales' },
        open: [{ startsAt: '2026-01-12T05:00:00.000Z', endsAt: '2026-01-12T17:00:00.000Z' }],
        holes: [
          { startsAt: '2026-01-12T05:00:00.000Z', endsAt: '2026-01-12T06:00:00.000Z' },
          { startsAt: '2026-01-12T15:00:00.000Z', endsAt: '2026-01-12T17:00:00.000Z' },
        ],
      },
    ]);
  });
});

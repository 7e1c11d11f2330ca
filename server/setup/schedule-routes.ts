import { and, eq, isNull } from 'drizzle-orm';
import { users } from '../../db/schema/index.ts';
import { reachOf } from '../access/index.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import type { UserSchedule } from '../contract/setup-schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Turn } from './changes.ts';
import type { SetupContext } from './context.ts';
import { stale } from './problems.ts';
import { requireReach } from './reach.ts';
import { shiftsView } from './shifts.ts';
import { type ScheduleData, scheduleSubject } from './subjects/schedule.ts';
import { scheduleViews } from './views.ts';

const weekMs = 7 * 24 * 60 * 60_000;

/** @throws AppError `not_found` for a user who is not there or is disabled */
async function nameOf({ tx }: Turn, id: number): Promise<string> {
  const [row] = await tx.orm
    .select({ name: users.name })
    .from(users)
    .where(and(eq(users.id, id as UserId), isNull(users.disabledAt)));
  if (!row) throw new AppError('not_found', `there is no user ${id}`);
  return row.name;
}

/** Operations on work schedules. */
export function scheduleRoutes({ db, changes, setup, clock }: SetupContext): Routes {
  async function list(user: SignedInUser): Promise<UserSchedule[]> {
    return scheduleViews(db, await reachOf(db, user));
  }

  /** Changes the schedule of one user, who may have none yet. */
  async function change(
    user: SignedInUser,
    { id, version }: { readonly id: number; readonly version: number },
    work: (data: ScheduleData, turn: Turn) => ScheduleData | Promise<ScheduleData>,
  ): Promise<UserSchedule> {
    await changes.run(user, async (turn) => {
      const userName = await nameOf(turn, id);
      requireReach(await reachOf(turn.tx, user), [id]);
      if (await scheduleSubject.read(turn.tx, id))
        return turn.edit(scheduleSubject, { id, version }, (data) => work(data, turn));
      if (version !== 0) throw stale(0);
      const blank = { userName, timeZone: setup.company.timeZone, weekly: {}, exceptions: [] };
      await turn.create(scheduleSubject, await work(blank, turn), id);
    });
    const view = (await list(user)).find((schedule) => schedule.user.id === id);
    if (!view) throw new Error(`the schedule of user ${id} is gone right after its change`);
    return view;
  }

  return (mount) => {
    mount('GET /api/v1/setup/schedules', async ({ user }) => ({ items: await list(user) }));

    mount('PUT /api/v1/setup/schedules/:id', ({ params: { id }, body: { version, ...body }, user }) =>
      change(user, { id, version }, (data) => ({ ...data, ...body, exceptions: byDay(body.exceptions) })),
    );

    mount('POST /api/v1/setup/schedules/:id/copy', ({ params: { id }, body, user }) =>
      change(user, { id, version: body.version }, async (data, { tx }) => {
        const from = await scheduleSubject.read(tx, body.fromUserId);
        if (!from) throw new AppError('not_found', `user ${body.fromUserId} has no schedule`);
        const { timeZone, weekly, exceptions } = from.data;
        return { ...data, timeZone, weekly, exceptions: body.withExceptions ? exceptions : data.exceptions };
      }),
    );

    mount('PUT /api/v1/setup/schedules/:id/days/:day', ({ params: { id, day }, body: { version, ...body }, user }) =>
      change(user, { id, version }, (data) => ({
        ...data,
        exceptions: byDay([...without(data, day), { ...body, day }]),
      })),
    );

    mount('DELETE /api/v1/setup/schedules/:id/days/:day', ({ params: { id, day }, query, user }) =>
      change(user, { id, version: query.version }, (data) => ({ ...data, exceptions: without(data, day) })),
    );

    mount('GET /api/v1/setup/shifts', async ({ query }) => {
      const from = query.from === undefined ? clock.now() : Date.parse(query.from);
      return shiftsView(setup, from, query.to === undefined ? from + weekMs : Date.parse(query.to));
    });
  };
}

const byDay = (days: ScheduleData['exceptions']): ScheduleData['exceptions'] =>
  days.toSorted((a, b) => a.day.localeCompare(b.day));

const without = ({ exceptions }: ScheduleData, day: string): ScheduleData['exceptions'] =>
  exceptions.filter((exception) => exception.day !== day);

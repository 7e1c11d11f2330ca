import { asc, eq } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { scheduleExceptions, users, type WeeklyPattern, workSchedules } from '../../../db/schema/index.ts';
import { type DayReason, dayReasons } from '../../contract/setup-words.ts';
import type { UserId } from '../../kernel/ids.ts';
import type { Period } from '../../routing/work-schedule.ts';
import { checkExceptions, checkTimeZone } from '../checks.ts';
import type { Subject } from '../subject.ts';

export interface ScheduleDay {
  readonly day: string;
  readonly periods: readonly Period[];
  readonly reason: DayReason;
  readonly note: string;
}

export interface ScheduleData {
  /** Whose it is, so that a version can be read alone. */
  readonly userName: string;
  readonly timeZone: string;
  readonly weekly: WeeklyPattern;
  /** By date. */
  readonly exceptions: readonly ScheduleDay[];
}

const reasonOf = (word: string): DayReason => dayReasons.find((reason) => reason === word) ?? 'changed';

export const toScheduleDay = (row: typeof scheduleExceptions.$inferSelect): ScheduleDay => ({
  day: row.day,
  periods: row.periods,
  reason: reasonOf(row.reason),
  note: row.note,
});

async function writeDays(tx: Executor, userId: UserId, days: readonly ScheduleDay[]): Promise<void> {
  await tx.orm.delete(scheduleExceptions).where(eq(scheduleExceptions.userId, userId));
  if (days.length > 0) await tx.orm.insert(scheduleExceptions).values(days.map((day) => ({ ...day, userId })));
}

/** A person's work schedule; its id is the user's. */
export const scheduleSubject: Subject<ScheduleData> = {
  kind: 'work_schedule',
  nameOf: ({ userName }) => userName,
  async read(tx, id) {
    const userId = id as UserId;
    const [row] = await tx.orm
      .select({ schedule: workSchedules, userName: users.name })
      .from(workSchedules)
      .innerJoin(users, eq(users.id, workSchedules.userId))
      .where(eq(workSchedules.userId, userId));
    if (!row) return null;
    const days = await tx.orm
      .select()
      .from(scheduleExceptions)
      .where(eq(scheduleExceptions.userId, userId))
      .orderBy(asc(scheduleExceptions.day));
    const { timeZone, weekly, version } = row.schedule;
    return { id, version, data: { userName: row.userName, timeZone, weekly, exceptions: days.map(toScheduleDay) } };
  },
  count: (tx) => tx.orm.$count(workSchedules),
  async check({ timeZone, exceptions }) {
    checkTimeZone('timeZone', timeZone);
    checkExceptions('exceptions', exceptions);
  },
  async insert(tx, { timeZone, weekly, exceptions }, { id, version }) {
    if (id === null) throw new Error('a schedule is somebody’s');
    const userId = id as UserId;
    await tx.orm.insert(workSchedules).values({ userId, timeZone, weekly, version });
    await writeDays(tx, userId, exceptions);
    return id;
  },
  async update(tx, { timeZone, weekly, exceptions }, { id, version }) {
    const userId = id as UserId;
    await tx.orm.update(workSchedules).set({ timeZone, weekly, version }).where(eq(workSchedules.userId, userId));
    await writeDays(tx, userId, exceptions);
  },
  usedBy: async () => [],
  async remove(tx, id) {
    const userId = id as UserId;
    await tx.orm.delete(scheduleExceptions).where(eq(scheduleExceptions.userId, userId));
    await tx.orm.delete(workSchedules).where(eq(workSchedules.userId, userId));
  },
};

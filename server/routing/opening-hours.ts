import type { holidays, OpeningHours, workSchedules } from '../../db/schema/index.ts';
import type { QueueId } from '../kernel/ids.ts';
import {
  nextShiftAt,
  type Period,
  type Shift,
  shiftAt,
  shiftsBetween,
  type WorkSchedule,
  weekdayOf,
} from './work-schedule.ts';

export type HolidayRow = typeof holidays.$inferSelect;

interface OwnDay {
  readonly day: string;
  readonly periods: readonly Period[];
}

/**
 * The company's days as exceptions of one pattern; whoever is off on that weekday stays off. Own exceptions go before
 * them.
 */
function withHolidays(
  weekly: WorkSchedule['weekly'],
  own: readonly OwnDay[],
  days: readonly OwnDay[],
): ReadonlyMap<string, readonly Period[]> {
  const kept = days.filter(({ day }) => (weekly[weekdayOf(day)] ?? []).length > 0);
  return new Map([...kept, ...own].map(({ day, periods }) => [day, periods]));
}

/** A person's schedule as routing asks it. */
export function userSchedule(
  { timeZone, weekly }: Pick<typeof workSchedules.$inferSelect, 'timeZone' | 'weekly'>,
  own: readonly OwnDay[],
  days: readonly HolidayRow[],
): WorkSchedule {
  return { timeZone, weekly, exceptions: withHolidays(weekly, own, days) };
}

/** A queue's hours as a schedule. */
export function queueSchedule(
  { timeZone, weekly, exceptions }: OpeningHours,
  days: readonly HolidayRow[],
): WorkSchedule {
  const closing = days.filter((day) => day.closesQueues);
  return { timeZone, weekly, exceptions: withHolidays(weekly, exceptions, closing) };
}

interface Hours {
  /** A queue without an entry is always open. */
  readonly hours: ReadonlyMap<QueueId, WorkSchedule>;
}

/** Whether a queue takes callers at this moment. */
export function isOpen({ hours }: Hours, queueId: QueueId, at: number): boolean {
  const schedule = hours.get(queueId);
  return schedule === undefined || shiftAt(schedule, at) !== null;
}

/** When a queue that is closed opens; null = not within a fortnight, or it is always open. */
export function nextOpeningAt({ hours }: Hours, queueId: QueueId, at: number): number | null {
  const schedule = hours.get(queueId);
  return schedule === undefined ? null : nextShiftAt(schedule, at);
}

/** When a queue is open within `from`..`to`, in order. */
export function openBetween({ hours }: Hours, queueId: QueueId, from: number, to: number): Shift[] {
  const schedule = hours.get(queueId);
  return schedule === undefined ? [{ startsAt: from, endsAt: to }] : shiftsBetween(schedule, from, to);
}

import type { Holiday, UserSchedule } from '../../../server/contract/setup-schemas.ts';
import type { DayReason } from '../../../server/contract/setup-words.ts';
import { type Period, weekdayOf } from '../parts/hours.ts';

/** What a person does on one day, and why it differs from his week. */
export interface PlannedDay {
  readonly periods: readonly Period[];
  readonly reason: DayReason | null;
  readonly note: string;
  /** The company's holiday that decides, when his own exception does not. */
  readonly holiday: Holiday | null;
}

/** His own exception goes before the company's holiday, which changes only days on which he would work. */
export function plannedDay(schedule: UserSchedule, holidays: readonly Holiday[], day: string): PlannedDay {
  const own = schedule.exceptions.find((exception) => exception.day === day);
  if (own !== undefined) return { periods: own.periods, reason: own.reason, note: own.note, holiday: null };
  const weekly = schedule.weekly[weekdayOf(day)] ?? [];
  const holiday = holidays.find((one) => one.day === day);
  if (holiday !== undefined && weekly.length > 0) {
    return { periods: holiday.periods, reason: null, note: '', holiday };
  }
  return { periods: weekly, reason: null, note: '', holiday: null };
}

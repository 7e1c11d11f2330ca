/**
 * Who is on shift at T: pure functions over weekly patterns with exceptions, true over midnight and over clock changes.
 * Local times are the schedule's own; results are instants in milliseconds since the epoch.
 */

export interface Period {
  /** Local time, HH:MM. */
  readonly from: string;
  /** Local time, HH:MM; at or before `from` = the next day; equal = the whole day round. */
  readonly to: string;
}

export interface WorkSchedule {
  /** IANA name. */
  readonly timeZone: string;
  /** ISO weekday (1 = Monday) -> periods that start on it. */
  readonly weekly: Readonly<Partial<Record<1 | 2 | 3 | 4 | 5 | 6 | 7, readonly Period[]>>>;
  /** Local date (YYYY-MM-DD) -> periods instead of the weekly ones; none = off. */
  readonly exceptions: ReadonlyMap<string, readonly Period[]>;
}

export interface Shift {
  readonly startsAt: number;
  readonly endsAt: number;
}

const minute = 60_000;
const dayMs = 24 * 60 * minute;
/** How far ahead the next shift is looked for: a fortnight off is followed by work, a longer leave shows no date. */
const horizonDays = 15;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

/** Clocks are only ever changed at a quarter of an hour. */
const quarterMs = 15 * minute;
/** Quarters of an hour that are remembered per zone; all people together ask for some thousand. */
const maxQuarters = 20_000;
const offsets = new Map<string, Map<number, number>>();

/** How far a zone's wall clock is ahead of UTC. Remembered: formatting takes microseconds, and there are 400 people. */
function offsetOf(timeZone: string, at: number): number {
  let known = offsets.get(timeZone);
  if (!known || known.size >= maxQuarters) {
    known = new Map();
    offsets.set(timeZone, known);
  }
  const quarter = Math.floor(at / quarterMs);
  const found = known.get(quarter);
  if (found !== undefined) return found;
  const offset = formattedWallTime(timeZone, quarter * quarterMs) - quarter * quarterMs;
  known.set(quarter, offset);
  return offset;
}

/** Local wall time of an instant, as if it were UTC. */
const wallTime = (timeZone: string, at: number): number => at + offsetOf(timeZone, at);

function formattedWallTime(timeZone: string, at: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute: minutes = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minutes, second);
}

/**
 * The instant of a wall time. Inside the hour that a spring change skips: the same distance after the change.
 * Inside the hour that an autumn change repeats: its first time.
 */
function instantOf(timeZone: string, wall: number): number {
  const before = wall - (wallTime(timeZone, wall - dayMs) - (wall - dayMs));
  if (wallTime(timeZone, before) === wall) return before;
  const after = wall - (wallTime(timeZone, wall + dayMs) - (wall + dayMs));
  return wallTime(timeZone, after) === wall ? after : before;
}

/** Minutes of HH:MM; 24:00 is allowed. */
function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function periodsOn(schedule: WorkSchedule, wallDay: number): readonly Period[] {
  const date = new Date(wallDay);
  const day = date.toISOString().slice(0, 10);
  return schedule.exceptions.get(day) ?? schedule.weekly[weekdayOf(day)] ?? [];
}

/** Shifts that start on local days `firstDay`..`lastDay` around `at`, in order, with touching ones joined. */
function shiftsAround(schedule: WorkSchedule, at: number, firstDay: number, lastDay: number): Shift[] {
  const wall = wallTime(schedule.timeZone, at);
  const midnight = wall - (wall % dayMs);
  const shifts: Shift[] = [];
  for (let day = firstDay; day <= lastDay; day++) {
    const wallDay = midnight + day * dayMs;
    for (const { from, to } of periodsOn(schedule, wallDay)) {
      const start = minutesOf(from);
      const end = minutesOf(to) > start ? minutesOf(to) : minutesOf(to) + 24 * 60;
      shifts.push({
        startsAt: instantOf(schedule.timeZone, wallDay + start * minute),
        endsAt: instantOf(schedule.timeZone, wallDay + end * minute),
      });
    }
  }
  return joined(shifts.filter((shift) => shift.endsAt > shift.startsAt));
}

function joined(shifts: readonly Shift[]): Shift[] {
  const result: Shift[] = [];
  for (const shift of [...shifts].sort((a, b) => a.startsAt - b.startsAt)) {
    const last = result.at(-1);
    if (last && shift.startsAt <= last.endsAt)
      result[result.length - 1] = { startsAt: last.startsAt, endsAt: Math.max(last.endsAt, shift.endsAt) };
    else result.push(shift);
  }
  return result;
}

/** The shift that `at` is in (its start counts, its end does not), or null. */
export function shiftAt(schedule: WorkSchedule, at: number): Shift | null {
  return shiftsAround(schedule, at, -2, 2).find((shift) => shift.startsAt <= at && at < shift.endsAt) ?? null;
}

/** Shifts that touch `from`..`to`, cut off at both. */
export function shiftsBetween(schedule: WorkSchedule, from: number, to: number): Shift[] {
  const days = Math.ceil((to - from) / dayMs);
  return shiftsAround(schedule, from, -2, days + 1).flatMap(({ startsAt, endsAt }) => {
    const cut = { startsAt: Math.max(startsAt, from), endsAt: Math.min(endsAt, to) };
    return cut.startsAt < cut.endsAt ? [cut] : [];
  });
}

/** ISO weekday of a local date. */
export function weekdayOf(day: string): 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  return (((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7;
}

/** Start of the first shift after `at`, within a fortnight; null = none. */
export function nextShiftAt(schedule: WorkSchedule, at: number): number | null {
  return shiftsAround(schedule, at, -2, horizonDays).find((shift) => shift.startsAt > at)?.startsAt ?? null;
}

/** Local midnight that began the day of `at`. */
export function startOfDay(timeZone: string, at: number): number {
  const wall = wallTime(timeZone, at);
  return instantOf(timeZone, wall - (wall % dayMs));
}

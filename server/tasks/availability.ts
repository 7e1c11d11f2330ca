import type { TaskCheck } from '../contract/tasks-schemas.ts';
import type { HandOverReason } from '../contract/tasks-words.ts';
import type { UserId } from '../kernel/ids.ts';
import { type Shift, shiftAt, shiftsBetween, type WorkSchedule } from '../routing/work-schedule.ts';
import { taskLimits } from './limits.ts';
import { localTime, sameTimeLater } from './local-time.ts';

export interface Colleague {
  readonly id: UserId;
  readonly name: string;
  readonly schedule: WorkSchedule | undefined;
}

export interface AvailabilityQuestion {
  readonly now: number;
  readonly dueAt: number;
  readonly assignee: Colleague;
  /** In the order in which they are to be offered. */
  readonly colleagues: readonly Colleague[];
  readonly responsibleId: UserId | null;
  /** null = there is no client. */
  readonly clientTimeZone: string | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoShift = (shift: Shift | null) => shift && { startsAt: iso(shift.startsAt), endsAt: iso(shift.endsAt) };
const onShiftAt = (schedule: WorkSchedule | undefined, at: number): Shift | null =>
  schedule ? shiftAt(schedule, at) : null;

/** The last moment before `dueAt` that leaves time to do something in his shift, and is not over. */
function before(schedule: WorkSchedule, { now, dueAt }: AvailabilityQuestion): number | null {
  const from = Math.max(now, dueAt - taskLimits.nearestBackMs);
  if (from >= dueAt) return null;
  const last = shiftsBetween(schedule, from, dueAt).at(-1);
  return last ? Math.max(last.startsAt, last.endsAt - taskLimits.leadMs) : null;
}

/** The start of his first shift after `dueAt`. */
function after(schedule: WorkSchedule, { dueAt }: AvailabilityQuestion): number | null {
  return shiftsBetween(schedule, dueAt, dueAt + taskLimits.nearestAheadMs)[0]?.startsAt ?? null;
}

/** The first day on which he is on shift when the client's clock shows the same. */
function sameTime(schedule: WorkSchedule, { dueAt, clientTimeZone }: AvailabilityQuestion): number | null {
  for (let days = 1; days <= 14; days++) {
    const later = sameTimeLater(clientTimeZone ?? schedule.timeZone, dueAt, days);
    if (shiftAt(schedule, later)) return later;
  }
  return null;
}

/** Times at which somebody is on shift who is not at the time asked for, in order. */
function nearestTimes(question: AvailabilityQuestion): number[] {
  const { schedule } = question.assignee;
  if (!schedule) return [];
  const times = [before(schedule, question), after(schedule, question), sameTime(schedule, question)];
  return [...new Set(times.filter((time) => time !== null))].sort((a, b) => a - b);
}

/** What to say while the client is on the line: whether the time can be promised, and what else can. Pure. */
export function availabilityOf(question: AvailabilityQuestion): TaskCheck {
  const { dueAt, assignee, colleagues, responsibleId, clientTimeZone } = question;
  const shift = onShiftAt(assignee.schedule, dueAt);
  const present = colleagues.flatMap(({ id, name, schedule }) => {
    const theirs = onShiftAt(schedule, dueAt);
    return theirs && id !== assignee.id
      ? [{ user: { id, name }, until: iso(theirs.endsAt), isResponsible: id === responsibleId }]
      : [];
  });
  const first = present.toSorted((a, b) => Number(b.isResponsible) - Number(a.isResponsible));
  return {
    dueAt: iso(dueAt),
    assignee: { id: assignee.id, name: assignee.name },
    onShift: shift !== null,
    shift: isoShift(shift),
    nearest: shift ? [] : nearestTimes(question).map(iso),
    colleagues: first.slice(0, taskLimits.colleagues),
    client: clientTimeZone === null ? null : { timeZone: clientTimeZone, localTime: localTime(clientTimeZone, dueAt) },
  };
}

export interface StandInQuestion {
  readonly assigneeId: UserId;
  readonly isEnabled: boolean;
  /** Whoever has none works when he likes. */
  readonly hasSchedule: boolean;
  readonly responsibleId: UserId | null;
  /** Of his team, in order of their ids. */
  readonly colleagues: readonly UserId[];
  readonly onShift: (id: UserId) => boolean;
  /** Start of his next shift; null = none soon. */
  readonly comesAt: (id: UserId) => number | null;
}

/**
 * The hand-over rule. Who gets a task whose time has come when its owner is off shift or disabled: the client's
 * responsible manager, if he is on shift; else the next of the team, round and round from the owner. What somebody has
 * who is disabled does not stay: if nobody is there, it goes to who of them comes first.
 * @returns null when it stays: he is there, works when he likes, or nobody else is there either
 */
export function standInFor(question: StandInQuestion): { userId: UserId; reason: HandOverReason } | null {
  const { assigneeId, isEnabled, hasSchedule, responsibleId, colleagues, onShift } = question;
  if (isEnabled && (!hasSchedule || onShift(assigneeId))) return null;
  const reason = isEnabled ? 'off_shift' : 'disabled';
  if (responsibleId !== null && responsibleId !== assigneeId && onShift(responsibleId))
    return { userId: responsibleId, reason };
  const present = colleagues.filter((id) => id !== assigneeId && onShift(id));
  const userId = present.find((id) => id > assigneeId) ?? present[0] ?? (isEnabled ? undefined : firstToCome(question));
  return userId === undefined ? null : { userId, reason };
}

function firstToCome({ assigneeId, responsibleId, colleagues, comesAt }: StandInQuestion): UserId | undefined {
  const ids = [...(responsibleId === null ? [] : [responsibleId]), ...colleagues].filter((id) => id !== assigneeId);
  const coming = ids.flatMap((id) => {
    const at = comesAt(id);
    return at === null ? [] : [{ id, at }];
  });
  return coming.toSorted((a, b) => a.at - b.at)[0]?.id;
}

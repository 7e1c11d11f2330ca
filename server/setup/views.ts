import { asc, eq, isNull } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import {
  company,
  dispositions,
  holidays,
  lines,
  presenceReasons,
  queueAgents,
  queues,
  scheduleExceptions,
  sounds,
  teamSupervisors,
  teams,
  trunks,
  users,
  workSchedules,
} from '../../db/schema/index.ts';
import { formatPhone } from '../clients/phone-number.ts';
import type {
  CompanySettings,
  Holiday,
  SetupDisposition,
  SetupLine,
  SetupPresenceReason,
  SetupQueue,
  SetupTeam,
  SetupTrunk,
  SetupUser,
  Sound,
  UserSchedule,
} from '../contract/setup-schemas.ts';
import { toScheduleDay } from './subjects/schedule.ts';

/** What the set-up screens show: whole lists, read from the database. Small tables, a few statements each. */

export async function userViews({ orm }: Executor, realm: string): Promise<SetupUser[]> {
  const rows = await orm.select().from(users).orderBy(asc(users.name), asc(users.id));
  const places = await orm
    .select({ userId: queueAgents.userId, id: queues.id, name: queues.name })
    .from(queueAgents)
    .innerJoin(queues, eq(queues.id, queueAgents.queueId))
    .orderBy(asc(queues.name));
  const placesOf = Map.groupBy(places, (place) => place.userId);
  const scheduled = new Set((await orm.select({ id: workSchedules.userId }).from(workSchedules)).map(({ id }) => id));
  return rows.map(({ id, version, login, name, role, teamId, language, sees, mayExport, ...row }) => ({
    id,
    version,
    login,
    name,
    role,
    teamId,
    language,
    sees,
    mayExport,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    passwordSetAt: row.passwordSetAt?.toISOString() ?? null,
    hasSchedule: scheduled.has(id),
    queues: (placesOf.get(id) ?? []).map(({ id, name }) => ({ id, name })),
    sip: { aor: login, realm },
  }));
}

export async function teamViews({ orm }: Executor): Promise<SetupTeam[]> {
  const rows = await orm.select().from(teams).orderBy(asc(teams.name));
  const people = await orm
    .select({ id: users.id, name: users.name, teamId: users.teamId })
    .from(users)
    .orderBy(asc(users.name), asc(users.id));
  const leaders = await orm.select().from(teamSupervisors);
  return rows.map(({ id, version, name }) => ({
    id,
    version,
    name,
    members: people.filter((user) => user.teamId === id).map(({ id, name }) => ({ id, name })),
    supervisors: people
      .filter((user) => leaders.some((row) => row.teamId === id && row.userId === user.id))
      .map(({ id, name }) => ({ id, name })),
  }));
}

export async function trunkViews({ orm }: Executor): Promise<SetupTrunk[]> {
  const rows = await orm.select().from(trunks).orderBy(asc(trunks.id));
  return rows.map(({ password, ...row }) => ({ ...row, hasPassword: password !== '' }));
}

export async function lineViews({ orm }: Executor): Promise<SetupLine[]> {
  const rows = await orm.select().from(lines).orderBy(asc(lines.id));
  return rows.map((row) => ({ ...row, display: formatPhone(row.number) }));
}

/** @param isOpen whether a queue takes callers now */
export async function queueViews({ orm }: Executor, isOpen: (id: number) => boolean): Promise<SetupQueue[]> {
  const rows = await orm.select().from(queues).orderBy(asc(queues.id));
  const members = await orm.select().from(queueAgents).orderBy(asc(queueAgents.position), asc(queueAgents.userId));
  const lineRows = await orm.select().from(lines).orderBy(asc(lines.id));
  return rows.map(({ lastOfferedUserId: _, ...row }) => ({
    ...(row as Omit<SetupQueue, 'memberIds' | 'lines' | 'isOpen'>),
    memberIds: members.filter((member) => member.queueId === row.id).map((member) => member.userId),
    lines: lineRows.filter((line) => line.queueId === row.id).map(({ id, name }) => ({ id, name })),
    isOpen: isOpen(row.id),
  }));
}

export async function dispositionViews({ orm }: Executor): Promise<SetupDisposition[]> {
  const order = [asc(dispositions.position), asc(dispositions.hotkey), asc(dispositions.id)];
  const rows = await orm
    .select()
    .from(dispositions)
    .orderBy(...order);
  return rows.map(({ archivedAt, ...row }) => ({ ...row, hotkey: row.hotkey || null, archived: archivedAt !== null }));
}

export async function presenceReasonViews({ orm }: Executor): Promise<SetupPresenceReason[]> {
  const rows = await orm.select().from(presenceReasons).orderBy(asc(presenceReasons.position), asc(presenceReasons.id));
  return rows.map(({ archivedAt, ...row }) => ({ ...row, archived: archivedAt !== null }));
}

export async function companyView({ orm }: Executor): Promise<CompanySettings> {
  const [row] = await orm.select().from(company);
  if (!row) throw new Error('the database has no company row');
  const { version, name, region, timeZone, language } = row;
  return { version, name, region, timeZone, language };
}

export async function holidayViews({ orm }: Executor): Promise<Holiday[]> {
  const rows = await orm.select().from(holidays).orderBy(asc(holidays.day));
  return rows.map((row) => ({ ...row, periods: [...row.periods] }));
}

/** @param canChange whether the reader may change the schedule of this user */
export async function scheduleViews(
  { orm }: Executor,
  canChange: (userId: number) => boolean,
): Promise<UserSchedule[]> {
  const people = await orm
    .select({ id: users.id, name: users.name, teamId: users.teamId, schedule: workSchedules })
    .from(users)
    .leftJoin(workSchedules, eq(workSchedules.userId, users.id))
    .where(isNull(users.disabledAt))
    .orderBy(asc(users.name), asc(users.id));
  const days = await orm.select().from(scheduleExceptions).orderBy(asc(scheduleExceptions.day));
  const daysOf = Map.groupBy(days, (row) => row.userId);
  const [{ timeZone } = { timeZone: 'UTC' }] = await orm.select({ timeZone: company.timeZone }).from(company);
  return people.map(({ id, name, teamId, schedule }) => ({
    user: { id, name },
    teamId,
    version: schedule?.version ?? 0,
    timeZone: schedule?.timeZone ?? timeZone,
    weekly: (schedule?.weekly ?? {}) as UserSchedule['weekly'],
    exceptions: (daysOf.get(id) ?? []).map(toScheduleDay) as UserSchedule['exceptions'],
    canChange: canChange(id),
  }));
}

export async function soundViews({ orm }: Executor): Promise<Sound[]> {
  const rows = await orm
    .select({ sound: sounds, userName: users.name })
    .from(sounds)
    .leftJoin(users, eq(users.id, sounds.createdBy))
    .orderBy(asc(sounds.name));
  const players = await orm.select().from(queues).orderBy(asc(queues.id));
  return rows.map(({ sound: { createdBy, createdAt, ...sound }, userName }) => ({
    ...sound,
    createdAt: createdAt.toISOString(),
    createdBy: createdBy === null ? null : { id: createdBy, name: userName ?? `#${createdBy}` },
    usedBy: players.flatMap(({ id, name, ...queue }) =>
      (['greeting', 'music', 'closed'] as const).flatMap((as) =>
        queue[`${as}SoundId`] === sound.id ? [{ queue: { id, name }, as }] : [],
      ),
    ),
  }));
}

import { asc, isNull } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import {
  company,
  dispositions,
  holidays,
  lines,
  presence,
  presenceReasons,
  queueAgents,
  queues,
  scheduleExceptions,
  sounds,
  trunks,
  users,
  workSchedules,
} from '../../db/schema/index.ts';
import type { RoutingStatus } from '../contract/words.ts';
import type { QueueId, TeamId, UserId } from '../kernel/ids.ts';
import { type HolidayRow, queueSchedule, userSchedule } from './opening-hours.ts';
import type { WorkSchedule } from './work-schedule.ts';

export type QueueRow = typeof queues.$inferSelect;
export type LineRow = typeof lines.$inferSelect;
export type TrunkRow = typeof trunks.$inferSelect;
export type DispositionRow = typeof dispositions.$inferSelect;
export type PresenceReasonRow = typeof presenceReasons.$inferSelect;
export type SoundRow = typeof sounds.$inferSelect;
export type CompanyRow = typeof company.$inferSelect;

export interface AgentRow {
  readonly id: UserId;
  readonly login: string;
  readonly name: string;
  readonly role: 'agent' | 'supervisor' | 'admin';
  readonly teamId: TeamId | null;
}

export interface PresenceRow {
  readonly userId: UserId;
  readonly status: RoutingStatus;
  readonly reason: string;
  readonly nextStatus: RoutingStatus | null;
  readonly nextReason: string;
  readonly since: Date;
  readonly cause: string;
}

/** The setting of the routing room, read at the start and after every change of it. */
export interface RoutingSetup {
  /** Who is not disabled. */
  readonly agents: readonly AgentRow[];
  /** With the company's holidays in them. */
  readonly schedules: ReadonlyMap<UserId, WorkSchedule>;
  /** As they were when it was read: the roster knows them better. */
  readonly presence: ReadonlyMap<UserId, PresenceRow>;
  readonly queues: readonly QueueRow[];
  /** Members of each queue in schedule order. */
  readonly members: ReadonlyMap<QueueId, readonly UserId[]>;
  readonly lines: readonly LineRow[];
  readonly trunks: readonly TrunkRow[];
  /** In order; no archived ones. */
  readonly dispositions: readonly DispositionRow[];
  /** When a queue is open, with the company's holidays; a queue without an entry always is. */
  readonly hours: ReadonlyMap<QueueId, WorkSchedule>;
  /** In order; no archived ones. */
  readonly presenceReasons: readonly PresenceReasonRow[];
  readonly sounds: ReadonlyMap<number, SoundRow>;
  readonly holidays: readonly HolidayRow[];
  readonly company: CompanyRow;
}

async function loadSchedules({ orm }: Executor, days: readonly HolidayRow[]): Promise<Map<UserId, WorkSchedule>> {
  const exceptions = await orm.select().from(scheduleExceptions);
  const ownDays = Map.groupBy(exceptions, (row) => row.userId);
  const rows = await orm.select().from(workSchedules);
  return new Map(rows.map((row) => [row.userId, userSchedule(row, ownDays.get(row.userId) ?? [], days)]));
}

async function loadMembers({ orm }: Executor): Promise<Map<QueueId, UserId[]>> {
  const members = new Map<QueueId, UserId[]>();
  const rows = await orm.select().from(queueAgents).orderBy(asc(queueAgents.position), asc(queueAgents.userId));
  for (const { queueId, userId } of rows) members.set(queueId, [...(members.get(queueId) ?? []), userId]);
  return members;
}

/** Reads the whole setting; small tables, some hundred rows. */
export async function loadSetup(db: Executor): Promise<RoutingSetup> {
  const { orm } = db;
  const agents = await orm
    .select({ id: users.id, login: users.login, name: users.name, role: users.role, teamId: users.teamId })
    .from(users)
    .where(isNull(users.disabledAt))
    .orderBy(asc(users.id));
  const presenceRows = await orm.select().from(presence);
  const queueRows = await orm.select().from(queues).orderBy(asc(queues.id));
  const days = await orm.select().from(holidays).orderBy(asc(holidays.day));
  const codes = orm.select().from(dispositions).where(isNull(dispositions.archivedAt));
  const reasons = orm.select().from(presenceReasons).where(isNull(presenceReasons.archivedAt));
  const [companyRow] = await orm.select().from(company);
  if (!companyRow) throw new Error('the database has no company row');
  return {
    agents,
    schedules: await loadSchedules(db, days),
    presence: new Map(presenceRows.map((row) => [row.userId, row])),
    queues: queueRows,
    members: await loadMembers(db),
    lines: await orm.select().from(lines).orderBy(asc(lines.id)),
    trunks: await orm.select().from(trunks).orderBy(asc(trunks.id)),
    dispositions: await codes.orderBy(asc(dispositions.position), asc(dispositions.hotkey), asc(dispositions.id)),
    hours: new Map(queueRows.flatMap(({ id, hours }) => (hours ? [[id, queueSchedule(hours, days)] as const] : []))),
    presenceReasons: await reasons.orderBy(asc(presenceReasons.position), asc(presenceReasons.id)),
    sounds: new Map((await orm.select().from(sounds)).map((row) => [row.id, row])),
    holidays: days,
    company: companyRow,
  };
}

/** Keeps an agent's own status. */
export async function savePresence(tx: Executor, row: PresenceRow): Promise<void> {
  await tx.run({
    name: 'presence_save',
    text: `INSERT INTO presence (user_id, status, reason, next_status, next_reason, since, cause)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (user_id) DO UPDATE SET status = excluded.status, reason = excluded.reason,
             next_status = excluded.next_status, next_reason = excluded.next_reason,
             since = excluded.since, cause = excluded.cause`,
    values: [row.userId, row.status, row.reason, row.nextStatus, row.nextReason, row.since, row.cause],
  });
}

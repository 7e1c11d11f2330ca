import { asc, isNull } from 'drizzle-orm';
import type { Database, Executor } from '../../db/client.ts';
import {
  dispositions,
  lines,
  presence,
  queueAgents,
  queues,
  scheduleExceptions,
  trunks,
  users,
  workSchedules,
} from '../../db/schema/index.ts';
import type { RoutingStatus } from '../contract/words.ts';
import type { QueueId, UserId } from '../kernel/ids.ts';
import type { WorkSchedule } from './work-schedule.ts';

export type QueueRow = typeof queues.$inferSelect;
export type LineRow = typeof lines.$inferSelect;
export type TrunkRow = typeof trunks.$inferSelect;
export type DispositionRow = typeof dispositions.$inferSelect;

export interface AgentRow {
  readonly id: UserId;
  readonly login: string;
  readonly name: string;
  readonly role: 'agent' | 'supervisor' | 'admin';
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
  readonly agents: readonly AgentRow[];
  readonly schedules: ReadonlyMap<UserId, WorkSchedule>;
  readonly presence: ReadonlyMap<UserId, PresenceRow>;
  readonly queues: readonly QueueRow[];
  /** Members of each queue in schedule order. */
  readonly members: ReadonlyMap<QueueId, readonly UserId[]>;
  readonly lines: readonly LineRow[];
  readonly trunks: readonly TrunkRow[];
  readonly dispositions: readonly DispositionRow[];
}

async function loadSchedules({ orm }: Executor): Promise<Map<UserId, WorkSchedule>> {
  const exceptions = await orm.select().from(scheduleExceptions);
  const rows = await orm.select().from(workSchedules);
  return new Map(
    rows.map(({ userId, timeZone, weekly }) => [
      userId,
      {
        timeZone,
        weekly,
        exceptions: new Map(
          exceptions.filter((row) => row.userId === userId).map((row) => [row.day, row.periods] as const),
        ),
      },
    ]),
  );
}

async function loadMembers({ orm }: Executor): Promise<Map<QueueId, UserId[]>> {
  const members = new Map<QueueId, UserId[]>();
  const rows = await orm.select().from(queueAgents).orderBy(asc(queueAgents.position), asc(queueAgents.userId));
  for (const { queueId, userId } of rows) members.set(queueId, [...(members.get(queueId) ?? []), userId]);
  return members;
}

/** Reads the whole setting; small tables, some hundred rows. */
export async function loadSetup(db: Database): Promise<RoutingSetup> {
  const { orm } = db;
  const agents = await orm
    .select({ id: users.id, login: users.login, name: users.name, role: users.role })
    .from(users)
    .where(isNull(users.disabledAt))
    .orderBy(asc(users.id));
  const presenceRows = await orm.select().from(presence);
  return {
    agents,
    schedules: await loadSchedules(db),
    presence: new Map(presenceRows.map((row) => [row.userId, row])),
    queues: await orm.select().from(queues).orderBy(asc(queues.id)),
    members: await loadMembers(db),
    lines: await orm.select().from(lines).orderBy(asc(lines.id)),
    trunks: await orm.select().from(trunks).orderBy(asc(trunks.id)),
    dispositions: await orm.select().from(dispositions).orderBy(asc(dispositions.hotkey)),
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

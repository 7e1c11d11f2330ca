import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { tasks } from '../../db/schema/index.ts';
import type { TaskView } from '../contract/tasks-schemas.ts';
import type { HandOverReason, TaskState } from '../contract/tasks-words.ts';
import type { ClientId, TeamId, UserId } from '../kernel/ids.ts';
import { taskLimits } from './limits.ts';
import type { Cursor } from './paging.ts';

export type StoredTask = typeof tasks.$inferSelect;
export type NewRow = typeof tasks.$inferInsert;

interface Row {
  id: number;
  version: number;
  kind: TaskView['kind'];
  state: TaskState;
  client: TaskView['client'];
  number: string;
  title: string;
  note: string;
  assignee: TaskView['assignee'];
  creator: TaskView['creator'];
  due_at: Date;
  time_zone: string;
  remind_at: Date;
  reminded_at: Date | null;
  handed_from: TaskView['assignee'] | null;
  handed_reason: HandOverReason | null;
  handed_at: Date | null;
  interaction_id: string | null;
  result: string;
  outcome: TaskView['outcome'];
  closed_at: Date | null;
  created_at: Date;
}

/** A card that was emptied into another one is answered for by that one. */
const viewText = `
  SELECT t.id, t.version, t.kind, t.state, t.title, t.note, t.due_at, t.time_zone, t.remind_at, t.reminded_at,
         t.handed_reason, t.handed_at, t.interaction_id, t.result, t.outcome, t.closed_at, t.created_at,
         json_build_object('id', a.id, 'name', a.name) AS assignee,
         json_build_object('id', m.id, 'name', m.name) AS creator,
         CASE WHEN h.id IS NOT NULL THEN json_build_object('id', h.id, 'name', h.name) END AS handed_from,
         CASE WHEN c.id IS NOT NULL
              THEN json_build_object('id', c.id, 'name', c.name, 'company', c.company) END AS client,
         coalesce((SELECT p.value FROM contact_points p WHERE p.client_id = c.id AND p.kind = 'phone'
                   ORDER BY p.is_primary DESC, p.id LIMIT 1), '') AS number
  FROM tasks t
  JOIN users a ON a.id = t.assignee_id
  JOIN users m ON m.id = t.creator_id
  LEFT JOIN users h ON h.id = t.handed_from_id
  LEFT JOIN LATERAL (
    WITH RECURSIVE card AS (
      SELECT id, name, company, merged_into_id FROM clients WHERE id = t.client_id
      UNION ALL
      SELECT n.id, n.name, n.company, n.merged_into_id FROM clients n JOIN card ON n.id = card.merged_into_id
    ) SELECT id, name, company FROM card WHERE merged_into_id IS NULL
  ) c ON true`;

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function viewOf(row: Row): TaskView {
  const { handed_from: from, handed_reason: reason, handed_at: handedAt } = row;
  return {
    id: row.id,
    version: row.version,
    kind: row.kind,
    state: row.state,
    client: row.client,
    number: row.number,
    title: row.title,
    note: row.note,
    assignee: row.assignee,
    creator: row.creator,
    dueAt: row.due_at.toISOString(),
    timeZone: row.time_zone,
    remindAt: row.remind_at.toISOString(),
    remindedAt: iso(row.reminded_at),
    handedOver: from && reason && handedAt ? { from, reason, at: handedAt.toISOString() } : null,
    interactionId: row.interaction_id,
    result: row.result,
    outcome: row.outcome,
    closedAt: iso(row.closed_at),
    createdAt: row.created_at.toISOString(),
  };
}

export async function readTask(db: Executor, id: number): Promise<TaskView | null> {
  const [row] = await db.run<Row>({ name: 'task', text: `${viewText} WHERE t.id = $1`, values: [id] });
  return row ? viewOf(row) : null;
}

/** The row itself; nobody else changes it until the transaction ends. */
export async function lockTask(tx: Executor, id: number): Promise<StoredTask | null> {
  const [row] = await tx.orm.select().from(tasks).where(eq(tasks.id, id)).for('update');
  return row ?? null;
}

export interface TaskList {
  /** null = everybody's. */
  readonly assignees: readonly UserId[] | null;
  readonly states: readonly TaskState[];
  readonly from: number | null;
  readonly to: number | null;
  readonly after: Cursor | null;
  readonly limit: number;
}

/** By time, the earliest first. */
export async function readTasks(db: Executor, list: TaskList): Promise<TaskView[]> {
  const { assignees, states, from, to, after, limit } = list;
  const rows = await db.run<Row>({
    name: 'tasks_by_time',
    text: `${viewText}
      WHERE ($1::bigint[] IS NULL OR t.assignee_id = ANY($1)) AND t.state = ANY($2::text[])
        AND ($3::timestamptz IS NULL OR t.due_at >= $3) AND ($4::timestamptz IS NULL OR t.due_at < $4)
        AND ($5::timestamptz IS NULL OR (t.due_at, t.id) > ($5, $6::bigint))
      ORDER BY t.due_at, t.id LIMIT $7`,
    values: [
      assignees,
      states,
      from === null ? null : new Date(from),
      to === null ? null : new Date(to),
      after?.at ?? null,
      after?.id ?? 0,
      limit,
    ],
  });
  return rows.map(viewOf);
}

/** Of a card and of those that were emptied into it, the earliest first. */
export async function readOfClient(
  db: Executor,
  clientId: ClientId,
  list: { states: readonly TaskState[]; after: Cursor | null; limit: number },
): Promise<TaskView[]> {
  const { states, after, limit } = list;
  const rows = await db.run<Row>({
    name: 'tasks_of_client',
    text: `WITH RECURSIVE family AS (
        SELECT $1::bigint AS id UNION SELECT e.id FROM clients e JOIN family ON e.merged_into_id = family.id
      )
      ${viewText}
      WHERE t.client_id IN (SELECT id FROM family) AND t.state = ANY($2::text[])
        AND ($3::timestamptz IS NULL OR (t.due_at, t.id) > ($3, $4::bigint))
      ORDER BY t.due_at, t.id LIMIT $5`,
    values: [clientId, states, after?.at ?? null, after?.id ?? 0, limit],
  });
  return rows.map(viewOf);
}

export async function insertTask(tx: Executor, row: NewRow): Promise<number> {
  const [inserted] = await tx.orm.insert(tasks).values(row).returning({ id: tasks.id });
  if (!inserted) throw new Error('an inserted task was not returned');
  return inserted.id;
}

/** Writes fields of a locked row; its version counts. */
export async function updateTask(tx: Executor, before: StoredTask, set: Partial<NewRow>): Promise<void> {
  await tx.orm
    .update(tasks)
    .set({ ...set, version: before.version + 1 })
    .where(eq(tasks.id, before.id));
}

export async function countToDo(db: Executor, assigneeId: UserId): Promise<number> {
  const [row] = await db.run<{ count: number }>({
    name: 'tasks_to_do',
    text: `SELECT count(*)::int AS count FROM tasks WHERE assignee_id = $1 AND state IN ('open', 'missed')`,
    values: [assigneeId],
  });
  return row?.count ?? 0;
}

/** Also of somebody who is disabled. */
export async function readTeam(db: Executor, userId: UserId): Promise<TeamId | null> {
  const text = 'SELECT team_id FROM users WHERE id = $1';
  const [row] = await db.run<{ team_id: TeamId | null }>({ name: 'tasks_team', text, values: [userId] });
  return row?.team_id ?? null;
}

/** Tasks of whom somebody is to be reminded by now. */
export async function dueReminders(db: Executor, now: number): Promise<number[]> {
  const rows = await db.run<{ id: number }>({
    name: 'tasks_to_remind',
    text: `SELECT id FROM tasks WHERE reminded_at IS NULL AND state IN ('open','missed') AND remind_at <= $1
           ORDER BY remind_at, id LIMIT $2`,
    values: [new Date(now), taskLimits.batch],
  });
  return rows.map(({ id }) => id);
}

/** Open tasks whose time is over. */
export async function passedTasks(db: Executor, now: number): Promise<number[]> {
  const rows = await db.run<{ id: number }>({
    name: 'tasks_passed',
    text: `SELECT id FROM tasks WHERE state = 'open' AND pass_at < $1 ORDER BY pass_at, id LIMIT $2`,
    values: [new Date(now), taskLimits.batch],
  });
  return rows.map(({ id }) => id);
}

/** When something is to be done next about any task; null = never. */
export async function nextMoment(db: Executor): Promise<number | null> {
  const [row] = await db.run<{ at: Date | null }>({
    name: 'tasks_next_moment',
    text: `SELECT least(
        (SELECT min(remind_at) FROM tasks WHERE reminded_at IS NULL AND state IN ('open','missed')),
        (SELECT min(pass_at) + interval '1 millisecond' FROM tasks WHERE state = 'open')) AS at`,
    values: [],
  });
  return row?.at?.getTime() ?? null;
}

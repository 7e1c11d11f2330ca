import { asc, eq } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { lines, queueAgents, queues, sounds, users } from '../../../db/schema/index.ts';
import type { OpeningHours } from '../../contract/setup-schemas.ts';
import type { QueueExit, WrapUpMode } from '../../contract/setup-words.ts';
import type { QueueId, UserId } from '../../kernel/ids.ts';
import { checkExceptions, checkOnce, checkTimeZone } from '../checks.ts';
import { wrongField } from '../problems.ts';
import type { Checked, Subject } from '../subject.ts';
import { exists, requireFree, rowSubject } from './row.ts';

export interface QueueData {
  readonly name: string;
  readonly ringSeconds: number;
  readonly responsibleSeconds: number;
  readonly wrapUpSeconds: number;
  readonly wrapUpMode: WrapUpMode;
  readonly recordCalls: boolean;
  readonly maxWaitSeconds: number | null;
  readonly afterMaxWait: QueueExit;
  readonly hours: OpeningHours | null;
  readonly outOfHours: QueueExit;
  readonly greetingSoundId: number | null;
  readonly musicSoundId: number | null;
  readonly closedSoundId: number | null;
  readonly priority: number;
  readonly responseMinutes: number;
  /** In the order of round robin. */
  readonly memberIds: readonly number[];
}

const soundFields = ['greetingSoundId', 'musicSoundId', 'closedSoundId'] as const;

async function check(data: QueueData, { tx, before }: Checked<QueueData>): Promise<void> {
  const wanted = { table: queues, column: queues.name, value: data.name };
  await requireFree(tx, wanted, { id: before?.id, field: 'name', label: queues.name });
  if (data.hours) {
    checkTimeZone('hours/timeZone', data.hours.timeZone);
    checkExceptions('hours/exceptions', data.hours.exceptions);
  }
  for (const field of soundFields) {
    const id = data[field];
    if (id !== null && !(await exists(tx, sounds, id))) throw wrongField(field, `there is no sound ${id}`);
  }
  checkOnce('memberIds', data.memberIds);
  const known = new Set((await tx.orm.select({ id: users.id }).from(users)).map(({ id }) => Number(id)));
  for (const id of data.memberIds) if (!known.has(id)) throw wrongField('memberIds', `there is no user ${id}`);
}

/** What the row holds besides the members: the same names in the contract, in versions and in the table. */
function rowOf(data: QueueData): Omit<QueueData, 'memberIds'> {
  const { memberIds: _, ...row } = data;
  return row;
}

const rows = rowSubject({
  kind: 'queue',
  table: queues,
  nameOf: ({ name }: QueueData) => name,
  toData: ({ id: _id, version: _version, lastOfferedUserId: _last, ...data }) =>
    ({ ...data, memberIds: [] }) as QueueData,
  toRow: rowOf,
  check,
  async usedBy(tx, id) {
    const found = await tx.orm
      .select({ id: lines.id, name: lines.name })
      .from(lines)
      .where(eq(lines.queueId, id as QueueId));
    return found.map((line) => ({ kind: 'line', ...line }));
  },
});

async function writeMembers(tx: Executor, id: QueueId, { memberIds }: QueueData): Promise<void> {
  await tx.orm.delete(queueAgents).where(eq(queueAgents.queueId, id));
  if (memberIds.length === 0) return;
  await tx.orm
    .insert(queueAgents)
    .values(memberIds.map((userId, index) => ({ queueId: id, userId: userId as UserId, position: index + 1 })));
}

/** Queues with their members. */
export const queueSubject: Subject<QueueData> = {
  ...rows,
  async read(tx, id) {
    const row = await rows.read(tx, id);
    if (!row) return null;
    const members = await tx.orm
      .select({ id: queueAgents.userId })
      .from(queueAgents)
      .where(eq(queueAgents.queueId, id as QueueId))
      .orderBy(asc(queueAgents.position), asc(queueAgents.userId));
    return { ...row, data: { ...row.data, memberIds: members.map((member) => member.id) } };
  },
  async insert(tx, data, at) {
    const id = await rows.insert(tx, data, at);
    await writeMembers(tx, id as QueueId, data);
    return id;
  },
  async update(tx, data, at) {
    await rows.update(tx, data, at);
    await writeMembers(tx, at.id as QueueId, data);
  },
};

import { and, asc, eq, inArray, ne, notInArray, or, sql } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { teamSupervisors, teams, users } from '../../../db/schema/index.ts';
import type { TeamId, UserId } from '../../kernel/ids.ts';
import { checkOnce } from '../checks.ts';
import { wrongField } from '../problems.ts';
import type { Checked, Subject } from '../subject.ts';
import { requireFree, rowSubject } from './row.ts';

export interface TeamData {
  readonly name: string;
  readonly memberIds: readonly number[];
  readonly supervisorIds: readonly number[];
}

async function check(data: TeamData, { tx, before }: Checked<TeamData>): Promise<void> {
  const wanted = { table: teams, column: teams.name, value: data.name };
  await requireFree(tx, wanted, { id: before?.id, field: 'name', label: teams.name });
  checkOnce('memberIds', data.memberIds);
  checkOnce('supervisorIds', data.supervisorIds);
  const roles = new Map(
    (await tx.orm.select({ id: users.id, role: users.role }).from(users)).map(({ id, role }) => [Number(id), role]),
  );
  for (const id of data.memberIds) if (!roles.has(id)) throw wrongField('memberIds', `there is no user ${id}`);
  for (const id of data.supervisorIds) {
    const role = roles.get(id);
    if (role !== 'supervisor' && role !== 'admin')
      throw wrongField('supervisorIds', `user ${id} is no supervisor and no administrator`);
  }
}

const rows = rowSubject({
  kind: 'team',
  table: teams,
  nameOf: ({ name }: TeamData) => name,
  toData: ({ name }): TeamData => ({ name, memberIds: [], supervisorIds: [] }),
  toRow: ({ name }) => ({ name }),
  check,
  async usedBy(tx, id) {
    const found = await tx.orm
      .select({ id: users.id, name: users.name })
      .from(users)
      .where(eq(users.teamId, id as TeamId));
    return found.map((user) => ({ kind: 'user', ...user }));
  },
});

/** People who come or go get a new version: their own forms show a team too. */
async function writePeople(tx: Executor, id: TeamId, { memberIds, supervisorIds }: TeamData): Promise<void> {
  const members = memberIds as UserId[];
  const version = sql`${users.version} + 1`;
  const leaves = members.length === 0 ? undefined : notInArray(users.id, members);
  await tx.orm
    .update(users)
    .set({ teamId: null, version })
    .where(and(eq(users.teamId, id), leaves));
  if (members.length > 0) {
    const isElsewhere = or(sql`${users.teamId} is null`, ne(users.teamId, id));
    await tx.orm
      .update(users)
      .set({ teamId: id, version })
      .where(and(inArray(users.id, members), isElsewhere));
  }
  await tx.orm.delete(teamSupervisors).where(eq(teamSupervisors.teamId, id));
  if (supervisorIds.length > 0)
    await tx.orm
      .insert(teamSupervisors)
      .values(supervisorIds.map((userId) => ({ teamId: id, userId: userId as UserId })));
}

/** Teams with their members and supervisors. */
export const teamSubject: Subject<TeamData> = {
  ...rows,
  async read(tx, id) {
    const row = await rows.read(tx, id);
    if (!row) return null;
    const teamId = id as TeamId;
    const members = await tx.orm
      .select({ id: users.id })
      .from(users)
      .where(eq(users.teamId, teamId))
      .orderBy(asc(users.id));
    const leaders = await tx.orm
      .select({ id: teamSupervisors.userId })
      .from(teamSupervisors)
      .where(eq(teamSupervisors.teamId, teamId))
      .orderBy(asc(teamSupervisors.userId));
    const data = {
      name: row.data.name,
      memberIds: members.map((user) => user.id),
      supervisorIds: leaders.map((user) => user.id),
    };
    return { ...row, data };
  },
  async insert(tx, data, at) {
    const id = await rows.insert(tx, data, at);
    await writePeople(tx, id as TeamId, data);
    return id;
  },
  async update(tx, data, at) {
    await rows.update(tx, data, at);
    await writePeople(tx, at.id as TeamId, data);
  },
};

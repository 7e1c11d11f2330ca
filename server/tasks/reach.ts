import type { Executor } from '../../db/client.ts';
import { type Reach, reachOf } from '../access/index.ts';
import type { SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

/** Whose things a list shows; null = everybody's. */
export type People = readonly UserId[] | null;
export type Scope = 'mine' | 'team' | 'all';

/** Whose things this user may act on: his own, those of the teams that he leads, everybody's for an administrator. */
export async function reachFor(db: Executor, user: SignedInUser): Promise<Reach> {
  const reach = await reachOf(db, user);
  return (userId) => userId === user.id || reach(userId);
}

/**
 * The people of a scope. `all` is a supervisor's word for as far as he may see: his teams.
 * @throws AppError `forbidden` for agents who ask for more than their own
 */
export async function peopleOf(db: Executor, user: SignedInUser, scope: Scope): Promise<People> {
  if (scope === 'mine') return [user.id];
  if (user.role === 'agent') throw new AppError('forbidden', 'only supervisors see what others have to do');
  if (user.role === 'admin' && scope === 'all') return null;
  const reach = await reachFor(db, user);
  // disabled people too: what they left is what a supervisor looks for
  const rows = await db.run<{ id: UserId; team_id: number | null }>({
    name: 'tasks_people',
    text: 'SELECT id, team_id FROM users ORDER BY id',
    values: [],
  });
  const ownTeam = rows.find(({ id }) => id === user.id)?.team_id ?? null;
  const isTeam = (row: { id: UserId; team_id: number | null }): boolean =>
    user.role !== 'admin' || row.id === user.id || (ownTeam !== null && row.team_id === ownTeam);
  return rows.filter((row) => reach(row.id) && isTeam(row)).map(({ id }) => id);
}

import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { teamSupervisors, users } from '../../db/schema/index.ts';
import type { SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';

/** Whose schedule and queue places somebody may change. */
export type Reach = (userId: number) => boolean;

/**
 * Administrators reach everybody; a supervisor the people of the team that he is in and of those that he leads; others
 * nobody.
 */
export async function reachOf({ orm }: Executor, user: SignedInUser): Promise<Reach> {
  if (user.role === 'admin') return () => true;
  if (user.role !== 'supervisor') return () => false;
  const led = await orm
    .select({ id: teamSupervisors.teamId })
    .from(teamSupervisors)
    .where(eq(teamSupervisors.userId, user.id));
  const people = await orm.select({ id: users.id, teamId: users.teamId }).from(users);
  // as it is now, not as it was when he signed in
  const own = people.find(({ id }) => id === user.id)?.teamId ?? null;
  const teams = new Set([own, ...led.map(({ id }) => id)].filter((id) => id !== null));
  const reached = new Set<number>(
    people.flatMap(({ id, teamId }) => (teamId !== null && teams.has(teamId) ? [id] : [])),
  );
  return (userId) => reached.has(userId);
}

/** @throws AppError `forbidden` */
export function requireReach(reach: Reach, userIds: Iterable<number>): void {
  for (const id of userIds)
    if (!reach(id))
      throw new AppError('forbidden', `user ${id} is not in a team of yours`, { details: { userId: id } });
}

/**
 * Who came into a list, left it, or changed his place among those who stay: the people whom a new order concerns. A
 * supervisor may move his own people anywhere, as long as all others keep their order among themselves.
 */
export function concerned(before: readonly number[], after: readonly number[], reach: Reach): number[] {
  const moved = [...before.filter((id) => !after.includes(id)), ...after.filter((id) => !before.includes(id))];
  const others = (ids: readonly number[]) => ids.filter((id) => !reach(id) && !moved.includes(id));
  const old = others(before);
  return [...moved, ...others(after).filter((id, index) => old[index] !== id)];
}

import type { Reach } from '../access/index.ts';
import { AppError } from '../kernel/errors.ts';

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

import type { Executor } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';
import type { Changes } from './changes.ts';
import type { Subject } from './subject.ts';

/** A thing of a list that people put in order. */
interface InOrder {
  readonly id: number;
  readonly position: number;
  readonly archived: boolean;
}

/** After the last one. */
export const nextPosition = (items: readonly InOrder[]): number =>
  Math.max(0, ...items.map((item) => item.position)) + 1;

/**
 * Gives every thing of a list that is not archived its place.
 * @throws AppError `stale_version` when `ids` are not those of the list
 */
export async function reorder<D extends { readonly position: number }>(
  changes: Changes,
  { user, ids }: { readonly user: SignedInUser; readonly ids: readonly number[] },
  subject: Subject<D>,
  list: (tx: Executor) => Promise<readonly InOrder[]>,
): Promise<void> {
  await changes.run(user, async (turn) => {
    const live = (await list(turn.tx)).filter((item) => !item.archived).map((item) => item.id);
    if (live.length !== ids.length || new Set(ids).size !== ids.length || !live.every((id) => ids.includes(id)))
      throw new AppError('stale_version', 'the list has changed meanwhile');
    for (const [index, id] of ids.entries())
      await turn.edit(subject, { id, version: undefined }, (data) => ({ ...data, position: index + 1 }));
  });
}

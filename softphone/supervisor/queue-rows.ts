import type { BoardView } from '../../server/contract/board.ts';
import type { QueueView } from '../../server/contract/schemas.ts';
import { percentOf } from './figures.ts';

export interface QueueRow {
  readonly id: number;
  readonly name: string;
  readonly waiting: QueueView['waiting'];
  /** Since when the one who waits longest does; null = nobody waits. */
  readonly longestSince: string | null;
  /** null while the board is not there, or for a queue made a moment ago. */
  readonly today: BoardView['queues'][number] | null;
}

const noPercent = Number.POSITIVE_INFINITY;

/**
 * The queues in the order of trouble: those where somebody waits, the longest wait first (it breaks the promised time
 * soonest); then by the service level of the last half hour, then of the day. Pure.
 */
export function queueRows(queues: readonly QueueView[], board: BoardView | undefined): QueueRow[] {
  const today = new Map(board?.queues.map((queue) => [queue.id, queue]));
  const live = queues.map((queue): QueueRow => {
    const since = queue.waiting.map((caller) => caller.since).toSorted();
    return {
      id: queue.id,
      name: queue.name,
      waiting: queue.waiting,
      longestSince: since[0] ?? null,
      today: today.get(queue.id) ?? null,
    };
  });
  // closed or taken away since, its day stays
  const gone = [...today.values()]
    .filter(({ id }) => !live.some((row) => row.id === id))
    .map((queue): QueueRow => ({ id: queue.id, name: queue.name, waiting: [], longestSince: null, today: queue }));
  return [...live, ...gone].toSorted(byTrouble);
}

function byTrouble(left: QueueRow, right: QueueRow): number {
  if (left.longestSince !== right.longestSince) {
    if (left.longestSince === null) return 1;
    if (right.longestSince === null) return -1;
    return left.longestSince.localeCompare(right.longestSince);
  }
  const recent = (row: QueueRow): number => (row.today && percentOf(row.today.recentServiceLevel)) ?? noPercent;
  const day = (row: QueueRow): number => (row.today && percentOf(row.today.serviceLevel)) ?? noPercent;
  return compare(recent(left), recent(right)) || compare(day(left), day(right)) || left.name.localeCompare(right.name);
}

/** Two infinities are equal: their difference would be no number. */
const compare = (left: number, right: number): number => (left === right ? 0 : left < right ? -1 : 1);

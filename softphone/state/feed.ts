import type { Push } from '../../server/contract/events.ts';

/**
 * Order of pushes between snapshots. Pushes that come before the first snapshot, or while one is being fetched after a
 * gap, wait here; those that the snapshot already contains are dropped.
 */
export interface Feed {
  /** Sequence number of the last applied push; null while a snapshot is awaited. */
  readonly seq: number | null;
  readonly waiting: readonly (readonly [seq: number, push: Push])[];
}

export interface FeedStep {
  readonly feed: Feed;
  /** To be applied now, in order. */
  readonly apply: readonly Push[];
  /** A push was lost: the snapshot must be fetched again. */
  readonly resync: boolean;
}

export const emptyFeed: Feed = { seq: null, waiting: [] };

/** More than this many waiting pushes mean that the snapshot is fetched again anyway. */
const MAX_WAITING = 500;

export function feedPush(feed: Feed, seq: number, push: Push): FeedStep {
  if (feed.seq === null) {
    const waiting = [...feed.waiting, [seq, push] as const].slice(-MAX_WAITING);
    return { feed: { seq: null, waiting }, apply: [], resync: false };
  }
  if (seq <= feed.seq) return { feed, apply: [], resync: false };
  if (seq === feed.seq + 1) return { feed: { seq, waiting: [] }, apply: [push], resync: false };
  return { feed: { seq: null, waiting: [[seq, push]] }, apply: [], resync: true };
}

/** A snapshot arrived: what waited and is newer follows it. */
export function feedSnapshot(feed: Feed, snapshotSeq: number): FeedStep {
  let seq = snapshotSeq;
  const apply: Push[] = [];
  const waiting = feed.waiting.toSorted(([left], [right]) => left - right);
  for (const [pushSeq, push] of waiting) {
    if (pushSeq <= seq) continue;
    if (pushSeq !== seq + 1) return { feed: { seq: null, waiting }, apply, resync: true };
    apply.push(push);
    seq = pushSeq;
  }
  return { feed: { seq, waiting: [] }, apply, resync: false };
}

/** Reconnected: pushes may have been missed, so nothing is applied until the next snapshot. */
export function feedInterrupted(feed: Feed): Feed {
  return { seq: null, waiting: feed.waiting };
}

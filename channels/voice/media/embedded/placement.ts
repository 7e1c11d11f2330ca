import type { CallId, LegId } from '../../../../server/kernel/ids.ts';
import { MediaError } from '../engine.ts';
import type { WorkerLink } from './worker-link.ts';

/** A place for a worker, and what it carries. */
export interface WorkerSlot {
  readonly index: number;
  /** undefined while the worker is being (re)placed. */
  link: WorkerLink | undefined;
  readonly calls: Map<CallId, PlacedCall>;
}

/** A call as the main thread knows it. */
export interface PlacedCall {
  readonly legs: Set<LegId>;
  /** Its worker has died, or close() was called: nothing can be done with it any more. */
  closed: boolean;
}

/** The slot with the fewest legs; one whose worker is away comes last. @throws MediaError `closed` without workers */
export function leastLoaded(slots: readonly WorkerSlot[]): WorkerSlot {
  const load = (slot: WorkerSlot): number => {
    let legs = slot.link ? 0 : Number.MAX_SAFE_INTEGER / 2;
    for (const call of slot.calls.values()) legs += Math.max(1, call.legs.size);
    return legs;
  };
  const [first, ...others] = slots;
  if (!first) throw new MediaError('closed', 'the engine has no workers');
  return others.reduce((best, slot) => (load(slot) < load(best) ? slot : best), first);
}

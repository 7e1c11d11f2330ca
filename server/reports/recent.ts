import type { QueueId } from '../kernel/ids.ts';
import { add, type Counted, noFigures, type Part } from './figures.ts';

const minuteMs = 60_000;
/** The present minute and those before it. */
const minutes = 30;

const minuteOf = (at: number): number => Math.floor(at / minuteMs);

/** First moment of what is recent. */
export const recentSince = (now: number): number => (minuteOf(now) - minutes + 1) * minuteMs;

/** What became of calls that arrived lately, by minute of arrival and queue; older minutes are forgotten. */
export interface Recent {
  add(arrivedAt: number, queueId: QueueId, part: Part, now: number): void;
  /** Of one queue, or of all. */
  sum(now: number, queueId?: QueueId): Counted;
}

export function createRecent(): Recent {
  const byMinute = new Map<number, Map<QueueId, Counted>>();

  function forget(now: number): void {
    const first = minuteOf(recentSince(now));
    for (const minute of byMinute.keys()) if (minute < first) byMinute.delete(minute);
  }

  return {
    add(arrivedAt, queueId, part, now) {
      const minute = minuteOf(arrivedAt);
      let queues = byMinute.get(minute);
      if (!queues) {
        forget(now);
        queues = new Map();
        byMinute.set(minute, queues);
      }
      const sum = queues.get(queueId) ?? noFigures();
      queues.set(queueId, sum);
      add(sum, part);
    },
    sum(now, queueId) {
      forget(now);
      const sum = noFigures();
      for (const queues of byMinute.values())
        for (const [id, figures] of queues) if (queueId === undefined || id === queueId) add(sum, figures);
      return sum;
    },
  };
}

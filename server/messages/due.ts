import type { QueueId } from '../kernel/ids.ts';
import type { LiveSetup } from '../routing/live-setup.ts';
import { openBetween } from '../routing/opening-hours.ts';
import type { WorkSchedule } from '../routing/work-schedule.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** How far is looked for open hours: most targets are met today, holidays end within weeks. */
const horizonsDays = [2, 15, 60];

/**
 * When `minutes` of a queue's opening hours have passed since `from`: until then an answer is in time. Milliseconds since the
 * epoch; null when it does not open for so long within two months.
 */
export function dueAfter(
  hours: { readonly hours: ReadonlyMap<QueueId, WorkSchedule> },
  queueId: QueueId,
  from: number,
  minutes: number,
): number | null {
  for (const days of horizonsDays) {
    let left = minutes * minuteMs;
    for (const { startsAt, endsAt } of openBetween(hours, queueId, from, from + days * dayMs)) {
      if (left <= endsAt - startsAt) return startsAt + left;
      left -= endsAt - startsAt;
    }
  }
  return null;
}

/** The same by the queue's own target; null when there is no such queue. */
export function dueOf(setup: Pick<LiveSetup, 'queues' | 'hours'>, queueId: QueueId, since: Date): Date | null {
  const queue = setup.queues.find(({ id }) => id === queueId);
  const due = queue ? dueAfter(setup, queueId, since.getTime(), queue.responseMinutes) : null;
  return due === null ? null : new Date(due);
}

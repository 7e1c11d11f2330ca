import type { QueueView } from './contract/schemas.ts';
import type { Clock, TimerHandle } from './kernel/clock.ts';
import type { Journal } from './kernel/journal.ts';
import type { Gateway } from './realtime/gateway.ts';

/** Supervisors see a change within this time; many changes are one push. */
const coalesceMs = 250;

export interface LiveQueuesOptions {
  readonly gateway: Gateway;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly queues: () => QueueView[];
}

/** Pushes the queues to the supervisors who watch them, after anything that the journal says has happened. */
export function liveQueues({ gateway, journal, clock, queues }: LiveQueuesOptions): { close(): void } {
  let timer: TimerHandle | undefined;
  const soon = (): void => {
    timer ??= clock.after(coalesceMs, () => {
      timer = undefined;
      gateway.pushQueues(queues());
    });
  };
  gateway.onQueuesWatched = soon;
  journal.subscribe(soon);
  return { close: () => timer?.cancel() };
}

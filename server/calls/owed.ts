import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Roster } from '../routing/roster.ts';
import type { CallPushes, CallTimeline } from './context.ts';

/** Many calls are one push; a list that is three seconds old harms nobody. */
const coalesceMs = 3_000;

export interface OwedPushesOptions {
  readonly timeline: Pick<CallTimeline, 'owedClients'>;
  readonly pushes: CallPushes;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OwedPushes {
  /** A client was missed or talked to. null = he has no responsible manager: everybody owes him. */
  changed(responsibleId: UserId | null): void;
  close(): void;
}

/** Keeps "people we owe" true on connected screens. */
export function createOwedPushes({ timeline, pushes, roster, clock, log }: OwedPushesOptions): OwedPushes {
  const stale = new Set<UserId>();
  let timer: TimerHandle | undefined;

  async function pushAll(): Promise<void> {
    const users = [...stale];
    stale.clear();
    timer = undefined;
    for (const userId of users) pushes.push(userId, { type: 'owed', owed: await timeline.owedClients(userId) });
  }

  return {
    changed(responsibleId) {
      const users = responsibleId === null ? [...roster.all()].map((agent) => agent.id) : [responsibleId];
      for (const userId of users) if (pushes.isConnected(userId)) stale.add(userId);
      if (stale.size === 0) return;
      timer ??= clock.after(coalesceMs, () => {
        pushAll().catch((error: unknown) => log.warn({ err: error }, 'people we owe could not be pushed'));
      });
    },
    close: () => timer?.cancel(),
  };
}

import type { Push } from '../../contract/events.ts';
import type { OwedClient } from '../../contract/schemas.ts';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { owedLimits } from '../limits.ts';

/** Pushes to browsers; the realtime gateway without what this room does not need. */
export interface TaskPushes {
  push(userId: UserId, push: Push): void;
  isConnected(userId: UserId): boolean;
}

export interface OwedPushesOptions {
  readonly of: (userId: UserId) => Promise<OwedClient[]>;
  readonly everybody: () => readonly UserId[];
  readonly pushes: TaskPushes;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps "people we owe" true on connected screens: many changes are one push to each. */
export function createOwedPushes({ of, everybody, pushes, clock, log }: OwedPushesOptions) {
  const stale = new Set<UserId>();
  let timer: TimerHandle | undefined;

  async function pushAll(): Promise<void> {
    const users = [...stale];
    stale.clear();
    timer = undefined;
    for (const userId of users) pushes.push(userId, { type: 'owed', owed: await of(userId) });
  }

  return {
    /** null = a row that nobody owns is different: everybody sees it. */
    changed(userIds: readonly (UserId | null)[]): void {
      const users = userIds.flatMap((id) => (id === null ? everybody() : [id]));
      for (const userId of users) if (pushes.isConnected(userId)) stale.add(userId);
      if (stale.size === 0) return;
      timer ??= clock.after(owedLimits.coalesceMs, () => {
        pushAll().catch((error: unknown) => log.warn({ err: error }, 'people we owe could not be pushed'));
      });
    },
    close: () => timer?.cancel(),
  };
}

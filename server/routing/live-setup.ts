import type { Executor } from '../../db/client.ts';
import { loadSetup, type RoutingSetup } from './store.ts';

/** The setting as it is now: whoever reads a field gets the rows of the last reload. */
export interface LiveSetup extends RoutingSetup {
  /** Reads all rows again; until that is done the old ones answer. One after another. */
  reload(): Promise<void>;
}

/** Reads the setting and keeps it. */
export async function openSetup(db: Executor): Promise<LiveSetup> {
  let current = await loadSetup(db);
  let reloading: Promise<void> = Promise.resolve();
  return {
    get agents() {
      return current.agents;
    },
    get schedules() {
      return current.schedules;
    },
    get presence() {
      return current.presence;
    },
    get queues() {
      return current.queues;
    },
    get members() {
      return current.members;
    },
    get lines() {
      return current.lines;
    },
    get trunks() {
      return current.trunks;
    },
    get dispositions() {
      return current.dispositions;
    },
    get hours() {
      return current.hours;
    },
    get presenceReasons() {
      return current.presenceReasons;
    },
    get sounds() {
      return current.sounds;
    },
    get holidays() {
      return current.holidays;
    },
    get company() {
      return current.company;
    },
    reload() {
      const next = reloading.then(async () => {
        current = await loadSetup(db);
      });
      // a reload that failed is its caller's matter, the next one is not held up by it
      reloading = next.catch(() => undefined);
      return next;
    },
  };
}

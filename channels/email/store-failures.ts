import { limits } from './limits.ts';

/** Which mails the house failed to store, and how often that was their own fault. */
export interface StoreFailures {
  /** @param isNew false = it was there already: that is no proof that the house stores anything */
  stored(sourceId: string, isNew: boolean): void;
  /** @returns how often it failed though others were stored meanwhile, or while it was the only one to fail */
  failed(sourceId: string): number;
}

/** A house that stores nothing is not to blame on any mail: then all of them fail. */
export function createStoreFailures(): StoreFailures {
  const failing = new Map<string, { readonly times: number; readonly storedBefore: number }>();
  let stored = 0;
  return {
    stored(sourceId, isNew) {
      if (isNew) stored++;
      failing.delete(sourceId);
    },
    failed(sourceId) {
      const { times, storedBefore } = failing.get(sourceId) ?? { times: 0, storedBefore: stored };
      const isAlone = failing.size === 0 || (failing.size === 1 && failing.has(sourceId));
      const isItsFault = isAlone || stored > storedBefore;
      const counted = times + (isItsFault ? 1 : 0);
      failing.delete(sourceId);
      failing.set(sourceId, { times: counted, storedBefore: stored });
      const [oldest = ''] = failing.keys();
      if (failing.size > limits.failingMails) failing.delete(oldest);
      return counted;
    },
  };
}

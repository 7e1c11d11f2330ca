import type { ClientId } from '../kernel/ids.ts';

export interface CardWatchesOptions<W> {
  /** Whether this one may see this card now. A throw counts as no. */
  readonly mayWatch: (watcher: W, card: ClientId) => Promise<boolean>;
}

/** Which card each watcher has open, as long as he may see it. */
export interface CardWatches<W> {
  /**
   * Opens another card, or none, in place of the one before. A later wish overtakes an earlier one.
   * @returns false when he may not see it: then he watches none
   */
  watch(watcher: W, card: ClientId | null): Promise<boolean>;
  /** Tells those who have it open; after a check that is under way, only those whom it leaves. */
  tell(card: ClientId, deliver: (watchers: ReadonlySet<W>) => void): void;
  /** The card may have gone out of somebody's sight: whoever lost it watches it no more. */
  check(card: ClientId): void;
  /** The same of every open card: people or teams changed, or time has passed. */
  checkAll(): void;
}

/**
 * A card is checked when it is opened, and again when anything changed by which it could go out of sight; so a push costs
 * no question.
 */
export function createCardWatches<W extends object>({ mayWatch }: CardWatchesOptions<W>): CardWatches<W> {
  const watchers = new Map<ClientId, Set<W>>();
  const open = new Map<W, ClientId>();
  const wishes = new WeakMap<W, object>();
  const checks = new Map<ClientId, Promise<void>>();
  /** Counts checks: an answer that was asked for before the last one is too old to begin with. */
  let generation = 0;

  const isAllowed = (watcher: W, card: ClientId): Promise<boolean> => mayWatch(watcher, card).catch(() => false);

  async function isStillAllowed(watcher: W, card: ClientId): Promise<boolean> {
    for (;;) {
      const asked = generation;
      if (!(await isAllowed(watcher, card))) return false;
      if (asked === generation) return true;
    }
  }

  function drop(watcher: W): void {
    const card = open.get(watcher);
    if (card === undefined) return;
    open.delete(watcher);
    const others = watchers.get(card);
    others?.delete(watcher);
    if (others?.size === 0) watchers.delete(card);
  }

  async function checkNow(card: ClientId): Promise<void> {
    for (const watcher of watchers.get(card) ?? [])
      if (!(await isAllowed(watcher, card)) && open.get(watcher) === card) drop(watcher);
  }

  function check(card: ClientId): void {
    generation++;
    if (!watchers.has(card)) return;
    const mine = (checks.get(card) ?? Promise.resolve()).then(async () => {
      await checkNow(card);
      if (checks.get(card) === mine) checks.delete(card);
    });
    checks.set(card, mine);
  }

  return {
    async watch(watcher, card) {
      drop(watcher);
      const wish = {};
      wishes.set(watcher, wish);
      if (card === null) return true;
      if (!(await isStillAllowed(watcher, card))) return false;
      if (wishes.get(watcher) !== wish) return true;
      open.set(watcher, card);
      watchers.set(card, (watchers.get(card) ?? new Set<W>()).add(watcher));
      return true;
    },
    tell(card, deliver) {
      const now = () => deliver(watchers.get(card) ?? new Set());
      const running = checks.get(card);
      if (running) void running.then(now);
      else now();
    },
    check,
    checkAll() {
      for (const card of watchers.keys()) check(card);
    },
  };
}

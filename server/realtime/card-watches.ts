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
  /** Whether anybody has it open: what nobody sees need not be made. */
  isWatched(card: ClientId): boolean;
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
  /** Questions of those who begin to watch: an answer from before a change is too old to begin with. */
  const questions = new Set<{ readonly card: ClientId; isOld: boolean }>();

  const isAllowed = (watcher: W, card: ClientId): Promise<boolean> => mayWatch(watcher, card).catch(() => false);

  async function isStillAllowed(watcher: W, card: ClientId): Promise<boolean> {
    for (;;) {
      const question = { card, isOld: false };
      questions.add(question);
      const allowed = await isAllowed(watcher, card);
      questions.delete(question);
      if (!allowed || !question.isOld) return allowed;
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

  /** @param turn when it may begin */
  function check(card: ClientId, turn: Promise<void> = Promise.resolve()): Promise<void> {
    for (const question of questions) if (question.card === card) question.isOld = true;
    if (!watchers.has(card)) return turn;
    const before = Promise.all([checks.get(card), turn]);
    const mine = before.then(async () => {
      await checkNow(card);
      if (checks.get(card) === mine) checks.delete(card);
    });
    checks.set(card, mine);
    return mine;
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
    isWatched: (card) => (watchers.get(card)?.size ?? 0) > 0,
    check: (card) => void check(card),
    checkAll() {
      for (const question of questions) question.isOld = true;
      // one after another: hundreds of questions at once would keep a ringing call waiting
      let turn: Promise<void> = Promise.resolve();
      for (const card of watchers.keys()) turn = check(card, turn);
    },
  };
}

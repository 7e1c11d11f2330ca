/** Work that many ask for one by one and that is done for several at once. */
export interface Rounds<Item, Result> {
  /** Resolves, or rejects, with what became of this item. */
  add(item: Item): Promise<Result>;
  /** Waits until nothing is left to do. */
  idle(): Promise<void>;
}

export interface RoundsOptions<Item, Result> {
  /** Most items of a round. */
  readonly atOnce: number;
  /**
   * Does a round: what became of each item, in their order; a rejection of the whole is everybody's. One round runs at a time.
   */
  readonly work: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  /** Runs a round after all earlier work; items gather until then. Default: after the round before it. */
  readonly inTurn?: (round: () => Promise<void>) => Promise<void>;
  /** What an item has to do with: those that share a key are never in one round, and keep their order. Default: nothing. */
  readonly keysOf?: (item: Item) => readonly string[];
  /** How much of a round an item takes, of `capacity`; one that is larger has a round to itself. Default: nothing. */
  readonly weightOf?: (item: Item) => number;
  readonly capacity?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly keys: readonly string[];
  readonly weight: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * While a round is done, what is asked for gathers and makes the next one: nobody waits for company when nothing is to do, and the
 * busier it is, the more is done at once (as a database commits in groups).
 */
export function createRounds<Item, Result>(options: RoundsOptions<Item, Result>): Rounds<Item, Result> {
  const { atOnce, work, keysOf = () => [], weightOf = () => 0, capacity = Number.POSITIVE_INFINITY } = options;
  const { inTurn = (round) => last.then(round) } = options;
  let waiting: Waiting<Item, Result>[] = [];
  /** A round has its turn coming: whoever asks until then is in it, if there is room. */
  let isComing = false;
  let last: Promise<void> = Promise.resolve();

  /** The first that may go together, taken out of those that wait. */
  function next(): Waiting<Item, Result>[] {
    const round: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    const keys = new Set<string>();
    let weight = 0;
    for (const one of waiting) {
      const isFull = round.length >= atOnce || (round.length > 0 && weight + one.weight > capacity);
      if (isFull || one.keys.some((key) => keys.has(key))) left.push(one);
      else {
        round.push(one);
        weight += one.weight;
      }
      // whoever has to do with one that stays behind stays behind it
      for (const key of one.keys) keys.add(key);
    }
    waiting = left;
    return round;
  }

  /** Its place in the turn is that of the first who asks. */
  function come(): void {
    if (isComing) return;
    isComing = true;
    last = inTurn(runOne);
  }

  async function runOne(): Promise<void> {
    isComing = false;
    const round = next();
    if (waiting.length > 0) come();
    try {
      const results = await work(round.map(({ item }) => item));
      for (const [index, { resolve, reject }] of round.entries()) {
        const result = results[index];
        if (result?.status === 'fulfilled') resolve(result.value);
        else reject(result?.reason ?? new Error('a round left one out'));
      }
    } catch (error) {
      for (const { reject } of round) reject(error);
    }
  }

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, keys: keysOf(item), weight: weightOf(item), resolve, reject });
        come();
      });
    },
    async idle() {
      for (let seen: unknown; seen !== last; ) {
        seen = last;
        await last;
      }
    },
  };
}

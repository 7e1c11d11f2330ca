export interface RoundsOptions<T> {
  /** Items of one round. */
  readonly limit: number;
  /** Runs work after all earlier work. */
  readonly inLine: <R>(work: () => Promise<R>) => Promise<R>;
  /** @returns what went wrong with each item, in their order; undefined = nothing. A throw is everybody's */
  readonly run: (items: readonly T[]) => Promise<readonly unknown[]>;
}

/** Does many things in one go. */
export interface Rounds<T> {
  /** Resolves when the round that has the item is done; rejects with what went wrong with this item. */
  join(item: T): Promise<void>;
}

interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers while a round runs what the next one does, as databases commit in groups: whoever comes alone waits for nobody,
 * and the more come the less each of them costs. Items keep their order.
 */
export function createRounds<T>({ limit, inLine, run }: RoundsOptions<T>): Rounds<T> {
  let waiting: Waiting<T>[] = [];

  async function runOne(): Promise<void> {
    const round = waiting.slice(0, limit);
    waiting = waiting.slice(limit);
    if (waiting.length > 0) void inLine(runOne);
    try {
      const errors = await run(round.map(({ item }) => item));
      for (const [index, { resolve, reject }] of round.entries()) {
        const error = errors[index];
        if (error === undefined) resolve();
        else reject(error);
      }
    } catch (error) {
      for (const { reject } of round) reject(error);
    }
  }

  return {
    join: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (waiting.length === 1) void inLine(runOne);
      }),
  };
}

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRounds } from '../../../server/kernel/rounds.ts';

const done = <T>(value: T): PromiseSettledResult<T> => ({ status: 'fulfilled', value });

/** Rounds that end when they are told to. */
function heldRounds(options: Partial<Parameters<typeof createRounds<string, string>>[0]> = {}) {
  const seen: (readonly string[])[] = [];
  let release = (): void => {};
  const rounds = createRounds<string, string>({
    atOnce: 10,
    ...options,
    async work(items) {
      seen.push(items);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return items.map((item) => done(item.toUpperCase()));
    },
  });
  return { rounds, seen, release: () => release() };
}

describe('rounds', () => {
  test('what is asked for in one breath is one round, what comes while it runs is the next', async () => {
    const { rounds, seen, release } = heldRounds();
    const first = ['a', 'b'].map(rounds.add);
    await new Promise(setImmediate);
    const later = ['c', 'd'].map(rounds.add);
    release();
    expect(await Promise.all(first)).toEqual(['A', 'B']);
    await new Promise(setImmediate);
    release();
    expect(await Promise.all(later)).toEqual(['C', 'D']);
    expect(seen).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('a round that waits for its turn takes along whoever comes until then', async () => {
    const turn = Promise.withResolvers<void>();
    const { rounds, seen, release } = heldRounds({ inTurn: (round) => turn.promise.then(round) });
    const first = rounds.add('a');
    await new Promise(setImmediate);
    const second = rounds.add('b');
    turn.resolve();
    await new Promise(setImmediate);
    release();
    expect(await Promise.all([first, second])).toEqual(['A', 'B']);
    expect(seen).toEqual([['a', 'b']]);
  });

  test('a failure is its own item’s; a round that fails is everybody’s, and the next one runs', async () => {
    const rounds = createRounds<number, number>({
      atOnce: 2,
      async work(items) {
        if (items.includes(9)) throw new Error('all');
        return items.map((item) => (item < 0 ? { status: 'rejected', reason: new Error('one') } : done(item)));
      },
    });
    const settled = await Promise.allSettled([1, -1, 9, 2, 3].map(rounds.add));
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      1,
      'one',
      'all',
      'all',
      3,
    ]);
    await rounds.idle();
  });

  test('a heavy one goes alone, and all of them go', async () => {
    const seen: number[][] = [];
    const rounds = createRounds<number, number>({
      atOnce: 10,
      capacity: 5,
      weightOf: (item) => item,
      async work(items) {
        seen.push([...items]);
        return items.map(done);
      },
    });
    await Promise.all([2, 3, 9, 1].map(rounds.add));
    expect(seen).toEqual([[2, 3], [9], [1]]);
  });

  test('whatever is asked for: each once, rounds are bounded, those with a common key keep their order and never meet', async () => {
    const item = fc.record({ keys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), async (items, atOnce) => {
        const order: number[] = [];
        const rounds = createRounds<number, number>({
          atOnce,
          keysOf: (index) => items[index]?.keys ?? [],
          async work(round) {
            expect(round.length).toBeLessThanOrEqual(atOnce);
            const keys = round.flatMap((index) => items[index]?.keys ?? []);
            expect(new Set(keys).size).toBe(keys.length);
            order.push(...round);
            return round.map(done);
          },
        });
        const results = await Promise.all(items.map((_, index) => rounds.add(index)));
        expect(results).toEqual(items.map((_, index) => index));
        for (const key of ['a', 'b', 'c', 'd'] as const) {
          const mine = order.filter((index) => items[index]?.keys.includes(key));
          expect(mine).toEqual(mine.toSorted((one, other) => one - other));
        }
      }),
    );
  });
});

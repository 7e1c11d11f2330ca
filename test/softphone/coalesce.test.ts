import { describe, expect, it } from 'vitest';
import { coalesce } from '../../softphone/net/coalesce.ts';

/** A run that ends when the test says so, and a clock that goes when the test says so. */
function stage() {
  const runs: PromiseWithResolvers<void>[] = [];
  let waiting: (() => void)[] = [];
  const coalesced = coalesce(
    () => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      return run.promise;
    },
    500,
    (_ms, go) => {
      waiting.push(go);
      return () => {
        waiting = waiting.filter((other) => other !== go);
      };
    },
  );
  /** Lets what hangs on promises happen. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    coalesced,
    runs,
    waiting: () => waiting.length,
    async gapOver() {
      for (const go of waiting.splice(0)) go();
      await settle();
    },
    async finish(at: number, how: 'well' | 'badly' = 'well') {
      if (how === 'well') runs[at]?.resolve();
      else runs[at]?.reject(new Error('no answer'));
      await settle();
    },
  };
}

describe('many calls', () => {
  it('are one run at once and one more when both it and the gap are over', async () => {
    const { coalesced, runs, gapOver, finish } = stage();
    for (let i = 0; i < 5; i++) coalesced.call();
    expect(runs).toHaveLength(1);
    await gapOver();
    expect(runs).toHaveLength(1);
    await finish(0);
    expect(runs).toHaveLength(2);
    await finish(1);
    await gapOver();
    expect(runs).toHaveLength(2);
  });

  it('run again after a run that failed', async () => {
    const { coalesced, runs, gapOver, finish } = stage();
    coalesced.call();
    await finish(0, 'badly');
    await gapOver();
    coalesced.call();
    expect(runs).toHaveLength(2);
  });

  it('run no more after the end, and leave no timer', async () => {
    const { coalesced, runs, waiting, finish } = stage();
    coalesced.call();
    coalesced.call();
    coalesced.close();
    coalesced.close();
    await finish(0);
    coalesced.call();
    expect(runs).toHaveLength(1);
    expect(waiting()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { type AttemptLimit, createAttemptLimit } from '../../../server/access/attempts.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';

const setUp = (failuresPerMinute: number, limits: { maxKeys?: number; maxWaiting?: number } = {}) => {
  const clock = createFakeClock();
  return {
    clock,
    attempts: createAttemptLimit({ clock, failuresPerMinute, maxKeys: 100, maxWaiting: 100, ...limits }),
  };
};
/** One whole attempt. */
async function fail(attempts: AttemptLimit, key: string): Promise<number> {
  const seconds = await attempts.enter(key);
  if (seconds === 0) attempts.leave(key, true);
  return seconds;
}

describe('attempt limit', () => {
  it('refuses past the limit and says how long', async () => {
    const { clock, attempts } = setUp(2);
    expect([await fail(attempts, 'a'), await fail(attempts, 'a')]).toEqual([0, 0]);
    expect(await fail(attempts, 'a')).toBe(60);
    clock.advance(59_500);
    expect(await fail(attempts, 'a')).toBe(1);
    expect(await fail(attempts, 'b')).toBe(0);
    clock.advance(500);
    expect(await fail(attempts, 'a')).toBe(0);
  });

  it('does not count what succeeds', async () => {
    const { attempts } = setUp(1);
    for (let i = 0; i < 5; i++) {
      expect(await attempts.enter('a')).toBe(0);
      attempts.leave('a', false);
    }
    expect(await fail(attempts, 'a')).toBe(0);
    expect(await fail(attempts, 'a')).toBeGreaterThan(0);
  });

  it('lets attempts wait for those whose end is open', async () => {
    const { attempts } = setUp(2);
    expect([await attempts.enter('a'), await attempts.enter('a')]).toEqual([0, 0]);
    let third: number | undefined;
    const waits = attempts.enter('a').then((seconds) => {
      third = seconds;
    });
    await Promise.resolve();
    expect(third).toBeUndefined();
    attempts.leave('a', true);
    await Promise.resolve();
    expect(third).toBeUndefined();
    attempts.leave('a', false);
    await waits;
    expect(third).toBe(0);
  });

  it('refuses those that waited for failures', async () => {
    const { attempts } = setUp(1);
    expect(await attempts.enter('a')).toBe(0);
    const waiting = [attempts.enter('a'), attempts.enter('a')];
    attempts.leave('a', true);
    expect(await Promise.all(waiting)).toEqual([60, 60]);
  });

  it('keeps count of attempts that run into the next minute', async () => {
    const { clock, attempts } = setUp(1);
    expect(await attempts.enter('a')).toBe(0);
    clock.advance(60_000);
    const waits = attempts.enter('a');
    attempts.leave('a', true);
    expect(await waits).toBe(60);
  });

  it('lets only so many wait', async () => {
    const { attempts } = setUp(1, { maxWaiting: 1 });
    await attempts.enter('a');
    const waits = attempts.enter('a');
    await expect(attempts.enter('a')).rejects.toMatchObject({ code: 'overloaded', retryable: true });
    attempts.leave('a', false);
    expect(await waits).toBe(0);
  });

  it('forgets the oldest key when it knows too many, but none that is in use', async () => {
    const { attempts } = setUp(1, { maxKeys: 2 });
    await attempts.enter('used');
    await fail(attempts, 'a');
    await fail(attempts, 'b');
    expect(await fail(attempts, 'b')).toBeGreaterThan(0);
    expect(await fail(attempts, 'a')).toBe(0);
    attempts.leave('used', true);
    expect(await fail(attempts, 'used')).toBeGreaterThan(0);
  });
});

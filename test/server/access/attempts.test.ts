import { describe, expect, it } from 'vitest';
import { createAttemptLimit } from '../../../server/access/attempts.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';

const setUp = (perMinute: number, maxKeys = 100) => {
  const clock = createFakeClock();
  return { clock, attempts: createAttemptLimit({ clock, perMinute, maxKeys }) };
};

describe('attempt limit', () => {
  it('refuses past the limit and says how long', () => {
    const { clock, attempts } = setUp(2);
    expect([attempts.take('a'), attempts.take('a')]).toEqual([0, 0]);
    expect(attempts.take('a')).toBe(60);
    clock.advance(59_500);
    expect(attempts.take('a')).toBe(1);
    expect(attempts.take('b')).toBe(0);
    clock.advance(500);
    expect(attempts.take('a')).toBe(0);
  });

  it('does not count what was given back', () => {
    const { attempts } = setUp(1);
    for (let i = 0; i < 5; i++) {
      expect(attempts.take('a')).toBe(0);
      attempts.giveBack('a');
    }
    attempts.giveBack('a');
    attempts.giveBack('never seen');
    expect(attempts.take('a')).toBe(0);
    expect(attempts.take('a')).toBeGreaterThan(0);
  });

  it('forgets the oldest key when it knows too many', () => {
    const { attempts } = setUp(1, 2);
    attempts.take('a');
    attempts.take('b');
    attempts.take('c');
    expect(attempts.take('c')).toBeGreaterThan(0);
    expect(attempts.take('b')).toBeGreaterThan(0);
    expect(attempts.take('a')).toBe(0);
  });
});

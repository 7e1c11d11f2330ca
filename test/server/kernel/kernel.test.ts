import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { uuidv7 } from '../../../server/kernel/ids.ts';
import { transition } from '../../../server/kernel/transition.ts';

describe('the fake clock', () => {
  test('fires what falls due in order of time, also what is set meanwhile', () => {
    const clock = createFakeClock(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b${clock.now()}`));
    clock.after(10, () => {
      fired.push(`a${clock.now()}`);
      clock.after(5, () => fired.push(`c${clock.now()}`));
    });
    clock.after(15, () => fired.push('never')).cancel();
    clock.advance(30);
    expect(fired).toEqual(['a10', 'c15', 'b20']);
    expect(clock.now()).toBe(30);
  });
});

describe('UUID version 7', () => {
  test('version, variant and time are where RFC 9562 puts them', () => {
    const id = uuidv7(0x0123456789ab);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('ids of one process sort in the order of their making, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 47 }), { maxLength: 50 }), (times) => {
        const ids = times.map((ms) => uuidv7(ms));
        expect([...ids].sort()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('ten thousand in one millisecond stay in order', () => {
    const now = Date.now() + 10 ** 9;
    const ids = Array.from({ length: 10_000 }, () => uuidv7(now));
    expect([...ids].sort()).toEqual(ids);
  });
});

test('an illegal transition is an error with a code', () => {
  const table = { a: { go: 'b' }, b: {} } as const;
  expect(() => transition<'a' | 'b', 'go'>(table, 'b', 'go')).toThrow(AppError);
});

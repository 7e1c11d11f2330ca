import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../softphone/phone/backoff.ts';
import { endOfCancel } from '../../softphone/phone/session-end.ts';

describe('the wait before a reconnect', () => {
  it('is never short of half its step and never past it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
        const wait = backoffMs(attempt, chance);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(15_000);
        expect(backoffMs(attempt + 1, 0)).toBeGreaterThanOrEqual(backoffMs(attempt, 0));
      }),
    );
  });
});

describe('a CANCEL', () => {
  it.each(['SIP;cause=200;text="Call completed elsewhere"', 'sip ; cause = 200', 'Q.850;cause=26'])(
    'with %s was answered elsewhere',
    (reason) => {
      expect(endOfCancel([reason])).toBe('answered_elsewhere');
    },
  );
  it.each([[[]], [['SIP;cause=487']], [['Q.850;cause=16']], [['SIP;cause=2000']]])('with %j was not', (reasons) => {
    expect(endOfCancel(reasons)).toBe('cancelled');
  });
});

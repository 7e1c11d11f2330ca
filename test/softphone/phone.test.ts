import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../softphone/phone/backoff.ts';
import { type MediaCounters, networkHealth, steady } from '../../softphone/phone/health.ts';
import { endOfCancel } from '../../softphone/phone/session-end.ts';

const start: MediaCounters = { received: 1000, lost: 3, sent: 1000, jitterMs: 4, rttMs: 20 };
const heard = (change: Partial<MediaCounters>) => networkHealth(start, { ...start, received: 1100, ...change });

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

describe('how a call sounds', () => {
  it('is good, fair or poor by the worst of loss, jitter and round trip', () => {
    expect(heard({}).grade).toBe('good');
    expect(heard({ lost: 6 }).grade).toBe('fair');
    expect(heard({ lost: 20 }).grade).toBe('poor');
    expect(heard({ jitterMs: 35 }).grade).toBe('fair');
    expect(heard({ rttMs: 700 }).grade).toBe('poor');
  });

  it('is silent when nothing arrives', () => {
    expect(heard({ received: 1000 }).grade).toBe('silent');
  });

  it('counts only the last interval, and survives a counter that goes back', () => {
    expect(heard({ lost: 3 }).lossPercent).toBe(0);
    expect(heard({ lost: 0 }).lossPercent).toBe(0);
  });

  it('is not called bad for one bad interval', () => {
    const bad = heard({ lost: 50 });
    expect(steady(heard({}), bad).grade).toBe('good');
    expect(steady(bad, bad).grade).toBe('poor');
    expect(steady(null, bad).grade).toBe('good');
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

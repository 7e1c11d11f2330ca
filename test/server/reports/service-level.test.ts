import { describe, expect, it } from 'vitest';
import { formula, serviceLevel, serviceLevels } from '../../../server/reports/service-level.ts';

/** The field's example: the same day is 81 % or 86 %, by the formula. */
const calls = {
  answered: 1000,
  answeredInTime: 860,
  abandoned: 60,
  abandonedInTime: 20,
  shortAbandoned: 10,
  flowedOut: 0,
};

const percent = ({ numerator, denominator }: { numerator: number; denominator: number }): string =>
  ((numerator / denominator) * 100).toFixed(2);

describe('service level', () => {
  it.each([
    ['F1', '83.02'],
    ['F2', '86.00'],
    ['F3', '81.13'],
    ['F4', '82.69'],
    ['F5', '82.08'],
    ['F6', '81.90'],
  ] as const)('by %s is %s %% of the same day', (id, expected) => {
    expect(percent(serviceLevels[id](calls))).toBe(expected);
  });

  it('counts whoever left the queue for a message or a callback as not served, except of the answered ones only', () => {
    const worse = { ...calls, flowedOut: 100 };
    for (const [id, share] of Object.entries(serviceLevels)) {
      const more = id === 'F2' ? 0 : 100;
      expect(share(worse), id).toEqual({
        numerator: share(calls).numerator,
        denominator: share(calls).denominator + more,
      });
    }
  });

  it('of the house is F6 with 20 and 5 seconds, as its fraction', () => {
    expect(formula).toEqual({ id: 'F6', version: 1, answerSeconds: 20, shortAbandonSeconds: 5 });
    expect(serviceLevel({ ...calls, flowedOut: 3 })).toEqual({ numerator: 860, denominator: 1053 });
  });

  it('of no calls, or of short ones only, has no denominator', () => {
    const none = { answered: 0, answeredInTime: 0, abandoned: 2, shortAbandoned: 2, flowedOut: 0 };
    expect(serviceLevel(none)).toEqual({ numerator: 0, denominator: 0 });
  });
});

import { describe, expect, it } from 'vitest';
import type { Cast } from '../../demo/day/cast.ts';
import { planDay } from '../../demo/day/plan.ts';
import { incomingKinds, outgoingKinds } from '../../demo/day/story.ts';

function cast(): Cast {
  let next = 10;
  const client = () => ({ id: ++next, number: `+791600000${next}`, name: `${next}` });
  return {
    withManager: client,
    vip: client,
    known: client,
    unknown: () => `+799900000${++next}`,
    fails: (ending) => `+79990000${ending}`,
  };
}

const plan = (options: { seed?: number; minutes?: number; rate?: number } = {}) =>
  planDay({ seed: 1, minutes: 2, rate: 6, cast: cast(), ...options });

describe('planDay', () => {
  it('has every kind of call in every day, an agent lost for good in long ones only; in the order of time, within the day', () => {
    for (const minutes of [0.2, 2, 10]) {
      const scenes = plan({ minutes });
      const kinds = new Set(scenes.flatMap((scene) => (scene.begins === 'call' ? scene.story.kind : [])));
      const missing = [...incomingKinds, ...outgoingKinds].filter((kind) => !kinds.has(kind));
      expect(missing).toEqual(minutes < 1.5 ? ['agent lost'] : []);
      const times = scenes.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThan(minutes * 60_000);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    expect(plan()).toEqual(plan());
    expect(plan({ seed: 2 })).not.toEqual(plan());
  });

  it('has as many ordinary calls as the rate says', () => {
    const calls = (rate: number) => plan({ rate }).filter(({ begins }) => begins === 'call').length;
    expect(calls(10) - calls(0)).toBe(20);
  });

  it('calls back only whom it has asked, and lets a caller come again only after he gave up', () => {
    const after = plan().flatMap((scene) =>
      scene.begins === 'call' && scene.after ? [[scene.after.kind, scene.story]] : [],
    );
    expect(after).toMatchObject([
      ['missed first', { kind: 'known' }],
      ['callback', { kind: 'calls back' }],
    ]);
  });
});

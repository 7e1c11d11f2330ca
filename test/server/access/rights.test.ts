import { describe, expect, it } from 'vitest';
import { may, type Right, rights } from '../../../server/access/rights.ts';
import { type Role, roles } from '../../../server/contract/words.ts';

const expected: Readonly<Record<Right, readonly Role[]>> = {
  'queues.watch': ['supervisor', 'admin'],
  'cards.watch': ['agent', 'supervisor', 'admin'],
  'recordings.play': ['agent', 'supervisor', 'admin'],
};

describe('rights', () => {
  const pairs = (Object.keys(rights) as Right[]).flatMap((right) => roles.map((role) => [role, right] as const));
  it.each(pairs)('%s: %s', (role, right) => {
    expect(may(role, right)).toBe(expected[right].includes(role));
  });
});

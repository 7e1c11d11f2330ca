import { describe, expect, test } from 'vitest';
import { dialogPhases } from '../../../../../channels/voice/sip/dialog/phases.ts';
import {
  inviteClientTable,
  inviteServerTable,
  nonInviteClientTable,
  nonInviteServerTable,
} from '../../../../../channels/voice/sip/transaction/tables.ts';
import { canTransition, type TransitionTable, transition } from '../../../../../server/kernel/transition.ts';

const tables: Record<string, TransitionTable<string, string>> = {
  'INVITE client': inviteClientTable,
  'non-INVITE client': nonInviteClientTable,
  'INVITE server': inviteServerTable,
  'non-INVITE server': nonInviteServerTable,
};

/** Every state with every input that any state of the table knows. */
const pairs = Object.entries({ ...tables, dialog: dialogPhases as TransitionTable<string, string> }).flatMap(
  ([machine, table]) => {
    const inputs = new Set(Object.values(table).flatMap((row) => Object.keys(row)));
    return Object.keys(table).flatMap((state) => [...inputs].map((input) => ({ machine, table, state, input })));
  },
);

describe('every pair of state and input', () => {
  test.each(pairs)('$machine: $state, $input', ({ table, state, input }) => {
    const next = table[state]?.[input];
    if (next === undefined) {
      expect(canTransition(table, state, input)).toBe(false);
      expect(() => transition(table, state, input)).toThrow();
      return;
    }
    expect(Object.keys(table)).toContain(transition(table, state, input));
    expect(['terminated', 'ended']).not.toContain(state);
  });
});

describe('every machine', () => {
  test.each(Object.entries(tables))('%s can always end, and ends by a timer or the transport', (_name, table) => {
    expect(table['terminated']).toEqual({});
    for (const [state, row] of Object.entries(table)) {
      if (state === 'terminated') continue;
      const ends = Object.entries(row).filter(([, next]) => next === 'terminated');
      const reaches = new Set<string>([state]);
      for (const reached of reaches)
        for (const next of Object.values(table[reached] ?? {})) if (next) reaches.add(next);
      expect(reaches.has('terminated')).toBe(true);
      for (const [input] of ends) expect(input).toMatch(/^timer |timeout$|^transport error$/);
    }
  });

  test('a final response is never followed by a provisional one', () => {
    for (const state of ['accepted', 'completed'] as const)
      expect(inviteClientTable[state].provisional).toBeUndefined();
    for (const state of ['accepted', 'completed', 'confirmed'] as const)
      expect(inviteServerTable[state].provisional).toBeUndefined();
    expect(nonInviteClientTable.completed.provisional).toBeUndefined();
    expect(nonInviteServerTable.completed.provisional).toBeUndefined();
  });
});

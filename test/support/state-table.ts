import { expect } from 'vitest';
import { canTransition, type TransitionTable, transition } from '../../server/kernel/transition.ts';

/**
 * Checks a state table over all pairs: legal ones go where the table says, illegal ones throw, terminal states are
 * never left, every state can be reached from a start and every other state can reach a terminal one.
 */
export function checkStateTable<State extends string, Input extends string>(
  table: TransitionTable<State, Input>,
  options: { starts: readonly State[]; inputs: readonly Input[]; terminal: readonly State[] },
): void {
  const states = Object.keys(table) as State[];
  for (const state of states)
    for (const input of options.inputs) {
      const next = table[state][input];
      expect(canTransition(table, state, input)).toBe(next !== undefined);
      if (next === undefined) expect(() => transition(table, state, input)).toThrow(/not possible/);
      else expect(transition(table, state, input)).toBe(next);
    }
  for (const state of options.terminal) expect(Object.keys(table[state])).toEqual([]);
  const reachable = (from: readonly State[]): Set<State> => {
    const seen = new Set(from);
    for (const state of seen) for (const next of Object.values(table[state]) as State[]) seen.add(next);
    return seen;
  };
  expect([...reachable(options.starts)].sort()).toEqual([...states].sort());
  for (const state of states) {
    const ends = [...reachable([state])].filter((end) => options.terminal.includes(end));
    expect(ends, `"${state}" has a way out`).not.toEqual([]);
  }
}

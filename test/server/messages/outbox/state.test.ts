import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outboxStates } from '../../../../server/contract/messages-words.ts';
import {
  higherStep,
  isDone,
  type OutboxInput,
  outboxTransitions,
  type PartStep,
  partSteps,
  raise,
  stepOfParts,
} from '../../../../server/messages/outbox/state.ts';
import { checkStateTable } from '../../../support/state-table.ts';

const inputs: OutboxInput[] = [
  'claim',
  'retry',
  'doubt',
  'refuse',
  'give_up',
  'undo',
  'accept',
  'send',
  'deliver',
  'read',
  'fail',
];
const step = fc.constantFrom(...partSteps);

test('every pair of state and input does what the table says', () => {
  checkStateTable(outboxTransitions, { starts: ['held', 'queued'], inputs, terminal: ['read', 'undone'] });
});

test('the table knows exactly the states of the contract', () => {
  expect(Object.keys(outboxTransitions).sort()).toEqual([...outboxStates].sort());
});

test('no reported step ever leads down, and old news change nothing', () => {
  for (const state of partSteps)
    for (const reported of partSteps) expect(raise(state, reported)).toBe(higherStep(state, reported));
  expect(raise('undone', 'delivered')).toBe('undone');
  expect(raise('dead', 'delivered')).toBe('delivered');
});

test('nothing is sent again after the provider has spoken', () => {
  for (const state of partSteps) {
    expect(outboxTransitions[state]).not.toHaveProperty('claim');
    expect(outboxTransitions[state]).not.toHaveProperty('retry');
    expect(isDone(state)).toBe(state !== 'accepted' && state !== 'sent');
  }
});

describe('the step of a message by its parts', () => {
  const stepOf = (steps: readonly PartStep[], total: number | null = steps.length) =>
    stepOfParts(new Map(steps.map((each, part) => [part, each])), total);

  test('all delivered is delivered; one failed and none on its way is failed', () => {
    expect(stepOf(['delivered', 'delivered'])).toBe('delivered');
    expect(stepOf(['delivered', 'read'])).toBe('delivered');
    expect(stepOf(['failed', 'delivered'])).toBe('failed');
    expect(stepOf(['failed', 'sent'])).toBe('sent');
    expect(stepOf(['delivered', 'accepted'])).toBe('accepted');
  });

  test('as long as it is not known how many parts there are, they say nothing of the whole', () => {
    expect(stepOf(['delivered'], null)).toBe(null);
    expect(stepOf(['delivered'], 2)).toBe('accepted');
    expect(stepOf([], 1)).toBe(null);
  });

  test('receipts in any order and any number of times end in the same state', () => {
    const receipts = fc.array(fc.record({ part: fc.nat(2), step }), { minLength: 1, maxLength: 12 });
    const scenario = receipts.chain((list) =>
      fc.record({
        one: fc.shuffledSubarray(list, { minLength: list.length }),
        other: fc
          .shuffledSubarray([...list, ...list], { minLength: list.length * 2 })
          // everything at least once: a repetition more or less must not matter
          .map((twice) => twice),
        answeredAfter: fc.nat(list.length),
      }),
    );
    fc.assert(
      fc.property(scenario, ({ one, other, answeredAfter }) => {
        expect(walk(other, other.length)).toBe(walk(one, answeredAfter));
      }),
    );
  });

  /** Receipts one after another, the provider's answer (three parts) after some of them. */
  function walk(receipts: readonly { part: number; step: PartStep }[], answeredAfter: number) {
    const parts = new Map<number, PartStep>();
    let state: (typeof outboxStates)[number] = 'sending';
    let total: number | null = null;
    const look = () => {
      const reached = stepOfParts(parts, total);
      if (reached !== null) state = raise(state, reached);
    };
    const answer = () => {
      total = 3;
      for (const part of [0, 1, 2]) parts.set(part, higherStep(parts.get(part) ?? 'accepted', 'accepted'));
      look();
    };
    for (const [index, receipt] of receipts.entries()) {
      if (index === answeredAfter) answer();
      parts.set(receipt.part, higherStep(parts.get(receipt.part) ?? 'accepted', receipt.step));
      look();
    }
    if (receipts.length <= answeredAfter) answer();
    return state;
  }
});

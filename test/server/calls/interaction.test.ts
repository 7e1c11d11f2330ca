import { expect, test } from 'vitest';
import { type InteractionInput, interactionTransitions } from '../../../server/calls/interaction.ts';
import { interactionStates } from '../../../server/contract/words.ts';
import { checkStateTable } from '../../support/state-table.ts';

const inputs: InteractionInput[] = ['offer', 'accept', 'return', 'hold', 'resume', 'end', 'fail', 'abandon', 'finish'];

test('every pair of state and input does what the table says, and every state has a way out', () => {
  checkStateTable(interactionTransitions, { starts: ['queued', 'dialing'], inputs, terminal: ['closed'] });
});

test('the table knows exactly the states of the contract', () => {
  expect(Object.keys(interactionTransitions).sort()).toEqual([...interactionStates].sort());
});

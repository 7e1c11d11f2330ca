import { AppError } from './errors.ts';

/** state -> input -> next state. An absent pair is an illegal input. A state without inputs is terminal. */
export type TransitionTable<State extends string, Input extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Input, State>>>>
>;

/**
 * The next state.
 * @throws AppError `illegal_transition` when the table has no such pair
 */
export function transition<State extends string, Input extends string>(
  table: TransitionTable<State, Input>,
  state: State,
  input: Input,
): State {
  const next = table[state][input];
  if (next === undefined) throw new AppError('illegal_transition', `"${input}" is not possible in state "${state}"`);
  return next;
}

/** Whether the table has the pair: for duplicates and late wire events, which are no-ops and not errors. */
export function canTransition<State extends string, Input extends string>(
  table: TransitionTable<State, Input>,
  state: State,
  input: Input,
): boolean {
  return table[state][input] !== undefined;
}

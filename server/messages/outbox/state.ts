import type { DeliveryStep } from '../../../channels/message-channel.ts';
import type { OutboxState } from '../../contract/messages-words.ts';
import type { TransitionTable } from '../../kernel/transition.ts';

/**
 * What happens to a message that leaves. `claim`: an attempt begins; `retry`: surely not taken, again later; `doubt`: the
 * provider may have it; `refuse`: the provider said no; `give_up`: out of attempts or of time; `undo`: the writer takes it
 * back. The others are steps that the provider reports, in any order and any number of times.
 */
export type OutboxInput =
  | 'claim'
  | 'retry'
  | 'doubt'
  | 'refuse'
  | 'give_up'
  | 'undo'
  | 'accept'
  | 'send'
  | 'deliver'
  | 'read'
  | 'fail';

/** The provider's word counts wherever the message is: a receipt may overtake the answer that it belongs to. */
const steps = { accept: 'accepted', send: 'sent', fail: 'failed', deliver: 'delivered', read: 'read' } as const;

/**
 * ```
 * (new) --> held --undo--> undone
 *            |
 *            v claim
 * (new) --> queued --claim--> sending --accept--> accepted --> sent --> (failed) --> delivered --> read
 *            ^  |                | |                  ^
 *            |  |<----retry------' '--doubt--> unconfirmed --accept
 *            |  '--give_up--> dead                |
 *            '-------------retry------------------'
 * ```
 * Reported steps only ever go up: what is missing here is heard and changes nothing. `delivered` outranks `failed`, because
 * networks report failures that were none; a person's eye has the last word.
 */
export const outboxTransitions = {
  held: { claim: 'sending', undo: 'undone', give_up: 'dead' },
  queued: { ...steps, claim: 'sending', give_up: 'dead' },
  sending: { ...steps, retry: 'queued', doubt: 'unconfirmed', refuse: 'failed', give_up: 'dead' },
  unconfirmed: { ...steps, retry: 'queued', doubt: 'unconfirmed', refuse: 'failed', give_up: 'dead' },
  accepted: { send: 'sent', fail: 'failed', deliver: 'delivered', read: 'read' },
  sent: { fail: 'failed', deliver: 'delivered', read: 'read' },
  failed: { deliver: 'delivered', read: 'read' },
  delivered: { read: 'read' },
  read: {},
  // given up too early: what then arrives has arrived
  dead: { ...steps },
  undone: {},
} as const satisfies TransitionTable<OutboxState, OutboxInput>;

/** States in which nobody waits for anything any more but a better word of the provider. */
export const isDone = (state: OutboxState): boolean =>
  state === 'delivered' || state === 'read' || state === 'failed' || state === 'dead' || state === 'undone';

/** Steps of one part, lowest first. The index is the rank. */
export const partSteps = ['accepted', 'sent', 'failed', 'delivered', 'read'] as const;
export type PartStep = (typeof partSteps)[number];

const inputs = {
  accepted: 'accept',
  sent: 'send',
  failed: 'fail',
  delivered: 'deliver',
  read: 'read',
} as const satisfies Record<PartStep, OutboxInput>;

/** What a wire's step is on the ladder; `delayed` is none, the provider goes on trying. */
export const partStepOf = (step: DeliveryStep): PartStep => (step === 'delayed' ? 'accepted' : step);

/** The higher of two steps. */
export const higherStep = (one: PartStep, other: PartStep): PartStep =>
  partSteps.indexOf(one) >= partSteps.indexOf(other) ? one : other;

/**
 * The step that a message has reached by its parts: the lowest of them. So one part that came too late, or not at all, keeps
 * the message from being delivered, and a failed one shows as soon as no part is on its way.
 * @param total parts that the provider took; unknown (null) until its answer: then the others may not have left at all, and
 * the message is where it was
 */
export function stepOfParts(parts: ReadonlyMap<number, PartStep>, total: number | null): PartStep | null {
  if (parts.size === 0 || total === null) return null;
  if (parts.size < total) return 'accepted';
  return [...parts.values()].reduce((low, step) => (higherStep(low, step) === low ? step : low));
}

/** The state after a reported step; the same one when the step is old news. */
export function raise(state: OutboxState, step: PartStep): OutboxState {
  const row: Partial<Record<OutboxInput, OutboxState>> = outboxTransitions[state];
  return row[inputs[step]] ?? state;
}

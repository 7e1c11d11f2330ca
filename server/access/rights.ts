import type { Role } from '../contract/words.ts';

const everybody = ['agent', 'supervisor', 'admin'] as const;
const supervisors = ['supervisor', 'admin'] as const;

/**
 * Who may what, where the contract's `access` of an HTTP operation does not already say it: commands over sockets and
 * things that are no operation.
 */
export const rights = {
  /** Live view of every queue. */
  'queues.watch': supervisors,
  /** Have a card's timeline pushed while the card is open. */
  'cards.watch': everybody,
  /** Hear a recording. Each play is in the audit log. */
  'recordings.play': everybody,
} as const satisfies Record<string, readonly Role[]>;
export type Right = keyof typeof rights;

/** Whether people of this role have the right. */
export function may(role: Role, right: Right): boolean {
  const holders: readonly Role[] = rights[right];
  return holders.includes(role);
}

/** The life of an established dialog (RFC 3261 section 15) as a table. An absent pair changes nothing. */
import type { TransitionTable } from '../../../../server/kernel/transition.ts';

/** `ending`: our BYE waits for the ACK of our 2xx, or for its answer. */
export type DialogPhase = 'confirmed' | 'ending' | 'ended';

export type DialogInput =
  | 'bye'
  /** Whatever became of our BYE. */
  | 'bye answered'
  | 'peer bye'
  /** 481, a timer or a lost connection: nobody is there to say BYE to. */
  | 'peer gone';

/**
 * ```
 * confirmed --bye--> ending --bye answered, peer bye--> ended
 *     +--peer bye, peer gone--> ended
 * ```
 */
export const dialogPhases: TransitionTable<DialogPhase, DialogInput> = {
  confirmed: { bye: 'ending', 'peer bye': 'ended', 'peer gone': 'ended' },
  ending: { 'bye answered': 'ended', 'peer bye': 'ended' },
  ended: {},
};

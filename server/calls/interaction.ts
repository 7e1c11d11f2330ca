import type { InteractionState } from '../contract/words.ts';
import type { TransitionTable } from '../kernel/transition.ts';

export type InteractionInput =
  | 'offer'
  | 'accept'
  | 'return'
  | 'hold'
  | 'resume'
  | 'end'
  | 'fail'
  | 'abandon'
  | 'finish'
  | 'divert'
  | 'part'
  | 'lose'
  | 'recover';

/**
 * One piece of work with a client.
 *
 *   in:   queued --offer--> offered --accept--> active <--hold/resume--> held
 *           ^                  |                   |                       |
 *           +-----return-------+                   +---------end-----------+--> wrap_up --finish--> closed
 *         queued, offered --abandon--> closed;  --divert--> voicemail --part--> closed;  --part--> closed (callback, told no)
 *         active, held --lose--> reconnecting --recover--> active;  --return--> queued;  --end--> wrap_up
 *   out:  dialing --accept--> active;  dialing --fail--> wrap_up;  dialing --abandon--> closed
 */
export const interactionTransitions: TransitionTable<InteractionState, InteractionInput> = {
  queued: { offer: 'offered', abandon: 'closed', divert: 'voicemail', part: 'closed' },
  offered: { accept: 'active', return: 'queued', abandon: 'closed' },
  voicemail: { part: 'closed' },
  dialing: { accept: 'active', fail: 'wrap_up', abandon: 'closed' },
  active: { hold: 'held', end: 'wrap_up', lose: 'reconnecting' },
  held: { resume: 'active', end: 'wrap_up', lose: 'reconnecting' },
  reconnecting: { recover: 'active', return: 'queued', end: 'wrap_up' },
  wrap_up: { finish: 'closed' },
  closed: {},
};

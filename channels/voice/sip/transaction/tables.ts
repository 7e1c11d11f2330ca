/**
 * The four transaction machines of RFC 3261 section 17 with the Accepted states of RFC 6026, as tables. A pair that is
 * absent is a late or repeated event of the wire or of a timer: it changes nothing.
 */
import type { TransitionTable } from '../../../../server/kernel/transition.ts';

export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';
export type InviteClientInput =
  | 'provisional'
  | 'success'
  | 'failure'
  | 'timer A'
  | 'timer B'
  | 'timer D'
  | 'timer M'
  /** Nobody answered the CANCEL either (section 9.1). */
  | 'cancel timeout'
  | 'transport error';

/**
 * ```
 * calling --1xx--> proceeding --2xx--> accepted --M--> terminated
 *    |                 +--3xx-6xx--> completed --D--> terminated
 *    +--B or transport error--> terminated
 * ```
 */
export const inviteClientTable: TransitionTable<InviteClientState, InviteClientInput> = {
  calling: {
    provisional: 'proceeding',
    success: 'accepted',
    failure: 'completed',
    'timer A': 'calling',
    'timer B': 'terminated',
    'transport error': 'terminated',
  },
  proceeding: {
    provisional: 'proceeding',
    success: 'accepted',
    failure: 'completed',
    'cancel timeout': 'terminated',
    'transport error': 'terminated',
  },
  accepted: { success: 'accepted', 'timer M': 'terminated' },
  completed: { failure: 'completed', 'timer D': 'terminated', 'transport error': 'terminated' },
  terminated: {},
};

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteClientInput = 'provisional' | 'final' | 'timer E' | 'timer F' | 'timer K' | 'transport error';

/** `trying --1xx--> proceeding --2xx-6xx--> completed --K--> terminated`; F or a transport error ends the first two. */
export const nonInviteClientTable: TransitionTable<NonInviteClientState, NonInviteClientInput> = {
  trying: {
    provisional: 'proceeding',
    final: 'completed',
    'timer E': 'trying',
    'timer F': 'terminated',
    'transport error': 'terminated',
  },
  proceeding: {
    provisional: 'proceeding',
    final: 'completed',
    'timer E': 'proceeding',
    'timer F': 'terminated',
    'transport error': 'terminated',
  },
  completed: { 'timer K': 'terminated' },
  terminated: {},
};

export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
export type InviteServerInput =
  /** The INVITE again. */
  | 'request'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'ack'
  | 'timer G'
  | 'timer H'
  | 'timer I'
  | 'timer L'
  | 'transport error';

/**
 * ```
 * proceeding --2xx--> accepted --L--> terminated
 *    +--3xx-6xx--> completed --ACK--> confirmed --I--> terminated
 *                      +--H--> terminated
 * ```
 */
export const inviteServerTable: TransitionTable<InviteServerState, InviteServerInput> = {
  proceeding: {
    request: 'proceeding',
    provisional: 'proceeding',
    success: 'accepted',
    failure: 'completed',
    'transport error': 'terminated',
  },
  accepted: { request: 'accepted', success: 'accepted', ack: 'accepted', 'timer L': 'terminated' },
  completed: {
    request: 'completed',
    ack: 'confirmed',
    'timer G': 'completed',
    'timer H': 'terminated',
    'transport error': 'terminated',
  },
  confirmed: { request: 'confirmed', ack: 'confirmed', 'timer I': 'terminated', 'transport error': 'terminated' },
  terminated: {},
};

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteServerInput = 'request' | 'provisional' | 'final' | 'timer J' | 'transport error';

/** `trying --1xx--> proceeding --2xx-6xx--> completed --J--> terminated`. */
export const nonInviteServerTable: TransitionTable<NonInviteServerState, NonInviteServerInput> = {
  trying: { request: 'trying', provisional: 'proceeding', final: 'completed', 'transport error': 'terminated' },
  proceeding: { request: 'proceeding', provisional: 'proceeding', final: 'completed', 'transport error': 'terminated' },
  completed: { request: 'completed', 'timer J': 'terminated', 'transport error': 'terminated' },
  terminated: {},
};

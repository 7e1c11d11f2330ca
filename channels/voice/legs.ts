import type { CallId, LegId } from '../../server/kernel/ids.ts';
import type { TransitionTable } from '../../server/kernel/transition.ts';
import type { LegEndReason } from '../channel.ts';
import type { LegKind, MediaCall } from './media/engine.ts';
import type { IncomingInvite, OutgoingInvite, SipDialog } from './sip/stack.ts';

/**
 * A leg of a call as this channel sees it.
 *
 *   in:   arrived --answer--> answering --confirm--> up --end--> ended
 *   out:  calling --confirm--> up --end--> ended
 */
export type LegState = 'arrived' | 'answering' | 'calling' | 'up' | 'ended';
export type LegInput = 'answer' | 'confirm' | 'end';

export const legTransitions: TransitionTable<LegState, LegInput> = {
  arrived: { answer: 'answering', end: 'ended' },
  answering: { confirm: 'up', end: 'ended' },
  calling: { confirm: 'up', end: 'ended' },
  up: { end: 'ended' },
  ended: {},
};

export interface Leg {
  readonly id: LegId;
  readonly callId: CallId;
  readonly kind: LegKind;
  state: LegState;
  /** Whether the media engine has this leg. */
  hasMedia: boolean;
  incoming?: IncomingInvite | undefined;
  outgoing?: OutgoingInvite | undefined;
  dialog?: SipDialog | undefined;
  /** The leg that hears this one, when they are joined: it gets the digits that come as INFO. */
  partner?: LegId | undefined;
  /** Why we are ending it, when we are. */
  ending?: LegEndReason | undefined;
  /** Resolves once the caller's answer is on the wire, so that two answers are one. */
  answering?: Promise<void> | undefined;
}

/** Legs and media of one call. */
export interface VoiceCall {
  readonly id: CallId;
  readonly media: MediaCall;
  readonly legs: Map<LegId, Leg>;
}

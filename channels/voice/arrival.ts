import type { Clock } from '../../server/kernel/clock.ts';
import type { CallId, LegId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { CallArrived, Receipt, Receive, TrunkSettings } from '../channel.ts';
import { calledNumbers, callerOf, factsOf } from './identity.ts';
import type { IncomingInvite } from './sip/stack.ts';

/** SIP answer to a refusal by the house. `duplicate`: another process or transaction has this call (RFC 3261 8.2.2.2). */
const refusals: Readonly<Record<Extract<Receipt, { accepted: false }>['reason'], { status: number; text: string }>> = {
  unknown_number: { status: 404, text: 'Not Found' },
  overloaded: { status: 503, text: 'Service Unavailable' },
  unavailable: { status: 503, text: 'Service Unavailable' },
  duplicate: { status: 482, text: 'Loop Detected' },
};

/** Seconds after which a carrier may try again when we shed load. */
const retryAfterSeconds = 5;

/** Who calls whom, and on whose word. */
export type CallOrigin = Pick<CallArrived, 'trunkId' | 'visitor' | 'from' | 'to' | 'facts'>;

/** A call as its carrier tells it. */
export const carrierOrigin = (invite: IncomingInvite, trunk: TrunkSettings): CallOrigin => ({
  trunkId: trunk.id,
  from: callerOf(invite),
  to: { raw: calledNumbers(invite) },
  facts: factsOf(invite),
});

export interface ArrivalContext {
  readonly invite: IncomingInvite;
  /** undefined: nobody whose calls we take. */
  readonly origin: CallOrigin | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly receive: Receive;
  /** Makes the call and its caller's leg, so that a CANCEL during storage finds it. */
  readonly open: (invite: IncomingInvite) => { callId: CallId; legId: LegId };
  readonly drop: (callId: CallId) => void;
}

/** An INVITE outside any dialog becomes an inbound event; its refusal, a SIP status. */
export async function receiveInvite({
  invite,
  origin,
  clock,
  log,
  receive,
  open,
  drop,
}: ArrivalContext): Promise<void> {
  if (!origin) {
    log.warn({ sipCallId: invite.sipCallId, address: invite.source.address }, 'call from an unknown source refused');
    return invite.reject(403, 'Forbidden');
  }
  const { callId, legId } = open(invite);
  const refuse = (reason: keyof typeof refusals): void => {
    const { status, text } = refusals[reason];
    invite.reject(status, text, status === 503 ? retryAfterSeconds : undefined);
    drop(callId);
  };
  try {
    const receipt = await receive({
      channel: 'voice',
      type: 'call.arrived',
      sourceId: `${invite.sipCallId};${invite.from.parameters.get('tag') ?? ''}`.slice(0, 300),
      at: clock.now(),
      callId,
      legId,
      ...origin,
    });
    if (!receipt.accepted) refuse(receipt.reason);
  } catch (error) {
    log.error({ err: error, sipCallId: invite.sipCallId, callId }, 'call could not be received');
    refuse('unavailable');
  }
}

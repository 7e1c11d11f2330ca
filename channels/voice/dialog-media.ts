import type { Log } from '../../server/kernel/log.ts';
import type { LegEndReason, LegEvent } from '../channel.ts';
import { digitOfInfo } from './dtmf-info.ts';
import { endReason } from './end-reason.ts';
import type { Leg } from './legs.ts';
import { type MediaCall, MediaError } from './media/engine.ts';
import { type SipDialogHandlers, SipError } from './sip/stack.ts';

interface LegContext {
  readonly leg: Leg;
  readonly media: MediaCall;
  readonly log: Log;
}

interface DialogContext extends LegContext {
  readonly emit: (leg: Leg, event: LegEvent) => void;
  readonly ended: (leg: Leg, reason: LegEndReason, status: number, text: string) => void;
}

/** Gives the media engine a peer's answer; false when it cannot be used. */
export async function acceptAnswer({ leg, media, log, sdp }: LegContext & { sdp: Buffer }): Promise<boolean> {
  try {
    await media.accept(leg.id, sdp);
    return true;
  } catch (error) {
    log.warn({ err: error, callId: leg.callId, legId: leg.id }, 'answer cannot be used');
    return false;
  }
}

/** What happens inside an established dialog: re-offers go to the media engine, digits and the end to the house. */
export function dialogHandlers(context: DialogContext): SipDialogHandlers {
  const { leg, media, emit, ended } = context;
  return {
    async offer(offer) {
      try {
        return offer ? await media.reanswer(leg.id, offer) : await media.reoffer(leg.id);
      } catch (error) {
        // RFC 3261 14.2: a re-offer that we cannot take is refused and the call goes on as it was.
        if (error instanceof MediaError) throw new SipError(488, error.message);
        throw error;
      }
    },
    answered: (answer) => void acceptAnswer({ ...context, sdp: answer }),
    info(contentType, body) {
      const digit = digitOfInfo(contentType, body);
      if (digit === undefined) return 415;
      // Digits in RTP are relayed with it; these have to be played to the other side.
      if (leg.partner !== undefined) media.sendDtmf(leg.partner, digit);
      emit(leg, { type: 'dtmf', legId: leg.id, digit });
      return 200;
    },
    ended: (termination) =>
      ended(
        leg,
        termination.by === 'remote' ? 'hung_up' : endReason(termination),
        termination.status,
        termination.reason,
      ),
  };
}

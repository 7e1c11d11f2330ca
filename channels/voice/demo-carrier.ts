import type { Clock } from '../../server/kernel/clock.ts';
import { type CallId, type LegId, newId } from '../../server/kernel/ids.ts';
import type { Log } from '../../server/kernel/log.ts';
import type { MediaEngine } from './media/engine.ts';
import type { IncomingInvite, SipStack, SipStackHandlers } from './sip/stack.ts';

/**
 * The far end of the demo's trunk, so that calls out work on a machine without a carrier: real SIP on a loopback
 * port. The last two digits of the number choose what happens; everybody else answers after a while and echoes what
 * he hears, which makes a good microphone test.
 */
export interface DemoCarrier {
  start(): Promise<void>;
  close(): Promise<void>;
  /** UDP port on 127.0.0.1. */
  readonly port: number;
}

/** Last two digits of the called number -> refusal after the ringing. */
export const demoRefusals: Readonly<Record<string, { status: number; text: string }>> = {
  '00': { status: 486, text: 'Busy Here' },
  '02': { status: 603, text: 'Decline' },
  '03': { status: 404, text: 'Not Found' },
  '04': { status: 503, text: 'Service Unavailable' },
};
/** Rings for ever. */
export const demoNoAnswer = '01';

const ringMs = 2_000;
/** An echo that nobody hangs up ends by itself. */
const longestCallMs = 10 * 60_000;

export interface DemoCarrierOptions {
  readonly media: MediaEngine;
  readonly createSip: (handlers: SipStackHandlers) => SipStack;
  readonly clock: Clock;
  readonly log: Log;
}

export function createDemoCarrier({ media, createSip, clock, log }: DemoCarrierOptions): DemoCarrier {
  const sip = createSip({ invite: (invite) => ring(invite) });

  function ring(invite: IncomingInvite): void {
    const ending = invite.requestUri.user.slice(-2);
    invite.ring();
    if (ending === demoNoAnswer) return;
    const refusal = demoRefusals[ending];
    const answer = clock.after(ringMs, () => {
      if (refusal) invite.reject(refusal.status, refusal.text);
      else void echo(invite).catch((error: unknown) => log.warn({ err: error }, 'demo carrier could not answer'));
    });
    invite.onCancelled = () => answer.cancel();
  }

  async function echo(invite: IncomingInvite): Promise<void> {
    if (!invite.offer) return invite.reject(488, 'Not Acceptable Here');
    const call = media.openCall(newId<CallId>());
    const legId = newId<LegId>();
    const sdp = await call.answerLeg(legId, invite.offer);
    const dialog = invite.answer(sdp);
    const limit = clock.after(longestCallMs, () => {
      dialog.bye();
      void call.close();
    });
    dialog.handlers = {
      offer: (offer) => (offer ? call.reanswer(legId, offer) : call.reoffer(legId)),
      ended: () => {
        limit.cancel();
        void call.close();
      },
    };
    call.hear(legId, [{ kind: 'leg', legId }]);
  }

  return {
    start: () => sip.start(),
    close: () => sip.close(),
    get port() {
      return sip.port;
    },
  };
}

import type { LegEndReason, LegEvent } from '../../channels/channel.ts';
import type { OfferResult } from '../contract/words.ts';
import type { CallId } from '../kernel/ids.ts';
import { type CallsContext, inLine } from './context.ts';
import { abandon, endTalk, leave, resultOf } from './finishing.ts';
import { listenerEvent } from './listening.ts';
import type { LiveCall } from './live-call.ts';
import { returnOffer } from './offering.ts';
import { agentReady, clientAnswered, clientRinging, dialFailed } from './outgoing.ts';
import { messageDone, recordMessage } from './parting.ts';
import type { Arriving } from './receive.ts';
import { lose, recovered } from './reconnecting.ts';
import { accept } from './talking.ts';
import { awaitChoice, chosen } from './treatment.ts';

/** What the end of a ringing agent's leg says of the offer. */
const offerResultOf: Readonly<Partial<Record<LegEndReason, OfferResult>>> = {
  rejected: 'declined',
  busy: 'declined',
  no_answer: 'timeout',
  cancelled: 'withdrawn',
  answered_elsewhere: 'withdrawn',
};

/** What happens on the wire moves the call on, in the order in which it happened. */
export function onLegEvent(context: CallsContext, arriving: Arriving, callId: CallId, event: LegEvent): void {
  const arrival = arriving.get(callId);
  if (arrival && event.type === 'ended') arrival.gone = true;
  const call = context.live.byCallId(callId);
  if (!call) return;
  // The rejection is logged by inLine; nobody waits for a wire event.
  inLine(context, call, `leg-${event.type}`, async () => {
    // It may be out of our hands when its turn comes: over, or never stored, so that nothing may be saved of it.
    if (context.live.get(call.id) === call) await handle(context, call, event);
  }).catch(() => undefined);
}

async function handle(context: CallsContext, call: LiveCall, event: LegEvent): Promise<void> {
  const isAgent = event.legId === call.agentLeg;
  const isClient = event.legId === call.clientLeg;
  if (call.listeners.has(event.legId)) return listenerEvent(context, call, event);
  switch (event.type) {
    case 'answered':
      if (isAgent && call.state === 'offered') return accept(context, call);
      if (isAgent && call.state === 'dialing') return agentReady(context, call);
      if (isAgent && call.state === 'reconnecting') return recovered(context, call);
      if (isClient && call.state === 'dialing') return clientAnswered(context, call);
      return;
    case 'ringing':
      if (isClient && call.state === 'dialing' && event.earlyMedia) return clientRinging(context, call);
      return;
    case 'ended':
      if (isClient) return clientEnded(context, call, event.reason);
      if (isAgent) return agentEnded(context, call, event.reason);
      return;
    case 'dtmf':
      if (isClient && call.state === 'voicemail' && event.digit === '#') return messageDone(context, call);
      if (isClient) return chosen(context, call, event.digit);
      return;
    case 'sound-ended':
      if (isClient) return soundEnded(context, call);
      return;
    case 'silence':
    case 'recording-full':
      return messageDone(context, call);
    case 'connected':
      context.log.debug({ interactionId: call.id, legId: event.legId, event: event.type }, 'leg event');
  }
}

async function clientEnded(context: CallsContext, call: LiveCall, reason: LegEndReason): Promise<void> {
  call.clientLeg = null;
  if (call.state === 'dialing') return dialFailed(context, call, reason);
  if (call.state === 'queued' || call.state === 'offered') return abandon(context, call);
  if (call.state === 'voicemail') return messageDone(context, call);
  // After the last word: he was told goodbye, the call is stored.
  if (call.state === 'closed') return leave(context, call);
  return endTalk(context, call, resultOf('client', reason));
}

/** The end of what was said to a client: a tone, an offer, or goodbye. */
async function soundEnded(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.state === 'voicemail') return recordMessage(context, call);
  if (call.state === 'queued') return awaitChoice(context, call);
  if (call.state === 'closed') leave(context, call);
}

async function agentEnded(context: CallsContext, call: LiveCall, reason: LegEndReason): Promise<void> {
  call.agentLeg = null;
  if (call.state === 'offered' && call.offer)
    return returnOffer(context, call, call.offer.id, offerResultOf[reason] ?? 'not_delivered');
  if (call.state === 'dialing') return abandon(context, call);
  // A phone that could not be put through again is tried when it registers the next time.
  if (call.state === 'reconnecting') return;
  if (reason === 'media_lost' || reason === 'unreachable') return lose(context, call);
  return endTalk(context, call, resultOf('agent', reason));
}

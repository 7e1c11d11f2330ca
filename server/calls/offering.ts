import type { ClientCard } from '../contract/schemas.ts';
import type { OfferResult } from '../contract/words.ts';
import { type LegId, newId, type OfferId } from '../kernel/ids.ts';
import type { OfferDecision } from '../routing/dispatcher.ts';
import { type CallsContext, inLine, move, save } from './context.ts';
import type { LiveCall, OpenOffer } from './live-call.ts';
import { popOf } from './pop.ts';
import { interactionView } from './views.ts';

/** Cards read on arrival, kept for the first pop only. */
const freshCards = new WeakMap<LiveCall, ClientCard>();

/** A stored call looks for its agent; whoever is not rung for at once hears music. */
export function startWaiting(context: CallsContext, call: LiveCall, card: ClientCard): void {
  freshCards.set(call, card);
  context.dispatcher.enqueue({
    interactionId: call.id,
    queueId: call.queue.id,
    responsibleId: call.client.responsibleId,
    priority: call.client.vip ? 1 : 0,
    arrivedAt: call.arrivedAt,
  });
  void inLine(context, call, 'wait', () => playWhileWaiting(context, call));
}

/** Music, unless somebody is being rung: then he hears ringing as on any telephone. */
async function playWhileWaiting(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.clientLeg === null) return;
  if (call.state === 'offered') context.voice.ring(call.callId, call.clientLeg);
  if (call.state === 'queued') await context.voice.answer(call.callId, call.clientLeg, 'music');
}

/** The dispatcher took an agent for this call. */
export function makeOffer(context: CallsContext, call: LiveCall, decision: OfferDecision): void {
  // A refusal by the database (somebody else was faster) is logged there and the agent is given back.
  inLine(context, call, 'offer', () => offer(context, call, decision)).catch(() => {
    if (call.offer?.userId === decision.agentId) clearOffer(call);
    if (call.state === 'offered') move(context, call, 'return');
    context.roster.setWork(decision.agentId, null);
    context.dispatcher.notTaken(call.id, decision.agentId, 'not_delivered');
  });
}

async function offer(context: CallsContext, call: LiveCall, decision: OfferDecision): Promise<void> {
  const { roster, clock, voice, pushes } = context;
  if (call.state !== 'queued') return roster.setWork(decision.agentId, null);
  move(context, call, 'offer');
  const made = openOffer(context, call, decision);
  call.offer = made;
  const pop = popOf(context, call, freshCards.get(call));
  freshCards.delete(call);
  // The pop is read while the offer is written; a failed pop must not cost the ring.
  const shown = pop.then(
    (view) => pushes.push(made.userId, { type: 'offer', interaction: interactionView(context, call), pop: view }),
    (error: unknown) => context.log.error({ err: error, interactionId: call.id }, 'pop could not be read'),
  );
  await save(context, call, {
    type: 'offer.made',
    userId: made.userId,
    data: { offerId: made.id, reason: made.reason },
    offerMade: made,
  });
  const agent = roster.agent(made.userId);
  call.agentLeg = made.legId;
  if (call.clientLeg !== null) voice.ring(call.callId, call.clientLeg);
  voice.ringAgent({
    callId: call.callId,
    legId: made.legId,
    aor: agent?.row.login ?? '',
    caller: { displayName: call.client.name || call.peer.display, number: call.peer.number },
    headers: { 'X-Switchroom-Interaction': call.id, 'X-Switchroom-Offer': made.id },
  });
  context.log.info(
    {
      interactionId: call.id,
      callId: call.callId,
      userId: made.userId,
      reason: made.reason,
      afterMs: clock.now() - call.arrivedAt,
    },
    'offered',
  );
  await shown;
}

function openOffer(context: CallsContext, call: LiveCall, decision: OfferDecision): OpenOffer {
  const { clock } = context;
  const id = newId<OfferId>();
  const ringMs = decision.ringSeconds * 1000;
  return {
    id,
    userId: decision.agentId,
    legId: newId<LegId>(),
    offeredAt: clock.now(),
    expiresAt: clock.now() + ringMs,
    reason: decision.reason,
    candidates: decision.candidates,
    timer: clock.after(ringMs, () => void endOffer(context, call, id, 'timeout')),
  };
}

/** Takes the open offer off the call and stops its clock. */
export function clearOffer(call: LiveCall): OpenOffer | null {
  const { offer } = call;
  offer?.timer.cancel();
  call.offer = null;
  return offer;
}

/** The offer was not taken: the agent is free, the client keeps his place and the next agent is tried. */
export const endOffer = (context: CallsContext, call: LiveCall, offerId: OfferId, result: OfferResult): Promise<void> =>
  inLine(context, call, 'offer-ended', () => returnOffer(context, call, offerId, result));

/** As endOffer, inside a task of the call. */
export async function returnOffer(
  context: CallsContext,
  call: LiveCall,
  offerId: OfferId,
  result: OfferResult,
): Promise<void> {
  if (call.state !== 'offered' || call.offer?.id !== offerId) return;
  const ended = clearOffer(call);
  if (!ended) return;
  move(context, call, 'return');
  call.agentLeg = null;
  context.voice.hangUp(call.callId, ended.legId, result === 'declined' ? 'rejected' : 'no_answer');
  await save(context, call, {
    type: 'offer.ended',
    userId: ended.userId,
    data: { offerId, result },
    offerEnded: { id: ended.id, userId: ended.userId, result },
  });
  context.pushes.push(ended.userId, { type: 'offer-ended', interactionId: call.id, offerId, result });
  // Free first: the next decision says that he was tried, not that he still rings.
  context.roster.setWork(ended.userId, null);
  context.dispatcher.notTaken(call.id, ended.userId, result);
  void inLine(context, call, 'wait', () => playWhileWaiting(context, call));
}

import type { ClientCard } from '../contract/schemas.ts';
import type { OfferResult } from '../contract/words.ts';
import { type LegId, newId, type OfferId, type UserId } from '../kernel/ids.ts';
import type { OfferDecision } from '../routing/dispatcher.ts';
import { type CallsContext, inLine, move, save } from './context.ts';
import type { LiveCall, OpenOffer } from './live-call.ts';
import { popOf } from './pop.ts';
import { interactionView } from './views.ts';

/** The call takes its place in the queue; an agent who is free is taken before this returns. */
export function joinQueue(context: CallsContext, call: LiveCall): void {
  context.dispatcher.enqueue({
    interactionId: call.id,
    queueId: call.queue.id,
    responsibleId: call.client.responsibleId,
    priority: call.client.vip ? 1 : 0,
    arrivedAt: call.arrivedAt,
  });
}

/** Music for whoever is not being rung for. */
export const playWhileWaiting = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'wait', async () => {
    if (call.clientLeg !== null && call.state === 'queued')
      await context.voice.answer(call.callId, call.clientLeg, 'music');
  });

/** The dispatcher took an agent for this call. */
export function makeOffer(context: CallsContext, call: LiveCall, decision: OfferDecision): void {
  // A refusal by the database (somebody else was faster) is logged there and the agent is given back.
  inLine(context, call, 'offer', () => offer(context, call, decision)).catch(() =>
    takeBack(context, call, decision.agentId),
  );
}

/** The offer could not be stored: the agent is free and others are tried. */
export function takeBack(context: CallsContext, call: LiveCall, agentId: UserId): void {
  if (call.offer?.userId === agentId) clearOffer(call);
  if (call.state === 'offered') move(context, call, 'return');
  context.roster.setWork(agentId, null);
  context.dispatcher.notTaken(call.id, agentId, 'not_delivered');
}

async function offer(context: CallsContext, call: LiveCall, decision: OfferDecision): Promise<void> {
  if (call.state !== 'queued') return context.roster.setWork(decision.agentId, null);
  const made = openOffer(context, call, decision);
  await save(context, call, { ...offerMadeEvent(made), offerMade: made });
  ringAgent(context, call, made);
  void showPop(context, call, made);
}

export const offerMadeEvent = (made: OpenOffer) => ({
  type: 'offer.made',
  userId: made.userId,
  data: { offerId: made.id, reason: made.reason },
});

/** The agent's phone rings for an offer that is stored, and the caller hears it. */
export function ringAgent(context: CallsContext, call: LiveCall, made: OpenOffer): void {
  const { roster, clock, voice } = context;
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
}

/**
 * Pushes the whole pop to the agent who is rung. Read after the ring is on its way and outside the call's line: a failed
 * or slow pop must cost neither the ring nor the answer. An agent who is no longer asked gets none.
 * @param card when the caller of this function has just read it
 */
export async function showPop(
  context: CallsContext,
  call: LiveCall,
  made: OpenOffer,
  card?: ClientCard,
): Promise<void> {
  try {
    const pop = await popOf(context, call, card);
    if (call.offer !== made && call.userId !== made.userId) return;
    context.pushes.push(made.userId, { type: 'offer', interaction: interactionView(context, call), pop });
  } catch (error) {
    context.log.error({ err: error, interactionId: call.id }, 'pop could not be read');
  }
}

/** The call's state and its open offer as they are to be stored; the clock of the offer runs. */
export function openOffer(context: CallsContext, call: LiveCall, decision: OfferDecision): OpenOffer {
  const { clock } = context;
  move(context, call, 'offer');
  const id = newId<OfferId>();
  const ringMs = decision.ringSeconds * 1000;
  const made: OpenOffer = {
    id,
    userId: decision.agentId,
    legId: newId<LegId>(),
    offeredAt: clock.now(),
    expiresAt: clock.now() + ringMs,
    reason: decision.reason,
    candidates: decision.candidates,
    timer: clock.after(ringMs, () => void endOffer(context, call, id, 'timeout')),
  };
  call.offer = made;
  return made;
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
  void playWhileWaiting(context, call);
}

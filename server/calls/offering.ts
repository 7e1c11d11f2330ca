import type { PopView } from '../contract/schemas.ts';
import type { OfferResult } from '../contract/words.ts';
import type { Clock } from '../kernel/clock.ts';
import { type LegId, newId, type OfferId, type UserId } from '../kernel/ids.ts';
import type { OfferDecision } from '../routing/dispatcher.ts';
import { type CallsContext, inLine, move, save } from './context.ts';
import { clearOffer, type LiveCall, type OpenOffer } from './live-call.ts';
import { readPop } from './pop.ts';
import { waitingSounds } from './prompts.ts';
import { leaveIfOverdue } from './treatment.ts';
import { interactionView } from './views.ts';

/** The call takes its place in the queue; an agent who is free is taken before this returns. */
export function joinQueue(context: CallsContext, call: LiveCall): void {
  context.dispatcher.enqueue({
    interactionId: call.id,
    queueId: call.queue.id,
    responsibleId: call.client.responsibleId,
    priority: call.queue.priority * 2 + (call.client.vip ? 1 : 0),
    arrivedAt: call.arrivedAt,
  });
}

/** To its head: he was talking already. */
export function returnToQueue(context: CallsContext, call: LiveCall): void {
  const { id, queue, arrivedAt, client } = call;
  const priority = headPriority + (client.vip ? 1 : 0);
  context.dispatcher.enqueue({ interactionId: id, queueId: queue.id, responsibleId: null, priority, arrivedAt });
}

/** Above every priority that a queue can have. */
const headPriority = 1_000_000;

/** Music for whoever is not being rung for. */
export const playWhileWaiting = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'wait', async () => {
    if (call.clientLeg !== null && call.state === 'queued')
      await context.voice.answer(call.callId, call.clientLeg, waitingSounds(context, call));
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
  const saving = save(context, call, { ...offerMadeEvent(made), offerMade: made });
  const pop = tryPop(context, call);
  await saving;
  await present(context, call, made, pop);
}

export const offerMadeEvent = (made: Pick<OpenOffer, 'id' | 'userId' | 'reason'>) => ({
  type: 'offer.made',
  userId: made.userId,
  data: { offerId: made.id, reason: made.reason },
});

/** Begins to read the pop while its offer is being stored. @returns null when it could not be read */
const tryPop = (context: CallsContext, call: LiveCall): Promise<PopView | null> =>
  readPop(context, call).catch((error: unknown) => {
    context.log.error({ err: error, interactionId: call.id }, 'pop could not be read');
    return null;
  });

/** The agent is to see who calls when his phone rings; a slower screen than this costs neither the ring nor the answer. */
const popHeadStartMs = 50;

/** Shows a stored offer to its agent: first on the screen, then on the phone. */
export async function present(
  context: CallsContext,
  call: LiveCall,
  made: OpenOffer,
  pop: Promise<PopView | null>,
): Promise<void> {
  const shown = pop.then((view) => {
    // Whoever is no longer asked gets none.
    if (!view || (call.offer !== made && call.userId !== made.userId)) return;
    context.pushes.push(made.userId, { type: 'offer', interaction: interactionView(context, call), pop: view });
  });
  await atMost(context.clock, popHeadStartMs, shown);
  if (call.offer !== made) return;
  ringAgent(context, call, made);
  awaitProof(context, call, made);
}

/** A browser has this long to say that its pop is painted and its ring sounds. */
const proofMs = 1_500;

/**
 * Ring proof: an offer that a browser does not acknowledge goes to the next agent. It counts as a phantom ring
 * (`not_delivered`), and the agent is not blamed for it. With nobody else to ring for it stays where it is: a browser
 * that is slow rings in the end, and taking the call away every time would keep its agent from ever answering.
 */
function awaitProof(context: CallsContext, call: LiveCall, made: OpenOffer): void {
  context.clock.after(proofMs, () => {
    if (call.offer !== made || !isUnproved(context, made)) return;
    if (context.dispatcher.explain(call.id)?.kind === 'offer') void endOffer(context, call, made.id, 'not_delivered');
    else awaitProof(context, call, made);
  });
}

/** Desk phones prove themselves by ringing. */
function isUnproved({ roster, voice }: CallsContext, made: OpenOffer): boolean {
  const aor = roster.agent(made.userId)?.row.login ?? '';
  return !made.seen && voice.phoneKind(aor) === 'browser';
}

/** The agent's browser shows this offer. */
export function offerSeen({ roster, live }: CallsContext, userId: UserId, offerId: OfferId): void {
  const work = roster.agent(userId)?.work;
  const offer = work ? live.get(work.interactionId)?.offer : null;
  if (offer?.id === offerId) offer.seen = true;
}

const atMost = (clock: Clock, ms: number, promise: Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    void promise.finally(() => {
      timer.cancel();
      resolve();
    });
  });

/** The agent's phone rings, and the caller hears it. */
function ringAgent(context: CallsContext, call: LiveCall, made: OpenOffer): void {
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
    seen: false,
    timer: clock.after(ringMs, () => {
      void endOffer(context, call, id, isUnproved(context, made) ? 'not_delivered' : 'timeout');
    }),
  };
  call.offer = made;
  return made;
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
  // Whoever has waited too long goes his way now; a call that is in no queue any more is not offered again.
  await leaveIfOverdue(context, call);
  context.dispatcher.notTaken(call.id, ended.userId, result);
  void playWhileWaiting(context, call);
}

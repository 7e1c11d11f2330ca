import type { LegEndReason } from '../../channels/channel.ts';
import type { CallResult } from '../contract/words.ts';
import { canTransition } from '../kernel/transition.ts';
import { type CallsContext, inLine, journalEvent, move, save, saveAgainMs } from './context.ts';
import { interactionTransitions } from './interaction.ts';
import { clearOffer, type LiveCall } from './live-call.ts';
import { finishRecording } from './recording.ts';
import { readStored } from './store.ts';

/** A caller who gives up within this hardly waited; counted apart. */
export const shortAbandonMs = 5_000;

/** The caller is gone before anybody answered: the call stands on the timeline as missed. */
export const giveUp = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'abandon', () => abandon(context, call));

/** As giveUp, inside a task of the call; also an outgoing call that its agent cancels while it rings. */
export async function abandon(context: CallsContext, call: LiveCall): Promise<void> {
  if (!canTransition(interactionTransitions, call.state, 'abandon')) return;
  const { clock, dispatcher, roster, pushes } = context;
  dispatcher.remove(call.id);
  const offer = clearOffer(call);
  const now = clock.now();
  const left = leftQueue(call, now);
  move(context, call, 'abandon');
  call.endedAt = now;
  call.closedAt = now;
  call.result = abandonResult(call, now);
  hangUpBoth(context, call);
  await save(context, call, {
    type: 'interaction.abandoned',
    data: { result: call.result, ...left },
    ...(offer ? { offerEnded: { id: offer.id, userId: offer.userId, result: 'client_gone' } } : {}),
  });
  if (offer)
    pushes.push(offer.userId, {
      type: 'offer-ended',
      interactionId: call.id,
      offerId: offer.id,
      result: 'client_gone',
    });
  leave(context, call);
  const worker = offer?.userId ?? call.userId;
  // A call that could not be stored has given him back already.
  if (worker !== null && roster.agent(worker)?.work?.interactionId === call.id) roster.setWork(worker, null);
}

/** The database failed when this call was to be stored, and nobody knows whether it was: if so, it is over there too. */
export function closeIfStored(context: CallsContext, call: LiveCall): void {
  const { offer } = call;
  if (offer) call.unsaved.offersEnded.push({ id: offer.id, userId: offer.userId, result: 'client_gone' });
  // the wire refuses him itself
  call.clientLeg = null;
  const close = (): void => {
    inLine(context, call, 'close-if-stored', async () => {
      if (await readStored(context.db, call.id, 0)) await abandon(context, call);
    }).catch(() => context.clock.after(saveAgainMs, close));
  };
  close();
}

function abandonResult(call: LiveCall, now: number): CallResult {
  if (call.direction === 'out') return 'cancelled';
  return now - call.arrivedAt <= shortAbandonMs ? 'short_abandoned' : 'abandoned';
}

/** On the event by which a call leaves its queue without ever having been answered: how long it was in it. */
export const leftQueue = (call: LiveCall, now: number): { waitMs?: number } =>
  (call.state === 'queued' || call.state === 'offered') && call.answeredAt === null && !call.waiting.turnedAway
    ? { waitMs: now - call.arrivedAt }
    : {};

/** On the event by which an agent's talk is over: how long it was, times on hold in it. It is over from here on. */
export function talkEnded(call: LiveCall, now: number): { talkMs?: number } {
  const since = call.talkingSince;
  call.talkingSince = null;
  return since === null ? {} : { talkMs: now - since };
}

/** How a call in hand ended, by which leg ended first and why. */
export function resultOf(side: 'client' | 'agent', reason: LegEndReason): CallResult {
  if (reason === 'media_lost' || reason === 'unreachable') return 'media_lost';
  if (reason === 'failed' || reason === 'congestion') return 'system_error';
  return side === 'client' ? 'client_hung_up' : 'agent_hung_up';
}

/** The talk is over (or an outgoing call failed): legs end, the recording is finished, wrap-up begins. */
export async function endTalk(context: CallsContext, call: LiveCall, result: CallResult): Promise<void> {
  const input = call.state === 'dialing' ? 'fail' : 'end';
  if (!canTransition(interactionTransitions, call.state, input)) return;
  const { clock, voice, roster } = context;
  move(context, call, input);
  const now = clock.now();
  call.endedAt = now;
  call.result = result;
  const ended = { type: 'interaction.ended', data: { result, ...talkEnded(call, now) } };
  call.waiting.timer?.cancel();
  hangUpBoth(context, call);
  const wrapUpMs = call.queue.wrapUpSeconds * 1000;
  const isTimed = call.queue.wrapUpMode !== 'mandatory_discretionary';
  if (isTimed && wrapUpMs > 0) call.wrapUpUntil = now + wrapUpMs;
  await finishRecording(context, call);
  voice.release(call.callId);
  if (isTimed && wrapUpMs === 0) {
    call.unsaved.events.push(journalEvent(call, ended));
    return finish(context, call);
  }
  if (call.userId !== null)
    roster.setWork(call.userId, {
      kind: 'wrap_up',
      interactionId: call.id,
      ...(isTimed ? { until: now + wrapUpMs } : {}),
    });
  if (isTimed)
    call.wrapUpTimer = clock.after(wrapUpMs, () => void inLine(context, call, 'finish', () => finish(context, call)));
  await save(context, call, ended);
}

function hangUpBoth(context: CallsContext, call: LiveCall): void {
  for (const legId of [call.agentLeg, call.clientLeg, ...call.listeners.keys()])
    if (legId !== null) context.voice.hangUp(call.callId, legId, 'hung_up');
  call.listeners.clear();
  call.agentLeg = null;
  call.clientLeg = null;
}

/** Wrap-up is over, by the agent or by its timer: the interaction closes and the agent is free. */
export async function finish(context: CallsContext, call: LiveCall): Promise<void> {
  if (!canTransition(interactionTransitions, call.state, 'finish')) return;
  call.wrapUpTimer?.cancel();
  move(context, call, 'finish');
  call.closedAt = context.clock.now();
  call.wrapUpUntil = null;
  await save(context, call, {
    type: 'interaction.closed',
    data: {
      result: call.result,
      dispositionId: call.dispositionId,
      wrapUpMs: call.closedAt - (call.endedAt ?? call.closedAt),
    },
  });
  const { userId } = call;
  leave(context, call);
  if (userId !== null) {
    await context.presence.applyNext(userId);
    context.roster.setWork(userId, null);
  }
}

/** The call is out of our hands. */
export function leave(context: CallsContext, call: LiveCall): void {
  call.waiting.timer?.cancel();
  context.voice.release(call.callId);
  context.live.remove(call);
}

/** Ends a call whatever its state, when the process stops: nothing stays open behind it. */
export const closeDown = (context: CallsContext, call: LiveCall): Promise<void> =>
  inLine(context, call, 'close-down', async () => {
    await endTalk(context, call, 'system_error');
    await finish(context, call);
    await abandon(context, call);
  });

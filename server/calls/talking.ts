import { canTransition } from '../kernel/transition.ts';
import { type CallsContext, move, save } from './context.ts';
import { interactionTransitions } from './interaction.ts';
import { clearOffer, type LiveCall } from './live-call.ts';
import { startRecording } from './recording.ts';

/** The agent took the offer: both sides are joined, the recording starts, the offer is committed. */
export async function accept(context: CallsContext, call: LiveCall): Promise<void> {
  const { dispatcher, roster, clock } = context;
  if (!call.offer || call.clientLeg === null || !canTransition(interactionTransitions, call.state, 'accept')) return;
  const offer = clearOffer(call);
  if (!offer) return;
  dispatcher.remove(call.id);
  move(context, call, 'accept');
  call.waiting.timer?.cancel();
  const again = call.answeredAt !== null;
  call.talkingSince = clock.now();
  call.answeredAt ??= call.talkingSince;
  call.userId = offer.userId;
  roster.setWork(offer.userId, { kind: 'on_call', interactionId: call.id });
  await connect(context, call);
  await save(context, call, {
    type: 'interaction.answered',
    data: { offerId: offer.id, direction: call.direction, waitMs: call.answeredAt - call.arrivedAt, again },
    offerEnded: { id: offer.id, userId: offer.userId, result: 'accepted' },
  });
}

/** Both legs hear each other and are recorded. */
export async function connect(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.clientLeg === null || call.agentLeg === null) return;
  await context.voice.bridge(call.callId, call.clientLeg, call.agentLeg);
  if (call.queue.recordCalls) await startRecording(context, call);
}

/** The client hears music, the agent nothing. @throws AppError `illegal_transition` */
export async function hold(context: CallsContext, call: LiveCall): Promise<void> {
  move(context, call, 'hold');
  if (call.clientLeg !== null) context.voice.play(call.callId, call.clientLeg, 'music');
  if (call.agentLeg !== null) context.voice.play(call.callId, call.agentLeg, 'silence');
  await save(context, call, { type: 'interaction.held' });
}

/** Both hear each other again. @throws AppError `illegal_transition` */
export async function resume(context: CallsContext, call: LiveCall): Promise<void> {
  move(context, call, 'resume');
  if (call.clientLeg !== null && call.agentLeg !== null)
    await context.voice.bridge(call.callId, call.clientLeg, call.agentLeg);
  await save(context, call, { type: 'interaction.resumed' });
}

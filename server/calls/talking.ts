import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId, type RecordingId } from '../kernel/ids.ts';
import { canTransition } from '../kernel/transition.ts';
import { type CallsContext, move, save } from './context.ts';
import { interactionTransitions } from './interaction.ts';
import type { LiveCall } from './live-call.ts';
import { clearOffer } from './offering.ts';

/** The agent took the offer: both sides are joined, the recording starts, the offer is committed. */
export async function accept(context: CallsContext, call: LiveCall): Promise<void> {
  const { dispatcher, roster, clock } = context;
  if (!call.offer || call.clientLeg === null || !canTransition(interactionTransitions, call.state, 'accept')) return;
  const offer = clearOffer(call);
  if (!offer) return;
  dispatcher.remove(call.id);
  move(context, call, 'accept');
  call.answeredAt = clock.now();
  call.userId = offer.userId;
  roster.setWork(offer.userId, { kind: 'on_call', interactionId: call.id });
  await connect(context, call);
  await save(context, call, {
    type: 'interaction.answered',
    data: { offerId: offer.id, waitMs: call.answeredAt - call.arrivedAt },
    offerEnded: { id: offer.id, userId: offer.userId, result: 'accepted' },
  });
}

/** Both legs hear each other and are recorded. */
export async function connect(context: CallsContext, call: LiveCall): Promise<void> {
  if (call.clientLeg === null || call.agentLeg === null) return;
  await context.voice.bridge(call.callId, call.clientLeg, call.agentLeg);
  await startRecording(context, call);
}

/** A recording that cannot start is shown as failed; the call goes on. */
async function startRecording(context: CallsContext, call: LiveCall): Promise<void> {
  const { clientLeg, agentLeg } = call;
  if (!call.queue.recordCalls || call.recording || clientLeg === null || agentLeg === null) return;
  const id = newId<RecordingId>();
  const startedAt = new Date(context.clock.now());
  const path = join(startedAt.toISOString().slice(0, 10), `${id}.wav`);
  call.recording = { id, path, state: 'on' };
  try {
    const file = join(context.recordingsDir, path);
    await mkdir(dirname(file), { recursive: true });
    await context.timeline.insertRecording({ id, interactionId: call.id, path, startedAt });
    await context.voice.startRecording(call.callId, file, clientLeg, agentLeg);
  } catch (error) {
    call.recording.state = 'failed';
    context.log.error({ err: error, interactionId: call.id, recordingId: id }, 'recording could not be started');
  }
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

import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId, type RecordingId } from '../kernel/ids.ts';
import type { CallsContext } from './context.ts';
import type { LiveCall } from './live-call.ts';

/** Bounds of a voice message, both in milliseconds; left out for talks. */
export interface RecordingBounds {
  readonly maxMs: number;
  readonly silenceMs: number;
}

/**
 * Records the call from now on: both sides, or the client alone. A recording that cannot start is shown as failed; the
 * call goes on. Begun again with other legs it goes on in the same file.
 */
export async function startRecording(context: CallsContext, call: LiveCall, bounds?: RecordingBounds): Promise<void> {
  const { clientLeg, agentLeg } = call;
  if (clientLeg === null) return;
  const recording = call.recording ?? (await openRecording(context, call));
  if (recording.state !== 'on') return;
  try {
    const path = join(context.recordingsDir, recording.path);
    await mkdir(dirname(path), { recursive: true });
    await context.voice.startRecording(call.callId, { path, client: clientLeg, agent: agentLeg, ...bounds });
  } catch (error) {
    recording.state = 'failed';
    context.log.error(
      { err: error, interactionId: call.id, recordingId: recording.id },
      'recording could not be started',
    );
  }
}

async function openRecording(context: CallsContext, call: LiveCall): Promise<NonNullable<LiveCall['recording']>> {
  const id = newId<RecordingId>();
  const startedAt = new Date(context.clock.now());
  const path = join(startedAt.toISOString().slice(0, 10), `${id}.wav`);
  const recording: NonNullable<LiveCall['recording']> = { id, path, state: 'on' };
  call.recording = recording;
  try {
    await context.timeline.insertRecording({ id, interactionId: call.id, path, startedAt });
  } catch (error) {
    recording.state = 'failed';
    context.log.error({ err: error, interactionId: call.id, recordingId: id }, 'recording could not be started');
  }
  return recording;
}

/** The file is complete, or marked as failed. @returns its length in milliseconds; 0 = there is none */
export async function finishRecording(context: CallsContext, call: LiveCall): Promise<number> {
  const { recording } = call;
  if (recording?.state !== 'on') return 0;
  try {
    const result = await context.voice.stopRecording(call.callId);
    recording.state = result ? 'done' : 'failed';
    await context.timeline.finishRecording(recording.id, result);
    if (!result) await rm(join(context.recordingsDir, recording.path), { force: true });
    return result?.durationMs ?? 0;
  } catch (error) {
    recording.state = 'failed';
    context.log.error(
      { err: error, interactionId: call.id, recordingId: recording.id },
      'recording could not be finished',
    );
    return 0;
  }
}

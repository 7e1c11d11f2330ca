import type { CallId, LegId } from '../../../../server/kernel/ids.ts';
import { type MediaCall, MediaError } from '../engine.ts';
import { limits } from '../limits.ts';
import type { PlacedCall, WorkerSlot } from './placement.ts';
import type { CallCommand, OperationName, Operations } from './protocol.ts';

function textOf(sdp: Buffer): string {
  if (sdp.length > limits.sdpBytes) throw new MediaError('bad_sdp', 'description is too long');
  return sdp.toString('utf8');
}

/**
 * The main thread's handle of a call: every operation becomes a command for the call's worker, in order.
 * @param slot undefined when the engine is closed
 */
export function createMediaCall(callId: CallId, slot: WorkerSlot | undefined): MediaCall {
  const placed: PlacedCall = { legs: new Set(), closed: slot === undefined };
  slot?.calls.set(callId, placed);
  let closing: Promise<void> | undefined;

  async function ask<Name extends OperationName>(
    operation: Name,
    input: Operations[Name]['input'],
  ): Promise<Operations[Name]['output']> {
    const link = slot?.link;
    if (placed.closed || !link) throw new MediaError('closed', 'the call is closed');
    const command = { operation, input } as CallCommand;
    return (await link.ask({ kind: 'command', callId, command })) as Operations[Name]['output'];
  }

  function tell<Name extends OperationName>(operation: Name, input: Operations[Name]['input']): void {
    if (placed.closed) return;
    const command = { operation, input } as CallCommand;
    slot?.link?.tell({ kind: 'command', callId, command });
  }

  /** The leg counts from the request on, so that no event is missed; one that failed is forgotten. */
  async function adding(legId: LegId, add: () => Promise<string>): Promise<Buffer> {
    const known = placed.legs.has(legId);
    placed.legs.add(legId);
    try {
      return Buffer.from(await add());
    } catch (error) {
      if (!known) placed.legs.delete(legId);
      throw error;
    }
  }

  async function end(): Promise<void> {
    const done = ask('closeCall', {}).catch(() => undefined);
    placed.closed = true;
    placed.legs.clear();
    if (slot?.calls.get(callId) === placed) slot.calls.delete(callId);
    await done;
  }

  return {
    callId,
    answerLeg: (legId, offer) => adding(legId, async () => ask('answerLeg', { legId, offer: textOf(offer) })),
    offerLeg: (legId, kind) => adding(legId, () => ask('offerLeg', { legId, kind })),
    accept: async (legId, answer) => ask('accept', { legId, answer: textOf(answer) }),
    reanswer: async (legId, offer) => Buffer.from(await ask('reanswer', { legId, offer: textOf(offer) })),
    reoffer: async (legId) => Buffer.from(await ask('reoffer', { legId })),
    hear: (legId, sources) => tell('hear', { legId, sources }),
    sendDtmf: (legId, digits) => tell('sendDtmf', { legId, digits }),
    startRecording: (options) => ask('startRecording', options),
    pauseRecording: (paused) => tell('pauseRecording', { paused }),
    stopRecording: async () => (placed.closed ? null : ask('stopRecording', {})),
    legStats: async (legId) => (placed.closed ? null : ask('legStats', { legId })),
    removeLeg(legId) {
      placed.legs.delete(legId);
      tell('removeLeg', { legId });
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
}

import { systemClock } from '../../../../server/kernel/clock.ts';
import type { CallId } from '../../../../server/kernel/ids.ts';
import {
  type EngineStats,
  type LegKind,
  MediaError,
  type MediaEvent,
  type SoundName,
  type ToneName,
} from '../engine.ts';
import { limits } from '../limits.ts';
import { type Call, type CallContext, createCall } from './call.ts';
import { preferredProfiles } from './dtls/hello.ts';
import { openPlainTransport } from './plain-transport.ts';
import { createPortPool } from './ports.ts';
import type { CallCommand, WorkerSettings } from './protocol.ts';
import { createTones, type Sound } from './sounds.ts';
import { createTicker, tickSlots } from './ticker.ts';
import type { LegTransport, TransportHandlers } from './transport.ts';
import { openWebRtcPort, type WebRtcPort } from './webrtc-port.ts';

/** All of the engine that one thread runs. */
export interface MediaCore {
  /** Port that browsers use. */
  readonly webRtcPort: number;
  /** Runs a command; the commands of one call run one after another. @throws MediaError */
  run(callId: CallId, command: CallCommand): Promise<unknown>;
  stats(): EngineStats;
  /** Replaces a sound of the library for later plays; undefined forgets it. */
  setSound(name: SoundName, sound: Sound | undefined): void;
  /** A call with its legs: for the load generator. */
  callOf(callId: CallId): Call | undefined;
  /** Ends every call, finishes recordings, closes every socket. Idempotent. */
  close(): Promise<void>;
}

interface OpenCall {
  readonly call: Call;
  readonly slot: number;
  /** Settles when the last command has run. */
  tail: Promise<unknown>;
}

function execute(call: Call, command: CallCommand): unknown {
  switch (command.operation) {
    case 'answerLeg':
      return call.answerLeg(command.input.legId, command.input.offer);
    case 'offerLeg':
      return call.offerLeg(command.input.legId, command.input.kind);
    case 'accept':
      return call.accept(command.input.legId, command.input.answer);
    case 'reanswer':
      return call.reanswer(command.input.legId, command.input.offer);
    case 'reoffer':
      return call.reoffer(command.input.legId);
    case 'hear':
      return call.hear(command.input.legId, command.input.sources);
    case 'sendDtmf':
      return call.sendDtmf(command.input.legId, command.input.digits);
    case 'startRecording':
      return call.startRecording(command.input);
    case 'pauseRecording':
      return call.pauseRecording(command.input.paused);
    case 'stopRecording':
      return call.stopRecording();
    case 'legStats':
      return call.legStats(command.input.legId);
    case 'removeLeg':
      return call.removeLeg(command.input.legId);
    case 'closeCall':
      return call.close();
  }
}

/** Commands that may be the first of a call; all others of an unknown call come too late. */
const opens: ReadonlySet<CallCommand['operation']> = new Set(['answerLeg', 'offerLeg', 'startRecording']);

/**
 * Opens the WebRTC port and gets ready for calls.
 * @param fault told of errors that nobody waits for: mistakes of ours
 * @throws the bind error
 */
export async function createMediaCore(
  settings: WorkerSettings,
  emit: (event: MediaEvent) => void,
  fault: (error: unknown) => void,
): Promise<MediaCore> {
  const now = (): number => performance.now();
  const calls = new Map<CallId, OpenCall>();
  const slots = Array.from({ length: tickSlots }, () => new Set<Call>());
  const ticker = createTicker(now, (slot, nowMs) => {
    for (const call of slots[slot] ?? []) {
      try {
        call.tick(nowMs);
      } catch (error) {
        // Our own mistake: it must not silence the other calls of this slot.
        fault(error);
      }
    }
  });
  const pool = createPortPool({
    host: settings.host,
    ...settings.rtpPorts,
    offset: settings.index,
    stride: settings.workers,
    now,
  });
  const webRtc: WebRtcPort = await openWebRtcPort({
    host: settings.host,
    port: settings.webRtcPort,
    clock: systemClock,
    now,
    profiles: settings.srtpProfiles ?? preferredProfiles,
  });
  const sounds = new Map<SoundName, Sound>(Object.entries(createTones()) as [ToneName, Sound][]);
  let closed = false;
  let opened = 0;

  const openTransport = async (kind: LegKind, handlers: TransportHandlers): Promise<LegTransport> =>
    kind === 'webrtc' ? webRtc.open(handlers) : openPlainTransport(pool, handlers, now);

  const context: CallContext = {
    announced: settings.announceAddresses,
    sounds,
    now,
    epochNow: () => performance.timeOrigin + now(),
    emit,
    openTransport,
  };

  function open(callId: CallId): OpenCall {
    if (calls.size >= limits.callsPerWorker) throw new MediaError('no_ports', 'too many calls');
    const entry: OpenCall = { call: createCall(callId, context), slot: opened++ % tickSlots, tail: Promise.resolve() };
    calls.set(callId, entry);
    slots[entry.slot]?.add(entry.call);
    ticker.start();
    return entry;
  }

  function forget(callId: CallId, entry: OpenCall): void {
    calls.delete(callId);
    slots[entry.slot]?.delete(entry.call);
    if (calls.size === 0) ticker.stop();
  }

  /** A command for a call that has gone, or never was: harmless unless it needs a leg. */
  function unknownCall(command: CallCommand): unknown {
    const needsLeg = ['accept', 'reanswer', 'reoffer'].includes(command.operation);
    if (needsLeg) throw new MediaError('no_leg', 'the call has no legs');
    return command.operation === 'stopRecording' || command.operation === 'legStats' ? null : undefined;
  }

  async function run(callId: CallId, command: CallCommand): Promise<unknown> {
    if (closed) throw new MediaError('closed', 'the media engine is closed');
    const known = calls.get(callId);
    if (!known && !opens.has(command.operation)) return unknownCall(command);
    const entry = known ?? open(callId);
    if (command.operation === 'closeCall') forget(callId, entry);
    const result = entry.tail.then(() => execute(entry.call, command));
    entry.tail = result.catch(() => undefined);
    return result;
  }

  return {
    webRtcPort: webRtc.port,
    run,
    setSound(name, sound) {
      if (sound) sounds.set(name, sound);
      else sounds.delete(name);
    },
    callOf: (callId) => calls.get(callId)?.call,
    stats() {
      const open = [...calls.values()];
      const { ticks, late } = ticker.counts;
      return {
        calls: open.length,
        legs: open.reduce((sum, { call }) => sum + call.legs.size, 0),
        recordings: open.filter(({ call }) => call.recording).length,
        lateTicks: ticks > 0 ? late / ticks : 0,
      };
    },
    async close() {
      if (closed) return;
      const closing = [...calls.keys()].map((callId) => run(callId, { operation: 'closeCall', input: {} }));
      closed = true;
      await Promise.allSettled(closing);
      ticker.stop();
      webRtc.close();
    },
  };
}

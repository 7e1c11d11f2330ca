import type { CallId, LegId } from '../../../../server/kernel/ids.ts';
import type {
  EngineStats,
  LegKind,
  MediaEngineOptions,
  MediaError,
  MediaEvent,
  MediaSource,
  MediaStats,
  RecordingOptions,
  RecordingResult,
  SoundName,
} from '../engine.ts';
import type { Sound } from './sounds.ts';
import type { SrtpProfile } from './srtp/keys.ts';

/** What a worker does for a call. Descriptions travel as strings: cloning a Buffer would copy its whole pool. */
export interface Operations {
  answerLeg: { input: { legId: LegId; offer: string }; output: string };
  offerLeg: { input: { legId: LegId; kind: LegKind }; output: string };
  accept: { input: { legId: LegId; answer: string }; output: undefined };
  reanswer: { input: { legId: LegId; offer: string }; output: string };
  reoffer: { input: { legId: LegId }; output: string };
  hear: { input: { legId: LegId; sources: readonly MediaSource[] }; output: undefined };
  sendDtmf: { input: { legId: LegId; digits: string }; output: undefined };
  startRecording: { input: RecordingOptions; output: undefined };
  pauseRecording: { input: { paused: boolean }; output: undefined };
  stopRecording: { input: Record<never, never>; output: RecordingResult | null };
  legStats: { input: { legId: LegId }; output: MediaStats | null };
  removeLeg: { input: { legId: LegId }; output: undefined };
  closeCall: { input: Record<never, never>; output: undefined };
}

export type OperationName = keyof Operations;

/** An operation with its input; the union keeps the two together. */
export type CallCommand = {
  [Name in OperationName]: { readonly operation: Name; readonly input: Operations[Name]['input'] };
}[OperationName];

/** What a worker is started with. */
export interface WorkerSettings extends Pick<MediaEngineOptions, 'host' | 'announceAddresses' | 'rtpPorts'> {
  /** 0 = any free one. */
  readonly webRtcPort: number;
  /** This worker's number, and how many share the RTP ports. */
  readonly index: number;
  readonly workers: number;
  /** SRTP profiles that browsers may choose from, best first; left out but in tests. */
  readonly srtpProfiles?: readonly SrtpProfile[];
}

/** `id` 0 = no answer is wanted. */
export type ToWorker =
  | { readonly kind: 'command'; readonly id: number; readonly callId: CallId; readonly command: CallCommand }
  /** Puts a sound into the worker's library, or takes it out. Its memory is shared, not copied. */
  | { readonly kind: 'sound'; readonly id: number; readonly name: SoundName; readonly sound: Sound | undefined }
  | { readonly kind: 'stats'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

export interface WireError {
  readonly code: MediaError['code'] | undefined;
  readonly message: string;
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly webRtcPort: number }
  | { readonly kind: 'unable'; readonly error: WireError }
  | { readonly kind: 'result'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'event'; readonly event: MediaEvent }
  /** A mistake of ours that one packet or one tick has found. */
  | { readonly kind: 'fault'; readonly stack: string };

/** Sums worker figures; `lateTicks` weighted by nothing finer than the worker, which all tick alike. */
export function sumStats(all: readonly EngineStats[]): EngineStats {
  const sum = (figure: keyof EngineStats): number => all.reduce((total, stats) => total + stats[figure], 0);
  return {
    calls: sum('calls'),
    legs: sum('legs'),
    recordings: sum('recordings'),
    lateTicks: all.length > 0 ? sum('lateTicks') / all.length : 0,
  };
}

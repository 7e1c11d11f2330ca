import type { LegId } from '../../../../server/kernel/ids.ts';
import type { RecordingOptions, RecordingResult } from '../engine.ts';
import type { Leg, RecordingTap } from './leg.ts';
import { type Recorder, startRecorder } from './recorder.ts';

/** What a recording tells, once each time. */
export type RecordingNotice = 'silence' | 'recording-full';

/** The recording of one call, or none. */
export interface CallRecording {
  readonly active: boolean;
  /** Begins, or goes on in the same file with what is new. @throws the error of the file system */
  start(options: RecordingOptions): Promise<void>;
  tapOf(legId: LegId): RecordingTap | undefined;
  pause(paused: boolean): void;
  /** Every 20 ms. */
  tick(nowMs: number): void;
  /** @throws the first write error */
  stop(): Promise<RecordingResult | null>;
}

interface Running {
  readonly recorder: Recorder;
  options: RecordingOptions;
  /** Silence counts from the last voice, or from here. */
  readonly startedAt: number;
  /** A voice later than this ends the silence that was told. */
  silenceToldAt: number | undefined;
  fullTold: boolean;
}

/** @param notice called with the `left` leg */
export function createCallRecording(
  legs: ReadonlyMap<LegId, Leg>,
  now: () => number,
  notice: (type: RecordingNotice, legId: LegId) => void,
): CallRecording {
  let running: Running | undefined;

  const voiceAt = (legId: LegId | null): number =>
    (legId === null ? undefined : legs.get(legId)?.voice.lastVoiceAt) ?? Number.NEGATIVE_INFINITY;

  function tickSilence(current: Running, nowMs: number): void {
    const { left, right, silenceMs } = current.options;
    if (silenceMs === undefined) return;
    const lastVoiceAt = Math.max(voiceAt(left), voiceAt(right));
    if (current.silenceToldAt !== undefined && lastVoiceAt <= current.silenceToldAt) return;
    if (nowMs - Math.max(lastVoiceAt, current.startedAt) < silenceMs) return;
    current.silenceToldAt = nowMs;
    notice('silence', left);
  }

  async function stop(): Promise<RecordingResult | null> {
    const stopped = running;
    running = undefined;
    return stopped ? stopped.recorder.stop(now()) : null;
  }

  async function begin(options: RecordingOptions): Promise<Running> {
    const recorder = await startRecorder({
      path: options.path,
      channels: options.right === null ? 1 : 2,
      now,
    });
    return { recorder, options, startedAt: now(), silenceToldAt: undefined, fullTold: false };
  }

  return {
    get active() {
      return running !== undefined;
    },
    async start(options) {
      if (running && running.recorder.path !== options.path) await stop();
      running ??= await begin(options);
      running.options = options;
      running.recorder.limit(options.maxMs);
    },
    tapOf(legId) {
      if (!running) return undefined;
      const { recorder, options } = running;
      const channel = options.left === legId ? 0 : options.right === legId ? 1 : undefined;
      if (channel === undefined || channel >= recorder.channels) return undefined;
      return { recorder, channel, watchesVoice: options.silenceMs !== undefined };
    },
    pause: (paused) => running?.recorder.pause(paused),
    tick(nowMs) {
      if (!running) return;
      running.recorder.tick(nowMs);
      tickSilence(running, nowMs);
      if (running.fullTold || !running.recorder.isFull(nowMs)) return;
      running.fullTold = true;
      notice('recording-full', running.options.left);
    },
    stop,
  };
}

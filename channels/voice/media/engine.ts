/**
 * What the rest of the house sees of a media engine. `embedded/` is ours; rtpengine can be a second one.
 * All legs of one call live on one worker thread, so that relay, mixing and recording never cross threads.
 */
import type { CallId, LegId } from '../../../server/kernel/ids.ts';

/** What a leg hears: nothing, one other leg (relayed packet by packet), several (mixed), or sounds. */
export type MediaSource = { readonly kind: 'leg'; readonly legId: LegId } | SoundSource | SequenceSource;

/**
 * One sound. `loop` false ends with a `sound-ended` event. A sound that the leg hears already goes on where it is when it
 * is asked for again. A sound that is not known is silence, with `sound-ended` at once (also for a loop).
 */
export interface SoundSource {
  readonly kind: 'sound';
  readonly name: SoundName;
  readonly loop: boolean;
}

/**
 * Several sounds without a gap: `names` once each, then `thenLoop` until something else is wanted. One `sound-ended` with
 * the last of `names` when that has ended. Asked for again it starts again; a loop that was heard before it goes on where
 * it was interrupted (music, prompt, the same music). Names that are not known are left out.
 */
export interface SequenceSource {
  readonly kind: 'sequence';
  /** At most `limits.sequenceSounds`; the rest is ignored. */
  readonly names: readonly SoundName[];
  readonly thenLoop?: SoundName;
}

/** Spoken prompts in `prompts/`, by language. */
export type PromptName = `${'ru' | 'en'}/${(typeof promptTexts)[number]}`;

/**
 * Sounds that the engine makes: ringback and busy follow ITU-T E.180 (425 Hz, Russian cadence). `silence` is sent like any
 * other: carriers hang up on a call that brings them no packets.
 */
export type ToneName = 'music' | 'ringback' | 'busy' | 'beep' | 'silence';

/** A sound of the engine's library (8 kHz mono). `file:` and a name are those of `loadSound`. */
export type SoundName = ToneName | PromptName | `file:${string}`;

const promptTexts = [
  'please-wait',
  'callback-offer',
  'callback-confirmed',
  'voicemail',
  'voicemail-saved',
  'closed',
  'nobody',
  'reconnecting',
  'recording-notice',
  'goodbye',
] as const;

/** Every spoken prompt that ships with the engine. */
export const promptNames: readonly PromptName[] = (['ru', 'en'] as const).flatMap((language) =>
  promptTexts.map((text): PromptName => `${language}/${text}`),
);

export interface MediaStats {
  readonly receivedPackets: number;
  readonly sentPackets: number;
  readonly lostPackets: number;
  /** RFC 3550 section 6.4.1, milliseconds. */
  readonly jitterMs: number;
  /** From RTCP; 0 = not known yet. */
  readonly roundTripMs: number;
  /** Estimated mean opinion score of what we receive, 1-4.5 (ITU-T G.107, reduced). */
  readonly mos: number;
  /**
   * Whether the peer says something now, and when it last did (milliseconds since the epoch; null = not yet). Voice is
   * looked for while the leg is recorded with `silenceMs`, and for some seconds after every question for its figures: the
   * first answer of all knows nothing yet.
   */
  readonly speaking: boolean;
  readonly lastVoiceAt: number | null;
}

export type MediaEvent =
  /** First media can flow: DTLS is done, or the first RTP packet came. */
  | { readonly type: 'connected'; readonly callId: CallId; readonly legId: LegId }
  /** One digit, once, however often its RFC 4733 end packet is repeated. */
  | { readonly type: 'dtmf'; readonly callId: CallId; readonly legId: LegId; readonly digit: string }
  | { readonly type: 'sound-ended'; readonly callId: CallId; readonly legId: LegId; readonly name: SoundName }
  /** Nobody who is recorded has said anything for `silenceMs`. `legId` is `left`. Again only after a voice. */
  | { readonly type: 'silence'; readonly callId: CallId; readonly legId: LegId }
  /** The recording has reached `maxMs`; no more is written, and stopRecording gives the result. `legId` is `left`. */
  | { readonly type: 'recording-full'; readonly callId: CallId; readonly legId: LegId }
  /**
   * WebRTC: no consent (STUN) for 15 s (RFC 7675) or DTLS failed; the leg stays and may come back by a re-offer with new
   * ICE. Plain RTP: never by silence alone. Any kind: its worker died, and the call with it.
   */
  | { readonly type: 'lost'; readonly callId: CallId; readonly legId: LegId; readonly reason: string };

export type LegKind = 'webrtc' | 'rtp';

export interface RecordingResult {
  readonly durationMs: number;
  readonly bytes: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
}

export interface RecordingOptions {
  readonly path: string;
  readonly left: LegId;
  /** null = a mono file of `left` alone: a voice message. */
  readonly right: LegId | null;
  /** Longest file, milliseconds since its start; then `recording-full`. Left out: no bound. */
  readonly maxMs?: number;
  /** Emits `silence` after this long without a voice. Left out: never. */
  readonly silenceMs?: number;
}

export interface MediaEngine {
  /** Starts the workers and opens their WebRTC ports. @throws the bind error */
  start(): Promise<void>;
  /** Ends every call, finishes open recordings, stops the workers. Idempotent. */
  close(): Promise<void>;
  onEvent: ((event: MediaEvent) => void) | undefined;
  /** Places a call on the least loaded worker. Calls are cheap: no I/O until a leg is added. */
  openCall(callId: CallId): MediaCall;
  /**
   * Reads a WAV (8 kHz, mono, 16 bit) into the library of every worker, as the sound `file:NAME`. Replaces an earlier one
   * of that name for whatever starts to play later. May be called before start(); commands given after it has resolved
   * find the sound. Holds `limits.soundMs` each and `limits.soundsBytes` in all, once for all workers.
   * @param name 1-128 letters, digits and `. _ / -`
   * @throws MediaError `bad_sound`
   */
  loadSound(name: string, path: string): Promise<{ durationMs: number }>;
  /** Forgets `file:NAME`; whoever hears it hears it to its end. */
  unloadSound(name: string): void;
  stats(): Promise<EngineStats>;
}

export interface EngineStats {
  readonly calls: number;
  readonly legs: number;
  readonly recordings: number;
  /** Share of 20 ms ticks that ran more than 5 ms late since the start. */
  readonly lateTicks: number;
}

export interface MediaCall {
  readonly callId: CallId;
  /**
   * Adds a leg that answers the peer's offer. The kind follows from the offer: UDP/TLS/RTP/SAVPF is WebRTC, RTP/AVP is plain.
   * Resolves with our answer. @throws MediaError `no_codec`, `bad_sdp`, `no_ports`
   */
  answerLeg(legId: LegId, offer: Buffer): Promise<Buffer>;
  /** Adds a leg with our offer. `accept` completes it. */
  offerLeg(legId: LegId, kind: LegKind): Promise<Buffer>;
  /** The peer's answer to offerLeg or reoffer. A second early answer (forking) replaces the first. */
  accept(legId: LegId, answer: Buffer): Promise<void>;
  /** A re-offer of the peer (hold, ICE restart, new address): our new answer. Same port, same SSRC. */
  reanswer(legId: LegId, offer: Buffer): Promise<Buffer>;
  /** Our own new offer for a leg: for a late-offer re-INVITE. */
  reoffer(legId: LegId): Promise<Buffer>;
  /** Replaces what the leg hears. Sources that do not exist (any more) count as silence. */
  hear(legId: LegId, sources: readonly MediaSource[]): void;
  /** RFC 4733 events towards the leg's peer, 160 ms each. */
  sendDtmf(legId: LegId, digits: string): void;
  /**
   * Writes a WAV (8 kHz, 16 bit): `left` one leg, `right` another; without `right` a mono file. What a leg says is
   * recorded, not what it hears. The file is whole after every flush (the header is kept true), so a crash loses at most a
   * second. Called again with the same path it goes on in that file with other legs (after a transfer) and the new
   * bounds; a file stays mono or stereo as it began. With another path it finishes the first file.
   * @throws the error of the file system, e.g. ENOENT
   */
  startRecording(options: RecordingOptions): Promise<void>;
  /** While paused, silence is written: the file stays aligned with the call. */
  pauseRecording(paused: boolean): void;
  /**
   * Resolves when the file is complete; null when nothing was being recorded.
   * @throws the first write error, e.g. ENOSPC; what was written before it is kept
   */
  stopRecording(): Promise<RecordingResult | null>;
  legStats(legId: LegId): Promise<MediaStats | null>;
  removeLeg(legId: LegId): void;
  /** Removes every leg and finishes the recording (its result is lost unless stopRecording was awaited). Idempotent. */
  close(): Promise<void>;
}

export interface MediaEngineOptions {
  /** Address to bind, e.g. 127.0.0.1 or 0.0.0.0. */
  readonly host: string;
  /** Addresses to announce in SDP (public first); at least one. */
  readonly announceAddresses: readonly string[];
  /** First WebRTC port; worker k uses `webRtcPort + k`. 0 = any free ones. */
  readonly webRtcPort: number;
  /** RTP/RTCP pairs for plain legs, inclusive. */
  readonly rtpPorts: { readonly first: number; readonly last: number };
  readonly workers: number;
}

export class MediaError extends Error {
  readonly code: 'no_codec' | 'bad_sdp' | 'no_ports' | 'no_leg' | 'closed' | 'bad_sound';
  constructor(code: MediaError['code'], message: string) {
    super(message);
    this.name = 'MediaError';
    this.code = code;
  }
}

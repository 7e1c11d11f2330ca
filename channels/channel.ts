/**
 * The contract between the house and its channels. A channel parses and bounds what comes from its wire, hands it in
 * through the one door (`receive`), and carries out commands. Channels know nothing of clients, queues or agents.
 */
import type { CallId, LegId, TrunkId } from '../server/kernel/ids.ts';
import type { CallingVisitor, ChannelAdapter } from './channel-adapter.ts';
import type { MessageEvent } from './message-channel.ts';

export type { CallingVisitor, ChannelAdapter } from './channel-adapter.ts';

/** A caller on the wire: nothing has been answered yet. */
export interface CallArrived {
  readonly channel: 'voice';
  readonly type: 'call.arrived';
  /** Unique for this channel for ever: the same event handed in twice is stored once. */
  readonly sourceId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly callId: CallId;
  readonly legId: LegId;
  /** Which carrier; null = none, the call came from a page. */
  readonly trunkId: TrunkId | null;
  /** Absent: a telephone. */
  readonly visitor?: CallingVisitor;
  /** The caller's number as the wire wrote it, with his display name. */
  readonly from: { readonly raw: string; readonly displayName: string };
  /** Where the called number may stand, most likely first: the first that is a line of ours counts. */
  readonly to: { readonly raw: readonly string[] };
  /** Headers worth keeping with the call (P-Asserted-Identity, Diversion, X-Twilio-CallSid ...). */
  readonly facts: Readonly<Record<string, string>>;
}

/** Everything that comes in through the one door. */
export type InboundEvent = CallArrived | MessageEvent;

/** What became of an inbound event. */
export type Receipt =
  | { readonly accepted: true }
  /** Refused for a reason that the wire's own words can carry. */
  | { readonly accepted: false; readonly reason: 'unknown_number' | 'overloaded' | 'unavailable' | 'duplicate' };

/** The one door: resolves after the event is stored; only then may the wire be acknowledged. */
export type Receive = (event: InboundEvent) => Promise<Receipt>;

/** How a leg ended, in words of the field. */
export type LegEndReason =
  | 'hung_up'
  | 'cancelled'
  | 'busy'
  | 'no_answer'
  | 'rejected'
  | 'invalid_number'
  | 'congestion'
  | 'unreachable'
  | 'answered_elsewhere'
  | 'media_lost'
  | 'failed';

/** What happens to legs after a call has begun. In order for one leg; `ended` exactly once and last. */
export type LegEvent =
  /** `earlyMedia`: the far end sends sound already (an announcement, its own ringing tone). */
  | { readonly type: 'ringing'; readonly legId: LegId; readonly earlyMedia: boolean }
  /** The far end took the call; media is being set up. */
  | { readonly type: 'answered'; readonly legId: LegId }
  /** Sound can flow: DTLS is done or first packets came. */
  | { readonly type: 'connected'; readonly legId: LegId }
  | { readonly type: 'dtmf'; readonly legId: LegId; readonly digit: string }
  /** The last sound of a plan has ended. */
  | { readonly type: 'sound-ended'; readonly legId: LegId }
  | { readonly type: 'silence'; readonly legId: LegId }
  | { readonly type: 'recording-full'; readonly legId: LegId }
  | {
      readonly type: 'ended';
      readonly legId: LegId;
      readonly reason: LegEndReason;
      /** SIP status and text, for the log and the details of a timeline entry. */
      readonly status: number;
      readonly text: string;
    };

/** Tones that every voice channel has. */
export type LegTone = 'music' | 'ringback' | 'busy' | 'beep' | 'silence';

/** Sounds one after another, each once, then one for ever. Names: a tone, `ru/please-wait` and the like, `file:NAME`. */
export interface SoundPlan {
  readonly names: readonly string[];
  readonly thenLoop?: string;
}

/** What a leg hears instead of its partner. A plan tells its end with `sound-ended`. */
export type LegSound = LegTone | SoundPlan;

export interface RecordingStart {
  readonly path: string;
  readonly client: LegId;
  /** null = the client alone: a voice message. */
  readonly agent: LegId | null;
  /** Longest recording; then `recording-full`. */
  readonly maxMs?: number;
  /** `silence` after this long without a voice. */
  readonly silenceMs?: number;
}

export interface RingAgentOptions {
  readonly callId: CallId;
  readonly legId: LegId;
  /** AOR of the agent's phones. */
  readonly aor: string;
  /** Shown on a desk phone. */
  readonly caller: { readonly displayName: string; readonly number: string };
  /** `X-Switchroom-*` headers that tie the ring to its pop. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface DialOptions {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly trunkId: TrunkId;
  /** E.164. */
  readonly number: string;
  /** Our line's number, E.164: what the client sees. */
  readonly callerNumber: string;
}

export interface FinishedRecording {
  readonly durationMs: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A carrier as the voice channel needs it. */
export interface TrunkSettings {
  readonly id: TrunkId;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  /** IP or IP/prefix of its requests. */
  readonly addresses: readonly string[];
  readonly username: string;
  readonly password: string;
  readonly numberFormat: 'e164' | 'digits' | 'ru8';
}

/** Commands to the voice channel. A command for a leg that is gone is a no-op: its `ended` is on the way. */
export interface VoiceChannel extends ChannelAdapter {
  onLeg: ((callId: CallId, event: LegEvent) => void) | undefined;
  /** 180 towards a caller who is not answered yet. */
  ring(callId: CallId, legId: LegId): void;
  /** Answers a caller: his leg hears `sound` at once. Rejects when his media cannot be set up (the leg ends). */
  answer(callId: CallId, legId: LegId, sound: LegSound): Promise<void>;
  /** Rings an agent's phones. */
  ringAgent(options: RingAgentOptions): void;
  /** Calls a client through a trunk. */
  dial(options: DialOptions): void;
  /** Both legs hear each other; an unanswered caller is answered by it. */
  bridge(callId: CallId, one: LegId, other: LegId): Promise<void>;
  /** What one leg hears instead of its partner. */
  play(callId: CallId, legId: LegId, sound: LegSound): void;
  sendDtmf(callId: CallId, legId: LegId, digits: string): void;
  startRecording(callId: CallId, recording: RecordingStart): Promise<void>;
  stopRecording(callId: CallId): Promise<FinishedRecording | null>;
  /** Ends one leg: CANCEL, BYE or a refusal, as its state demands. */
  hangUp(callId: CallId, legId: LegId, reason: LegEndReason): void;
  /** Ends what is left of a call and frees its media. */
  release(callId: CallId): void;
  /** Packets that came from this leg so far; null when it is gone. */
  received(callId: CallId, legId: LegId): Promise<number | null>;
  isRegistered(aor: string): boolean;
  /** What an agent rings on: a browser shows and proves that it rings, a desk phone just does. */
  phoneKind(aor: string): 'browser' | 'desk' | null;
  /** One leg hears several others and is heard by nobody: silent listening. */
  listen(callId: CallId, legId: LegId, others: readonly LegId[]): void;
  /** An agent's phone came or went. */
  onRegistration: ((aor: string, registered: boolean) => void) | undefined;
}

import { randomInt } from 'node:crypto';
import type { LegId } from '../../../../server/kernel/ids.ts';
import { type LegKind, MediaError, type MediaSource } from '../engine.ts';
import { buildSdp } from '../sdp/build.ts';
import {
  type AudioLaw,
  type Negotiated,
  negotiateAnswer,
  negotiateOffer,
  type OwnOffer,
  ownOffer,
} from '../sdp/negotiate.ts';
import { parseSdp, type SdpDirection } from '../sdp/parse.ts';
import { type DtmfReader, type DtmfWriter, newDtmfReader, newDtmfWriter } from './dtmf.ts';
import type { JitterBuffer } from './jitter.ts';
import type { Player } from './player.ts';
import { newReceiver, type Receiver } from './receiver.ts';
import type { Recorder, RecordingChannel } from './recorder.ts';
import { newRemoteView, type RemoteView } from './rtcp.ts';
import { newRtpStream, type RtpStream } from './stream.ts';
import type { LegTransport } from './transport.ts';
import { newVoiceActivity, type VoiceActivity } from './voice-activity.ts';

/** What a leg hears, worked out from its sources: the cheapest way that serves them. */
export type Hearing =
  | { readonly kind: 'silence' }
  | { readonly kind: 'relay' }
  | { readonly kind: 'sound'; readonly player: Player }
  | { readonly kind: 'mix'; readonly legs: readonly Leg[]; readonly players: Player[] };

/** Where the packets of a recorded leg go. */
export interface RecordingTap {
  readonly recorder: Recorder;
  readonly channel: RecordingChannel;
  /** Somebody waits for this leg to fall silent. */
  readonly watchesVoice: boolean;
}

/** One peer of a call: its transport, both streams, and what it hears. */
export interface Leg {
  readonly id: LegId;
  readonly kind: LegKind;
  readonly transport: LegTransport;
  /** What we send. */
  readonly stream: RtpStream;
  /** What we receive. */
  readonly receiver: Receiver;
  readonly view: RemoteView;
  readonly dtmfIn: DtmfReader;
  readonly dtmfOut: DtmfWriter;
  readonly sessionId: number;
  version: number;
  negotiated: Negotiated | undefined;
  /** Our offer that waits for an answer, or for a second early one. */
  offered: OwnOffer | undefined;
  wanted: readonly MediaSource[];
  hearing: Hearing;
  /** Legs that this leg's packets are passed on to. */
  listeners: readonly Leg[];
  /** Present while this leg is part of a mix. */
  jitter: JitterBuffer | undefined;
  /** Its 20 ms of the present tick. */
  mixFrame: Int16Array | null;
  tap: RecordingTap | undefined;
  readonly voice: VoiceActivity;
  nextReportAt: number;
}

/** RTCP reports go out about every 5 s (RFC 3550 section 6.2), spread over the legs. */
export const reportDelayMs = (): number => 2_500 + Math.random() * 5_000;

export function newLeg(id: LegId, kind: LegKind, transport: LegTransport, nowMs: number): Leg {
  return {
    id,
    kind,
    transport,
    stream: newRtpStream(),
    receiver: newReceiver(),
    view: newRemoteView(),
    dtmfIn: newDtmfReader(),
    dtmfOut: newDtmfWriter(),
    sessionId: randomInt(2 ** 47),
    version: 0,
    negotiated: undefined,
    offered: undefined,
    wanted: [],
    hearing: { kind: 'silence' },
    listeners: [],
    jitter: undefined,
    mixFrame: null,
    tap: undefined,
    voice: newVoiceActivity(),
    // The first one earlier, so that both sides soon know the delay (RFC 3550 section 6.2 halves it, too).
    nextReportAt: nowMs + reportDelayMs() / 2,
  };
}

/** The peer's offer, read and answered for in principle, before anything is opened. @throws MediaError */
export const readOffer = (offer: string): Negotiated => negotiateOffer(parseSdp(offer));

/** Announced addresses with those of the peer's family first: a plain leg can name only one. */
function addressesFor(leg: Leg, announced: readonly string[]): readonly string[] {
  const peer = leg.negotiated?.remote.address ?? '';
  if (leg.kind === 'webrtc' || peer === '') return announced;
  const sameFamily = (address: string): boolean => address.includes(':') === peer.includes(':');
  return [...announced.filter(sameFamily), ...announced.filter((address) => !sameFamily(address))];
}

type Shape = Pick<OwnOffer, 'sections' | 'audio' | 'codecs'> & {
  readonly dtmfPayloadType: number | undefined;
  readonly direction: SdpDirection;
  readonly rtcpMux: boolean;
};

function describe(leg: Leg, announced: readonly string[], role: 'offer' | 'answer', shape: Shape): string {
  const secure = leg.transport.describe(role);
  return buildSdp({
    kind: leg.kind,
    sessionId: leg.sessionId,
    version: ++leg.version,
    addresses: addressesFor(leg, announced),
    port: leg.transport.port,
    ssrc: leg.stream.ssrc,
    ...shape,
    ...(secure ? { secure } : {}),
  });
}

/**
 * Takes the peer's offer and writes our answer; first time or re-offer.
 * @throws MediaError `bad_sdp` when the kind of the leg would change
 */
export function answerOffer(leg: Leg, negotiated: Negotiated, announced: readonly string[]): string {
  if (negotiated.kind !== leg.kind) throw new MediaError('bad_sdp', 'a leg cannot change between WebRTC and plain RTP');
  leg.negotiated = negotiated;
  leg.offered = undefined;
  leg.transport.apply(negotiated.remote, 'offer');
  return describe(leg, announced, 'answer', {
    ...negotiated,
    codecs: [negotiated.codec],
    rtcpMux: negotiated.remote.rtcpMux,
  });
}

/** Writes an offer of ours; `prefer` comes first among the codecs. */
export function makeOffer(leg: Leg, prefer: AudioLaw, announced: readonly string[]): string {
  const offer = ownOffer(leg.kind, prefer, leg.negotiated);
  leg.offered = offer;
  return describe(leg, announced, 'offer', { ...offer, direction: 'sendrecv', rtcpMux: leg.kind === 'webrtc' });
}

/** Takes the peer's answer to our last offer. @throws MediaError `bad_sdp`, `no_codec` */
export function acceptAnswer(leg: Leg, answer: string): void {
  if (!leg.offered) throw new MediaError('bad_sdp', 'an answer without an offer');
  const negotiated = negotiateAnswer(parseSdp(answer), leg.offered);
  leg.negotiated = negotiated;
  leg.transport.apply(negotiated.remote, 'answer');
}

import { type LegKind, MediaError } from '../engine.ts';
import type { SdpCodec, SdpDescription, SdpDirection, SdpFingerprint, SdpSection } from './parse.ts';

/** The two companding laws of G.711; the only audio that the engine speaks. */
export type AudioLaw = 'PCMU' | 'PCMA';

/** What we send: one law under one payload type. */
export interface AudioCodec {
  readonly law: AudioLaw;
  readonly payloadType: number;
}

/** One m= section as it must come back in every later description of the session (RFC 3264 section 8). */
export interface SectionLayout {
  readonly media: string;
  readonly proto: string;
  readonly formats: readonly string[];
  readonly mid: string | undefined;
}

/** Where the peer wants media and how it proves who it is. */
export interface RemoteMedia {
  /** Empty = not known (a name, or the old hold by 0.0.0.0): wait for its first packet. */
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
  readonly rtcpMux: boolean;
  readonly iceUfrag: string | undefined;
  readonly fingerprints: readonly SdpFingerprint[];
}

/** The outcome of an offer and its answer, from our side. */
export interface Negotiated {
  readonly kind: LegKind;
  readonly sections: readonly SectionLayout[];
  /** Index of the audio section in `sections`. */
  readonly audio: number;
  readonly codec: AudioCodec;
  /** Law by payload type, for everything that the peer may send. */
  readonly receive: ReadonlyMap<number, AudioLaw>;
  /** RFC 4733 towards the peer; undefined = the peer does not take events. */
  readonly dtmfPayloadType: number | undefined;
  readonly dtmfReceive: ReadonlySet<number>;
  /** Our direction: what the answer says, or what the peer's answer leaves us. */
  readonly direction: SdpDirection;
  readonly remote: RemoteMedia;
}

/** What we put into an offer of our own. */
export interface OwnOffer {
  readonly kind: LegKind;
  readonly sections: readonly SectionLayout[];
  readonly audio: number;
  /** In order of preference. */
  readonly codecs: readonly AudioCodec[];
  readonly dtmfPayloadType: number;
}

const mirrored: Readonly<Record<SdpDirection, SdpDirection>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

const isWebRtc = (section: SdpSection): boolean =>
  /^(UDP\/TLS\/RTP\/SAVPF?|RTP\/SAVPF)$/.test(section.proto) && section.fingerprints.length > 0;
const isPlain = (section: SdpSection): boolean => /^RTP\/AVPF?$/.test(section.proto);

const isG711 = (codec: SdpCodec): codec is SdpCodec & { readonly name: AudioLaw } =>
  (codec.name === 'PCMU' || codec.name === 'PCMA') && codec.clockRate === 8000 && codec.channels === 1;
const isDtmf = (codec: SdpCodec): boolean => codec.name === 'TELEPHONE-EVENT' && codec.clockRate === 8000;

function audioIndex(description: SdpDescription): number {
  const index = description.sections.findIndex(
    (section) => section.media === 'audio' && section.port !== 0 && (isWebRtc(section) || isPlain(section)),
  );
  if (index < 0) throw new MediaError('bad_sdp', 'no usable audio section');
  return index;
}

/** RFC 2543 peers hold with the address 0.0.0.0; that is no address to send to. */
function remoteOf(section: SdpSection): RemoteMedia {
  const address = section.address === '0.0.0.0' || section.address === '::' ? '' : section.address;
  return {
    address,
    port: section.port,
    rtcpMux: section.rtcpMux,
    rtcpPort: section.rtcpPort ?? Math.min(section.port + 1, 65535),
    iceUfrag: section.iceUfrag,
    fingerprints: section.fingerprints,
  };
}

/** What the peer's direction leaves us, with the old hold by address taken into account. */
function ownDirection(section: SdpSection): SdpDirection {
  const held = isPlain(section) && (section.address === '0.0.0.0' || section.address === '::');
  const theirs = held && section.direction === 'sendrecv' ? 'sendonly' : section.direction;
  return mirrored[theirs];
}

function checkWebRtc(section: SdpSection, role: 'offer' | 'answer'): void {
  if (!section.iceUfrag || !section.icePwd) throw new MediaError('bad_sdp', 'no ICE credentials');
  if (!section.rtcpMux) throw new MediaError('bad_sdp', 'RTP and RTCP must share a port (RFC 8834 section 4.5)');
  // We are only ever the DTLS server; browsers answer "active" and offer "actpass" (RFC 8842 section 5).
  const wanted = role === 'offer' ? ['actpass', 'active', undefined] : ['active'];
  if (!wanted.includes(section.setup)) throw new MediaError('bad_sdp', 'the peer must be the DTLS client');
}

/**
 * Chooses from the peer's offer (RFC 3264 section 6): its first G.711 law, its telephone-event at 8 kHz, the mirrored
 * direction. Sections that we do not take stay in the layout and are refused in the answer.
 * @throws MediaError `bad_sdp`, `no_codec`
 */
export function negotiateOffer(offer: SdpDescription): Negotiated {
  const audio = audioIndex(offer);
  const section = offer.sections[audio] as SdpSection;
  const kind: LegKind = isWebRtc(section) ? 'webrtc' : 'rtp';
  if (kind === 'webrtc') checkWebRtc(section, 'offer');
  const codec = section.codecs.find(isG711);
  if (!codec) throw new MediaError('no_codec', 'neither PCMU nor PCMA is offered');
  const dtmf = section.codecs.find(isDtmf)?.payloadType;
  return {
    kind,
    audio,
    sections: offer.sections.map(({ media, proto, formats, mid }) => ({ media, proto, formats, mid })),
    codec: { law: codec.name, payloadType: codec.payloadType },
    receive: new Map([[codec.payloadType, codec.name]]),
    dtmfPayloadType: dtmf,
    dtmfReceive: new Set(dtmf === undefined ? [] : [dtmf]),
    direction: ownDirection(section),
    remote: remoteOf(section),
  };
}

/**
 * Reads the peer's answer to our offer. We send what the answer lists first; we receive what we offered and, because
 * some peers number freely, what the answer lists (RFC 3264 sections 5.1 and 6.1).
 * @throws MediaError `bad_sdp`, `no_codec`
 */
export function negotiateAnswer(answer: SdpDescription, ours: OwnOffer): Negotiated {
  const section = answer.sections[ours.audio];
  if (section?.media !== 'audio')
    throw new MediaError('bad_sdp', 'the answer has no audio section where we offered it');
  if (section.port === 0) throw new MediaError('no_codec', 'the peer refused the audio');
  if (ours.kind === 'webrtc') {
    if (!isWebRtc(section)) throw new MediaError('bad_sdp', 'the answer is not DTLS-SRTP');
    checkWebRtc(section, 'answer');
  } else if (!isPlain(section)) throw new MediaError('bad_sdp', 'the answer is not plain RTP');
  const codec = section.codecs.find(isG711);
  if (!codec) throw new MediaError('no_codec', 'the answer has neither PCMU nor PCMA');
  const dtmf = section.codecs.filter(isDtmf).map((each) => each.payloadType);
  return {
    kind: ours.kind,
    audio: ours.audio,
    sections: ours.sections,
    codec: { law: codec.name, payloadType: codec.payloadType },
    receive: new Map([
      ...ours.codecs.map((each) => [each.payloadType, each.law] as const),
      ...section.codecs.filter(isG711).map((each) => [each.payloadType, each.name] as const),
    ]),
    dtmfPayloadType: dtmf[0],
    dtmfReceive: new Set([ours.dtmfPayloadType, ...dtmf]),
    direction: ownDirection(section),
    remote: remoteOf(section),
  };
}

/**
 * An offer of ours: both laws, `prefer` first. In a running session `current` keeps sections and payload types as they
 * were (RFC 3264 section 8.3.2).
 */
export function ownOffer(kind: LegKind, prefer: AudioLaw, current?: Negotiated): OwnOffer {
  const fresh: SectionLayout = {
    media: 'audio',
    proto: kind === 'webrtc' ? 'UDP/TLS/RTP/SAVPF' : 'RTP/AVP',
    formats: [],
    mid: kind === 'webrtc' ? '0' : undefined,
  };
  const laws: readonly AudioLaw[] = prefer === 'PCMU' ? ['PCMU', 'PCMA'] : ['PCMA', 'PCMU'];
  const used = current?.codec;
  return {
    kind,
    sections: current?.sections ?? [fresh],
    audio: current?.audio ?? 0,
    codecs: laws.map((law) => ({
      law,
      payloadType: used?.law === law ? used.payloadType : law === 'PCMU' ? 0 : 8,
    })),
    dtmfPayloadType: current?.dtmfPayloadType ?? 101,
  };
}

/** Whether we may send: the peer has not put us on hold. */
export const maySend = (negotiated: Negotiated): boolean =>
  negotiated.direction === 'sendrecv' || negotiated.direction === 'sendonly';

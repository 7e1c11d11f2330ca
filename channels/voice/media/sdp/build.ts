import type { LegKind } from '../engine.ts';
import type { AudioCodec, SectionLayout } from './negotiate.ts';
import type { SdpDirection } from './parse.ts';

/** The ICE-lite and DTLS side of a WebRTC description. */
export interface SecureMedia {
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of our certificate, upper case with colons. */
  readonly fingerprint: string;
  /** Always `passive` in an answer: we are the DTLS server (RFC 8842 section 5.3). */
  readonly setup: 'actpass' | 'passive';
}

export interface SdpOptions {
  readonly kind: LegKind;
  readonly sessionId: number;
  /** Grows with every description of the session (RFC 8866 section 5.2). */
  readonly version: number;
  /** Announced addresses, best first; at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly ssrc: number;
  readonly sections: readonly SectionLayout[];
  /** Index of our audio in `sections`; all others are refused with port 0. */
  readonly audio: number;
  readonly codecs: readonly AudioCodec[];
  readonly dtmfPayloadType: number | undefined;
  readonly direction: SdpDirection;
  readonly rtcpMux: boolean;
  /** Present exactly for WebRTC. */
  readonly secure?: SecureMedia;
}

const family = (address: string): string => (address.includes(':') ? 'IP6' : 'IP4');

/** RFC 8445 section 5.1.2: host candidates of one component, in the order of `addresses`. */
function candidates(addresses: readonly string[], port: number): string[] {
  return addresses.map((address, i) => {
    const priority = 126 * 2 ** 24 + (65535 - i) * 2 ** 8 + 255;
    return `a=candidate:${i + 1} 1 udp ${priority} ${address} ${port} typ host`;
  });
}

function codecLines(options: SdpOptions): string[] {
  const lines = options.codecs.map((codec) => `a=rtpmap:${codec.payloadType} ${codec.law}/8000`);
  const dtmf = options.dtmfPayloadType;
  if (dtmf !== undefined) lines.push(`a=rtpmap:${dtmf} telephone-event/8000`, `a=fmtp:${dtmf} 0-15`);
  return [...lines, 'a=ptime:20'];
}

function secureLines(options: SdpOptions, secure: SecureMedia): string[] {
  return [
    `a=ice-ufrag:${secure.ufrag}`,
    `a=ice-pwd:${secure.pwd}`,
    `a=fingerprint:sha-256 ${secure.fingerprint}`,
    `a=setup:${secure.setup}`,
    'a=msid:switchroom audio',
    `a=ssrc:${options.ssrc} cname:switchroom`,
    ...candidates(options.addresses, options.port),
    'a=end-of-candidates',
  ];
}

function audioLines(options: SdpOptions, section: SectionLayout): string[] {
  const [address = ''] = options.addresses;
  const types = [...options.codecs.map((codec) => codec.payloadType), options.dtmfPayloadType];
  return [
    `m=audio ${options.port} ${section.proto} ${types.filter((type) => type !== undefined).join(' ')}`,
    `c=IN ${family(address)} ${address}`,
    ...(section.mid === undefined ? [] : [`a=mid:${section.mid}`]),
    ...codecLines(options),
    `a=${options.direction}`,
    ...(options.rtcpMux ? ['a=rtcp-mux'] : []),
    ...(options.secure ? secureLines(options, options.secure) : []),
  ];
}

/** A refused section must come back with the formats it was offered with (RFC 3264 section 6), and its mid. */
function refusedLines(section: SectionLayout): string[] {
  const formats = section.formats.length > 0 ? section.formats.join(' ') : '0';
  return [
    `m=${section.media} 0 ${section.proto} ${formats}`,
    ...(section.mid === undefined ? [] : [`a=mid:${section.mid}`]),
    'a=inactive',
  ];
}

/** Writes our offer or answer (RFC 8866; WebRTC as in RFC 8829), CRLF lines. */
export function buildSdp(options: SdpOptions): string {
  const [address = ''] = options.addresses;
  const mid = options.sections[options.audio]?.mid;
  const lines = [
    'v=0',
    `o=- ${options.sessionId} ${options.version} IN ${family(address)} ${address}`,
    's=-',
    // Some gateways look for the connection line in the session part only.
    `c=IN ${family(address)} ${address}`,
    't=0 0',
    ...(options.secure ? ['a=ice-lite', 'a=msid-semantic: WMS switchroom'] : []),
    ...(options.secure && mid !== undefined ? [`a=group:BUNDLE ${mid}`] : []),
    ...options.sections.flatMap((section, i) =>
      i === options.audio ? audioLines(options, section) : refusedLines(section),
    ),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

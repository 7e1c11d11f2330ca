import { isIP } from 'node:net';
import { MediaError } from '../engine.ts';
import { limits } from '../limits.ts';

export type SdpDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One payload type of a section with its encoding (RFC 8866 section 6.6). `name` is upper case. */
export interface SdpCodec {
  readonly name: string;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels: number;
}

/** RFC 8122 section 5. `value` is upper case with colons. */
export interface SdpFingerprint {
  readonly algorithm: 'sha-256' | 'sha-384' | 'sha-512';
  readonly value: string;
}

/** One m= section; what the session level says is already inherited. */
export interface SdpSection {
  readonly media: string;
  /** 0 = refused or switched off (RFC 3264 section 6). */
  readonly port: number;
  readonly proto: string;
  readonly formats: readonly string[];
  /** IP address of the c= line; empty when it is absent or a name (names are not resolved). */
  readonly address: string;
  readonly codecs: readonly SdpCodec[];
  readonly direction: SdpDirection;
  readonly mid: string | undefined;
  readonly rtcpMux: boolean;
  /** RFC 3605. */
  readonly rtcpPort: number | undefined;
  readonly iceUfrag: string | undefined;
  readonly icePwd: string | undefined;
  readonly fingerprints: readonly SdpFingerprint[];
  readonly setup: string | undefined;
}

export interface SdpDescription {
  readonly sections: readonly SdpSection[];
}

/** Attributes of the session or of one section while they are read. */
interface Scope {
  address: string | undefined;
  direction: SdpDirection | undefined;
  mid: string | undefined;
  rtcpMux: boolean;
  rtcpPort: number | undefined;
  iceUfrag: string | undefined;
  icePwd: string | undefined;
  fingerprints: SdpFingerprint[];
  setup: string | undefined;
  readonly rtpmaps: Map<number, SdpCodec>;
}

interface OpenSection {
  readonly media: string;
  readonly port: number;
  readonly proto: string;
  readonly formats: readonly string[];
  readonly scope: Scope;
}

/** Payload types that need no rtpmap (RFC 3551 section 6). */
const staticCodecs: ReadonlyMap<number, SdpCodec> = new Map([
  [0, { name: 'PCMU', payloadType: 0, clockRate: 8000, channels: 1 }],
  [8, { name: 'PCMA', payloadType: 8, clockRate: 8000, channels: 1 }],
]);

const newScope = (): Scope => ({
  address: undefined,
  direction: undefined,
  mid: undefined,
  rtcpMux: false,
  rtcpPort: undefined,
  iceUfrag: undefined,
  icePwd: undefined,
  fingerprints: [],
  setup: undefined,
  rtpmaps: new Map(),
});

const matched = (pattern: RegExp, value: string): string | undefined => pattern.exec(value)?.[1];

function readRtpmap(scope: Scope, value: string): void {
  const match = /^(\d{1,3}) ([\w.+-]{1,40})\/(\d{1,6})(?:\/(\d{1,2}))?\s*$/.exec(value);
  if (!match || scope.rtpmaps.size >= limits.sdpFormats) return;
  const [, type = '', name = '', clock = '', channels = '1'] = match;
  const payloadType = Number(type);
  if (payloadType > 127) return;
  scope.rtpmaps.set(payloadType, {
    name: name.toUpperCase(),
    payloadType,
    clockRate: Number(clock),
    channels: Number(channels),
  });
}

function readFingerprint(scope: Scope, value: string): void {
  const match = /^(sha-256|sha-384|sha-512)\s+((?:[0-9a-f]{2}:){31,63}[0-9a-f]{2})\s*$/i.exec(value);
  if (!match || scope.fingerprints.length >= limits.sdpFingerprints) return;
  const [, algorithm = '', hash = ''] = match;
  scope.fingerprints.push({
    algorithm: algorithm.toLowerCase() as SdpFingerprint['algorithm'],
    value: hash.toUpperCase(),
  });
}

function readRtcpPort(scope: Scope, value: string): void {
  const port = Number(matched(/^(\d{1,5})(?:\s|$)/, value) ?? Number.NaN);
  if (port > 0 && port < 65536) scope.rtcpPort = port;
}

function setRtcpMux(scope: Scope): void {
  scope.rtcpMux = true;
}

const setDirection =
  (direction: SdpDirection) =>
  (scope: Scope): void => {
    scope.direction = direction;
  };

/** Keeps the part that matches, or nothing. */
const setMatched =
  (key: 'mid' | 'setup' | 'iceUfrag' | 'icePwd', pattern: RegExp) =>
  (scope: Scope, value: string): void => {
    scope[key] = matched(pattern, value);
  };

/** Attributes that we read; all others are skipped. Lengths of the ICE values: RFC 8839 section 5.4. */
const attributes: ReadonlyMap<string, (scope: Scope, value: string) => void> = new Map([
  ['sendrecv', setDirection('sendrecv')],
  ['sendonly', setDirection('sendonly')],
  ['recvonly', setDirection('recvonly')],
  ['inactive', setDirection('inactive')],
  ['rtpmap', readRtpmap],
  ['fingerprint', readFingerprint],
  ['rtcp', readRtcpPort],
  ['rtcp-mux', setRtcpMux],
  ['mid', setMatched('mid', /^([!-~]{1,64})\s*$/)],
  ['setup', setMatched('setup', /^(active|passive|actpass|holdconn)\s*$/)],
  ['ice-ufrag', setMatched('iceUfrag', /^([\w+/-]{4,256})\s*$/)],
  ['ice-pwd', setMatched('icePwd', /^([\w+/-]{22,256})\s*$/)],
]);

function readAttribute(scope: Scope, value: string): void {
  const colon = value.indexOf(':');
  const name = (colon < 0 ? value : value.slice(0, colon)).trim();
  attributes.get(name)?.(scope, colon < 0 ? '' : value.slice(colon + 1));
}

/** Multicast and broadcast are no places to send a call to. */
function readConnection(scope: Scope, value: string): void {
  const address = matched(/^IN\s+IP[46]\s+([^\s/]{1,64})/i, value) ?? '';
  const groupOrBroadcast = /^(22[4-9]|23\d|255)\./.test(address) || /^ff/i.test(address);
  scope.address = isIP(address) !== 0 && !groupOrBroadcast ? address : '';
}

function readMedia(value: string): OpenSection {
  const [media = '', port = '', proto = '', ...formats] = value.trim().split(/\s+/);
  const number = Number(matched(/^(\d{1,5})(?:\/\d+)?$/, port) ?? Number.NaN);
  if (!/^[a-z]{1,20}$/.test(media) || !(number < 65536) || !/^[A-Za-z0-9/]{1,40}$/.test(proto)) {
    throw new MediaError('bad_sdp', 'malformed m= line');
  }
  if (formats.length > limits.sdpFormats) throw new MediaError('bad_sdp', 'too many formats in an m= line');
  if (!formats.every((format) => /^[\w.+-]{1,40}$/.test(format))) throw new MediaError('bad_sdp', 'malformed format');
  return { media, port: number, proto, formats, scope: newScope() };
}

function codecsOf(section: OpenSection): SdpCodec[] {
  const codecs = new Map<number, SdpCodec>();
  for (const format of section.formats) {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : -1;
    const codec = section.scope.rtpmaps.get(payloadType) ?? staticCodecs.get(payloadType);
    if (codec) codecs.set(payloadType, codec);
  }
  return [...codecs.values()];
}

function finish(section: OpenSection, session: Scope): SdpSection {
  const { scope } = section;
  return {
    media: section.media,
    port: section.port,
    proto: section.proto,
    formats: section.formats,
    address: scope.address ?? session.address ?? '',
    codecs: codecsOf(section),
    direction: scope.direction ?? session.direction ?? 'sendrecv',
    mid: scope.mid,
    rtcpMux: scope.rtcpMux,
    rtcpPort: scope.rtcpPort,
    iceUfrag: scope.iceUfrag ?? session.iceUfrag,
    icePwd: scope.icePwd ?? session.icePwd,
    fingerprints: scope.fingerprints.length > 0 ? scope.fingerprints : session.fingerprints,
    setup: scope.setup ?? session.setup,
  };
}

/**
 * Reads a session description (RFC 8866) as far as a telephone needs it. Unknown lines and malformed attributes are
 * skipped, because gateways send many of both.
 * @throws MediaError `bad_sdp` when it is no SDP, has a malformed m= line, or passes a bound of limits.ts
 */
export function parseSdp(text: string): SdpDescription {
  if (text.length > limits.sdpBytes) throw new MediaError('bad_sdp', 'description is too long');
  const lines = text.split(/\r\n|\n|\r/, limits.sdpLines + 1);
  if (lines.length > limits.sdpLines) throw new MediaError('bad_sdp', 'description has too many lines');
  if (!lines[0]?.startsWith('v=0')) throw new MediaError('bad_sdp', 'description does not start with v=0');
  const session = newScope();
  const sections: OpenSection[] = [];
  for (const line of lines) {
    const scope = sections.at(-1)?.scope ?? session;
    const value = line.slice(2);
    if (line.startsWith('a=')) readAttribute(scope, value);
    else if (line.startsWith('c=')) readConnection(scope, value);
    else if (line.startsWith('m=')) {
      if (sections.length >= limits.sdpSections) throw new MediaError('bad_sdp', 'too many m= lines');
      sections.push(readMedia(value));
    }
  }
  return { sections: sections.map((section) => finish(section, session)) };
}

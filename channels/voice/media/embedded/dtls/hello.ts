import { type SrtpProfile, srtpProfiles } from '../srtp/keys.ts';
import {
  alertDescription,
  createReader,
  DtlsFailure,
  dtls12,
  uint8,
  uint16,
  uint16List,
  vector8,
  vector16,
} from './wire.ts';

/** Named groups for the key exchange (RFC 8422 section 5.1.1). */
export const groups = { secp256r1: 23, x25519: 29 } as const;
export type Group = (typeof groups)[keyof typeof groups];

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (RFC 5289): mandatory for WebRTC (RFC 8827 section 6.5), and enough. */
const cipherSuite = 0xc02b;

const extension = {
  supportedGroups: 10,
  ecPointFormats: 11,
  useSrtp: 14,
  extendedMasterSecret: 23,
  supportedVersions: 43,
  renegotiationInfo: 0xff01,
} as const;

/** What a ClientHello and we have in common. */
export interface HelloChoice {
  readonly clientRandom: Buffer;
  readonly group: Group;
  readonly profile: SrtpProfile;
  /** RFC 7627. */
  readonly extendedMasterSecret: boolean;
}

function readExtensions(data: Buffer): ReadonlyMap<number, Buffer> {
  const extensions = new Map<number, Buffer>();
  const reader = createReader(data);
  while (reader.left > 0) extensions.set(reader.uint16(), reader.vector16());
  return extensions;
}

const listIn = (data: Buffer | undefined): number[] => (data ? uint16List(createReader(data).vector16()) : []);

/** Browsers offer DTLS 1.3 as well and fall back; only a client without 1.2 is refused. */
function speaksDtls12(legacyVersion: number, supportedVersions: Buffer | undefined): boolean {
  if (!supportedVersions) return legacyVersion <= dtls12;
  return uint16List(createReader(supportedVersions).vector8()).includes(dtls12);
}

/**
 * Reads a ClientHello (RFC 5246 section 7.4.1.2) and chooses.
 * @param accept profiles that we take, best first
 * @throws DtlsFailure when it is malformed or nothing is in common
 */
export function chooseFromHello(body: Buffer, accept: readonly SrtpProfile[]): HelloChoice {
  const reader = createReader(body);
  const version = reader.uint16();
  const clientRandom = Buffer.from(reader.bytes(32));
  reader.vector8(); // Session id: we resume nothing.
  reader.vector8(); // Cookie: STUN has proved the address already.
  const suites = uint16List(reader.vector16());
  reader.vector8(); // Compression methods: none is always among them.
  const extensions = reader.left > 0 ? readExtensions(reader.vector16()) : new Map<number, Buffer>();
  if (!speaksDtls12(version, extensions.get(extension.supportedVersions))) {
    throw new DtlsFailure(alertDescription.protocolVersion, 'the peer does not speak DTLS 1.2');
  }
  if (!suites.includes(cipherSuite)) throw new DtlsFailure(alertDescription.handshakeFailure, 'no common cipher suite');
  const offeredGroups = listIn(extensions.get(extension.supportedGroups));
  const group = [groups.x25519, groups.secp256r1].find((each) => offeredGroups.includes(each));
  if (!group) throw new DtlsFailure(alertDescription.handshakeFailure, 'no common group');
  const offeredProfiles = listIn(extensions.get(extension.useSrtp));
  const profile = accept.find((each) => offeredProfiles.includes(each));
  if (!profile) throw new DtlsFailure(alertDescription.handshakeFailure, 'no common SRTP profile');
  return { clientRandom, group, profile, extendedMasterSecret: extensions.has(extension.extendedMasterSecret) };
}

/** Profiles in our order: AES-CM costs a fifth of GCM here. */
export const preferredProfiles: readonly SrtpProfile[] = [srtpProfiles.aes128CmSha1Tag80, srtpProfiles.aeadAes128Gcm];

const extensionOf = (type: number, data: Buffer): Buffer => Buffer.concat([uint16(type), vector16(data)]);

/** The body of our ServerHello (RFC 5246 section 7.4.1.3, use_srtp: RFC 5764 section 4.1.1). */
export function serverHello(choice: HelloChoice, serverRandom: Buffer): Buffer {
  const extensions = Buffer.concat([
    extensionOf(extension.renegotiationInfo, uint8(0)),
    extensionOf(extension.ecPointFormats, vector8(uint8(0))),
    ...(choice.extendedMasterSecret ? [extensionOf(extension.extendedMasterSecret, Buffer.alloc(0))] : []),
    extensionOf(extension.useSrtp, Buffer.concat([vector16(uint16(choice.profile)), uint8(0)])),
  ]);
  const sessionId = vector8(Buffer.alloc(0));
  const noCompression = uint8(0);
  return Buffer.concat([
    uint16(dtls12),
    serverRandom,
    sessionId,
    uint16(cipherSuite),
    noCompression,
    vector16(extensions),
  ]);
}

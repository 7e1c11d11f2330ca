import { limits } from '../../limits.ts';
import { rtpHeaderLength } from '../rtp.ts';
import type { PacketCipher } from './cipher.ts';
import { createCm80 } from './cm80.ts';
import { createGcm } from './gcm.ts';
import { deriveSessionKeys, type MasterKey, srtpProfiles } from './keys.ts';
import { guessIndex, type IndexWindow, isReplay, markSeen, newIndexWindow } from './window.ts';

/** Protects what one side sends. */
export interface SrtpSender {
  /** Protects the first `length` octets in place; the new length. The buffer needs 16 octets of room. */
  protect(packet: Buffer, length: number): number;
  /** A protected copy of a compound RTCP packet. */
  protectRtcp(packet: Buffer): Buffer;
}

/** Checks and opens what the other side sends. */
export interface SrtpReceiver {
  /** Decrypts in place; the length of the plain packet, or -1 for a forgery, a replay or no RTP. */
  unprotect(packet: Buffer): number;
  /** The plain compound packet, or null. */
  unprotectRtcp(packet: Buffer): Buffer | null;
}

/** Octets of an RTCP packet that are never encrypted: header and SSRC (RFC 3711 section 3.4). */
const rtcpClear = 8;
/** E flag and index. */
const rtcpTrailer = 4;
const maxRtcpIndex = 0x7fffffff;

function createCipher(master: MasterKey, use: 'rtp' | 'rtcp'): PacketCipher {
  const keys = deriveSessionKeys(master, use);
  return master.profile === srtpProfiles.aes128CmSha1Tag80 ? createCm80(keys, use) : createGcm(keys, use);
}

/** In AES-CM the index comes before the tag (RFC 3711 section 3.4), in AEAD after it (RFC 7714 section 9). */
const indexFirst = (master: MasterKey): boolean => master.profile === srtpProfiles.aes128CmSha1Tag80;

export function createSrtpSender(master: MasterKey): SrtpSender {
  const rtp = createCipher(master, 'rtp');
  const rtcp = createCipher(master, 'rtcp');
  const window = newIndexWindow();
  let rtcpIndex = 0;
  return {
    protect(packet, length) {
      const index = guessIndex(window, packet.readUInt16BE(2));
      if (index > window.highest) window.highest = index;
      return rtp.seal(packet, rtpHeaderLength(packet, length), length, packet.readUInt32BE(8), index);
    },
    protectRtcp(plain) {
      rtcpIndex = (rtcpIndex + 1) & maxRtcpIndex;
      const packet = Buffer.alloc(plain.length + rtcp.tagBytes + rtcpTrailer);
      plain.copy(packet);
      const sealed = rtcp.seal(packet, rtcpClear, plain.length, plain.readUInt32BE(4), rtcpIndex);
      const trailerAt = indexFirst(master) ? plain.length : sealed;
      if (indexFirst(master)) packet.copy(packet, plain.length + rtcpTrailer, plain.length, sealed);
      packet.writeUInt32BE((rtcpIndex | 0x80000000) >>> 0, trailerAt);
      return packet;
    },
  };
}

/** Windows by SSRC; the oldest goes when a peer uses more than limits.srtpSources of them. */
function remember(windows: Map<number, IndexWindow>, ssrc: number, window: IndexWindow): void {
  const [oldest] = windows.keys();
  if (windows.size >= limits.srtpSources && oldest !== undefined) windows.delete(oldest);
  windows.set(ssrc, window);
}

/** Moves the trailer of an SRTCP packet behind the tag, so that both profiles look alike. Returns E flag and index. */
function takeTrailer(packet: Buffer, tagBytes: number, first: boolean): number {
  const at = first ? packet.length - tagBytes - rtcpTrailer : packet.length - rtcpTrailer;
  const trailer = packet.readUInt32BE(at);
  if (first) packet.copy(packet, at, at + rtcpTrailer, packet.length);
  return trailer;
}

export function createSrtpReceiver(master: MasterKey): SrtpReceiver {
  const rtp = createCipher(master, 'rtp');
  const rtcp = createCipher(master, 'rtcp');
  const windows = new Map<number, IndexWindow>();
  const rtcpWindows = new Map<number, IndexWindow>();
  return {
    unprotect(packet) {
      const header = rtpHeaderLength(packet, packet.length - rtp.tagBytes);
      if (header < 0) return -1;
      const ssrc = packet.readUInt32BE(8);
      const known = windows.get(ssrc);
      const window = known ?? newIndexWindow();
      const index = guessIndex(window, packet.readUInt16BE(2));
      if (isReplay(window, index)) return -1;
      const length = rtp.open(packet, header, packet.length, ssrc, index);
      if (length < 0) return -1;
      // Only an authentic packet may change what we know (RFC 3711 section 3.3).
      if (!known) remember(windows, ssrc, window);
      markSeen(window, index);
      return length;
    },
    unprotectRtcp(packet) {
      if (packet.length < rtcpClear + rtcp.tagBytes + rtcpTrailer) return null;
      const trailer = takeTrailer(packet, rtcp.tagBytes, indexFirst(master));
      // Unencrypted SRTCP is optional and nobody sends it.
      if (trailer >>> 31 === 0) return null;
      const index = trailer & maxRtcpIndex;
      const ssrc = packet.readUInt32BE(4);
      const known = rtcpWindows.get(ssrc);
      const window = known ?? newIndexWindow();
      if (isReplay(window, index)) return null;
      const length = rtcp.open(packet, rtcpClear, packet.length - rtcpTrailer, ssrc, index);
      if (length < 0) return null;
      if (!known) remember(rtcpWindows, ssrc, window);
      markSeen(window, index);
      return packet.subarray(0, length);
    },
  };
}

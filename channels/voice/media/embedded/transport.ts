import type { SecureMedia } from '../sdp/build.ts';
import type { RemoteMedia } from '../sdp/negotiate.ts';

/** How a leg's packets reach its peer: plain RTP on a port pair of its own, or DTLS-SRTP on the worker's shared port. */
export interface LegTransport {
  /** The port to announce. */
  readonly port: number;
  /** Whether media can go out now. */
  ready(): boolean;
  /** Sends an RTP packet of `length` octets; may encrypt in place and grow it. */
  send(packet: Buffer, length: number): void;
  sendRtcp(packet: Buffer): void;
  /** Takes the peer's side of a description, which is its offer or its answer to ours; again after every re-offer. */
  apply(remote: RemoteMedia, role: 'offer' | 'answer'): void;
  /** Our secrets for a description; undefined for plain RTP. */
  describe(role: 'offer' | 'answer'): SecureMedia | undefined;
  /** Frees sockets, keys and timers. Idempotent; no handler is called afterwards. */
  close(): void;
}

/** What a transport reports. Packets are authentic and decrypted. */
export interface TransportHandlers {
  /** The first `length` octets are an RTP packet; the buffer is the handler's. */
  rtp(packet: Buffer, length: number): void;
  rtcp(packet: Buffer): void;
  /** Once: media can flow. */
  connected(): void;
  /** The peer is gone or could not prove itself. Again only after it had come back. */
  lost(reason: string): void;
}

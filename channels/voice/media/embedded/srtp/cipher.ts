/**
 * One protection profile with session keys, for RTP or RTCP of one direction. `index` is the 48-bit packet index for RTP
 * (rollover counter and sequence number) and the 31-bit index for RTCP. Both work in place.
 */
export interface PacketCipher {
  /** Encrypts from `clear` to `length` and appends the tag; the new length. The buffer must have room for `tagBytes`. */
  seal(packet: Buffer, clear: number, length: number, ssrc: number, index: number): number;
  /** Checks and decrypts; `length` includes the tag. The length of the plain packet, or -1. */
  open(packet: Buffer, clear: number, length: number, ssrc: number, index: number): number;
  readonly tagBytes: number;
}

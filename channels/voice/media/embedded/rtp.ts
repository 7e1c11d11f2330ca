/** An RTP header (RFC 3550 section 5.1) with the bounds of the payload. Filled in place: one object serves all packets. */
export interface RtpHeader {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payloadStart: number;
  payloadEnd: number;
}

export const newRtpHeader = (): RtpHeader => ({
  marker: false,
  payloadType: 0,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  payloadStart: 0,
  payloadEnd: 0,
});

/** Octets of our own headers: no CSRC, no extension. */
export const rtpHeaderBytes = 12;

/** Length of the header with CSRCs and extension (RFC 3550 section 5.3.1), or -1 when it does not fit `length`. */
export function rtpHeaderLength(packet: Buffer, length: number): number {
  if (length < rtpHeaderBytes) return -1;
  const first = packet[0] as number;
  let end = rtpHeaderBytes + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (end + 4 > length) return -1;
    end += 4 + 4 * packet.readUInt16BE(end + 2);
  }
  return end > length ? -1 : end;
}

/** Reads the first `length` octets as RTP. False when they are not a well-formed packet. */
export function readRtp(packet: Buffer, length: number, into: RtpHeader): boolean {
  const start = rtpHeaderLength(packet, length);
  if (start < 0 || (packet[0] as number) >> 6 !== 2) return false;
  const padded = ((packet[0] as number) & 0x20) !== 0;
  const end = padded ? length - (packet[length - 1] as number) : length;
  if (end < start) return false;
  const second = packet[1] as number;
  into.marker = (second & 0x80) !== 0;
  into.payloadType = second & 0x7f;
  into.sequence = packet.readUInt16BE(2);
  into.timestamp = packet.readUInt32BE(4);
  into.ssrc = packet.readUInt32BE(8);
  into.payloadStart = start;
  into.payloadEnd = end;
  return true;
}

/** Writes a header of 12 octets. */
export function writeRtp(
  packet: Buffer,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  packet[0] = 0x80;
  packet[1] = (marker ? 0x80 : 0) | payloadType;
  packet[2] = sequence >>> 8;
  packet[3] = sequence;
  packet[4] = timestamp >>> 24;
  packet[5] = timestamp >>> 16;
  packet[6] = timestamp >>> 8;
  packet[7] = timestamp;
  packet[8] = ssrc >>> 24;
  packet[9] = ssrc >>> 16;
  packet[10] = ssrc >>> 8;
  packet[11] = ssrc;
}

/** Whether a datagram on a shared port is RTCP (RFC 5761 section 4: packet types 192-223). */
export const isRtcp = (packet: Buffer): boolean => ((packet[1] ?? 0) & 0x7f) >= 64 && ((packet[1] ?? 0) & 0x7f) < 96;

/** Signed distance from `b` to `a` in 16-bit sequence space: positive when `a` is newer. */
export const sequenceDistance = (a: number, b: number): number => ((a - b) << 16) >> 16;

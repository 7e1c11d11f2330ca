import { randomBytes } from 'node:crypto';
import type { AudioLaw } from '../sdp/negotiate.ts';
import { frameSamples, g711 } from './g711.ts';
import { type RtpHeader, rtpHeaderBytes, sequenceDistance, writeRtp } from './rtp.ts';
import { outgoing } from './udp.ts';

/**
 * What one leg sends: a single SSRC whose sequence numbers and timestamps run on through every change of source, so
 * that the peer never sees a second stream. Inside one source gaps are kept, because they tell the peer of loss.
 */
export interface RtpStream {
  readonly ssrc: number;
  sequence: number;
  timestamp: number;
  /** Monotonic milliseconds of the last packet. */
  lastSentAt: number;
  packets: number;
  octets: number;
  /** Whose packets run now: a remote SSRC, or `local` for sounds, mixes and digits. */
  source: number | 'local' | 'none';
  sequenceOffset: number;
  timestampOffset: number;
  /** Sequence number that the present source began with; older ones belong to its predecessor. */
  floor: number;
}

/** Puts the packet on the wire; it may be grown in place (SRTP). */
export type SendPacket = (packet: Buffer, length: number) => void;

export function newRtpStream(): RtpStream {
  const random = randomBytes(10);
  return {
    ssrc: random.readUInt32BE(0),
    // The upper half is left free so that the first wrap is far away (RFC 3711 section 3.3.1).
    sequence: random.readUInt16BE(4) & 0x7fff,
    timestamp: random.readUInt32BE(6),
    lastSentAt: Number.NaN,
    packets: 0,
    octets: 0,
    source: 'none',
    sequenceOffset: 0,
    timestampOffset: 0,
    floor: 0,
  };
}

/** Begins a new source: the next sequence number, and a timestamp that has moved on with the clock. */
function anchor(stream: RtpStream, source: RtpStream['source'], nowMs: number): void {
  const elapsed = Number.isNaN(stream.lastSentAt) ? 0 : Math.round((nowMs - stream.lastSentAt) * 8);
  stream.sequence = (stream.sequence + 1) & 0xffff;
  stream.timestamp = (stream.timestamp + Math.max(frameSamples, elapsed)) >>> 0;
  stream.source = source;
  stream.floor = stream.sequence;
}

function emit(stream: RtpStream, payloadBytes: number, send: SendPacket): void {
  stream.packets++;
  stream.octets += payloadBytes;
  send(outgoing.packet, rtpHeaderBytes + payloadBytes);
}

/** A jump that no network makes: the source has restarted under its old SSRC. Ten seconds, or RFC 3550's dropout. */
const jumped = (sequenceStep: number, timestampStep: number): boolean =>
  sequenceStep > 3000 || sequenceStep < -100 || Math.abs(timestampStep) > 80_000;

/**
 * Passes a received packet on with our numbers.
 * @param convert law-to-law table when the payload has to change
 */
export function relayPacket(
  stream: RtpStream,
  packet: Buffer,
  header: RtpHeader,
  payloadType: number,
  convert: Uint8Array | undefined,
  nowMs: number,
  send: SendPacket,
): void {
  let sequence = (header.sequence + stream.sequenceOffset) & 0xffff;
  let timestamp = (header.timestamp + stream.timestampOffset) >>> 0;
  let marker = header.marker;
  const step = sequenceDistance(sequence, stream.sequence);
  if (stream.source !== header.ssrc || jumped(step, (timestamp - stream.timestamp) | 0)) {
    anchor(stream, header.ssrc, nowMs);
    stream.sequenceOffset = (stream.sequence - header.sequence) & 0xffff;
    stream.timestampOffset = (stream.timestamp - header.timestamp) >>> 0;
    stream.lastSentAt = nowMs;
    sequence = stream.sequence;
    timestamp = stream.timestamp;
    marker = true;
  } else if (step > 0) {
    stream.sequence = sequence;
    // All packets of an RFC 4733 event share a timestamp: its clock time is that of the first.
    if (timestamp !== stream.timestamp) stream.lastSentAt = nowMs;
    stream.timestamp = timestamp;
    // Keep the floor within reach of 16-bit arithmetic.
    if (sequenceDistance(sequence, stream.floor) > 1000) stream.floor = (sequence - 1000) & 0xffff;
  } else if (sequenceDistance(sequence, stream.floor) < 0) {
    // Its number was used by the previous source; two packets under one SRTP index would break the cipher.
    return;
  }
  const bytes = header.payloadEnd - header.payloadStart;
  const out = outgoing.packet;
  writeRtp(out, marker, payloadType, sequence, timestamp, stream.ssrc);
  if (convert) {
    for (let i = 0; i < bytes; i++)
      out[rtpHeaderBytes + i] = convert[packet[header.payloadStart + i] as number] as number;
  } else packet.copy(out, rtpHeaderBytes, header.payloadStart, header.payloadEnd);
  emit(stream, bytes, send);
}

/** Sends 20 ms of our own: a sound's frame or a mix. `frame` holds 160 octets from `offset` on. */
export function sendFrame(
  stream: RtpStream,
  frame: Uint8Array,
  offset: number,
  payloadType: number,
  nowMs: number,
  send: SendPacket,
): void {
  const fresh = stream.source !== 'local';
  if (fresh) anchor(stream, 'local', nowMs);
  else {
    stream.sequence = (stream.sequence + 1) & 0xffff;
    stream.timestamp = (stream.timestamp + frameSamples) >>> 0;
  }
  stream.lastSentAt = nowMs;
  const out = outgoing.packet;
  writeRtp(out, fresh, payloadType, stream.sequence, stream.timestamp, stream.ssrc);
  for (let i = 0; i < frameSamples; i++) out[rtpHeaderBytes + i] = frame[offset + i] as number;
  emit(stream, frameSamples, send);
}

/** One RFC 4733 packet. All packets of an event carry the timestamp of its beginning (section 2.5.1.2). */
export interface EventPacket {
  readonly event: number;
  readonly durationSamples: number;
  readonly first: boolean;
  readonly end: boolean;
}

/** Sends a packet of an event; `first` begins it with the marker bit and a fresh timestamp. */
export function sendEvent(
  stream: RtpStream,
  packet: EventPacket,
  payloadType: number,
  nowMs: number,
  send: SendPacket,
): void {
  if (packet.first) anchor(stream, 'none', nowMs);
  else stream.sequence = (stream.sequence + 1) & 0xffff;
  stream.source = 'none';
  if (packet.first) stream.lastSentAt = nowMs;
  const out = outgoing.packet;
  writeRtp(out, packet.first, payloadType, stream.sequence, stream.timestamp, stream.ssrc);
  out[12] = packet.event;
  // Volume -10 dBm0, as telephones send it.
  out[13] = (packet.end ? 0x80 : 0) | 10;
  out.writeUInt16BE(packet.durationSamples, 14);
  emit(stream, 4, send);
}

/** One frame of silence, to keep a NAT binding open while a leg hears nothing (RFC 6263). */
export function sendSilence(
  stream: RtpStream,
  law: AudioLaw,
  payloadType: number,
  nowMs: number,
  send: SendPacket,
): void {
  anchor(stream, 'none', nowMs);
  stream.lastSentAt = nowMs;
  const out = outgoing.packet;
  writeRtp(out, true, payloadType, stream.sequence, stream.timestamp, stream.ssrc);
  out.fill(g711[law].silence, rtpHeaderBytes, rtpHeaderBytes + frameSamples);
  emit(stream, frameSamples, send);
}

import { type Receiver, reportedLost, takeFractionLost } from './receiver.ts';
import type { RtpStream } from './stream.ts';

/** What the peer's reports say of the stream that we send (RFC 3550 section 6.4). */
export interface RemoteView {
  /** Milliseconds; 0 = not known yet. */
  roundTripMs: number;
  /** 0-1, of the last report interval. */
  fractionLost: number;
}

export const newRemoteView = (): RemoteView => ({ roundTripMs: 0, fractionLost: 0 });

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const goodbye = 203;
const ntpEpochOffsetSeconds = 2_208_988_800;
const cname = Buffer.from('switchroom');

/** Seconds and fraction of the NTP timestamp (RFC 3550 section 4) for milliseconds since the Unix epoch. */
function ntp(epochMs: number): { seconds: number; fraction: number } {
  return {
    seconds: (Math.floor(epochMs / 1000) + ntpEpochOffsetSeconds) >>> 0,
    fraction: Math.floor(((epochMs % 1000) / 1000) * 2 ** 32) >>> 0,
  };
}

function middle32(epochMs: number): number {
  const { seconds, fraction } = ntp(epochMs);
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/** The two clocks of a report: monotonic for media, epoch for NTP timestamps. */
export interface ReportTime {
  readonly nowMs: number;
  readonly epochMs: number;
}

function header(packet: Buffer, at: number, count: number, type: number, bytes: number): void {
  packet[at] = 0x80 | count;
  packet[at + 1] = type;
  packet.writeUInt16BE(bytes / 4 - 1, at + 2);
}

function writeSenderReport(packet: Buffer, stream: RtpStream, blocks: number, time: ReportTime): void {
  header(packet, 0, blocks, senderReport, 28 + 24 * blocks);
  const { seconds, fraction } = ntp(time.epochMs);
  const sinceLastMs = Number.isNaN(stream.lastSentAt) ? 0 : time.nowMs - stream.lastSentAt;
  packet.writeUInt32BE(stream.ssrc, 4);
  packet.writeUInt32BE(seconds, 8);
  packet.writeUInt32BE(fraction, 12);
  packet.writeUInt32BE((stream.timestamp + Math.round(sinceLastMs * 8)) >>> 0, 16);
  packet.writeUInt32BE(stream.packets >>> 0, 20);
  packet.writeUInt32BE(stream.octets >>> 0, 24);
}

function writeReportBlock(packet: Buffer, at: number, receiver: Receiver, time: ReportTime): void {
  packet.writeUInt32BE(receiver.ssrc, at);
  packet[at + 4] = takeFractionLost(receiver);
  packet.writeUIntBE(reportedLost(receiver), at + 5, 3);
  packet.writeUInt32BE(receiver.highest >>> 0, at + 8);
  packet.writeUInt32BE(Math.round(receiver.jitter) >>> 0, at + 12);
  packet.writeUInt32BE(receiver.lastReport, at + 16);
  const delay = receiver.lastReport === 0 ? 0 : Math.round((time.nowMs - receiver.lastReportAt) * 65.536);
  packet.writeUInt32BE(delay >>> 0, at + 20);
}

/** SDES with a CNAME: every compound packet needs one (RFC 3550 section 6.1). */
function writeDescription(packet: Buffer, at: number, ssrc: number): number {
  const bytes = 8 + 4 * Math.ceil((2 + cname.length + 1) / 4);
  header(packet, at, 1, sourceDescription, bytes);
  packet.writeUInt32BE(ssrc, at + 4);
  packet[at + 8] = 1;
  packet[at + 9] = cname.length;
  cname.copy(packet, at + 10);
  return bytes;
}

/** SR with a report block once something was received, and SDES; with `leaving` also BYE. */
export function buildReport(stream: RtpStream, receiver: Receiver, time: ReportTime, leaving: boolean): Buffer {
  const blocks = receiver.packets > 0 ? 1 : 0;
  const packet = Buffer.alloc(128);
  writeSenderReport(packet, stream, blocks, time);
  let length = 28;
  if (blocks > 0) {
    writeReportBlock(packet, length, receiver, time);
    length += 24;
  }
  length += writeDescription(packet, length, stream.ssrc);
  if (leaving) {
    header(packet, length, 1, goodbye, 8);
    packet.writeUInt32BE(stream.ssrc, length + 4);
    length += 8;
  }
  return packet.subarray(0, length);
}

function readReportBlock(packet: Buffer, at: number, view: RemoteView, time: ReportTime): void {
  view.fractionLost = (packet[at + 4] as number) / 256;
  const lastReport = packet.readUInt32BE(at + 16);
  const delay = packet.readUInt32BE(at + 20);
  if (lastReport === 0) return;
  const roundTrip = ((middle32(time.epochMs) - lastReport - delay) >>> 0) / 65.536;
  // More than ten seconds is a wrapped or invented value.
  if (roundTrip < 10_000) view.roundTripMs = roundTrip;
}

/** Reads a compound packet; anything malformed ends the reading. */
export function readReports(
  packet: Buffer,
  stream: RtpStream,
  receiver: Receiver,
  view: RemoteView,
  time: ReportTime,
): void {
  for (let at = 0; at + 8 <= packet.length; ) {
    const bytes = (packet.readUInt16BE(at + 2) + 1) * 4;
    const end = at + bytes;
    const type = packet[at + 1];
    if ((packet[at] as number) >> 6 !== 2 || end > packet.length) return;
    if (type === senderReport && bytes >= 28) {
      receiver.lastReport = packet.readUInt32BE(at + 10);
      receiver.lastReportAt = time.nowMs;
    }
    if (type === senderReport || type === receiverReport) {
      const blocks = (packet[at] as number) & 0x1f;
      let block = at + (type === senderReport ? 28 : 8);
      for (let i = 0; i < blocks && block + 24 <= end; i++, block += 24) {
        if (packet.readUInt32BE(block) === stream.ssrc) readReportBlock(packet, block, view, time);
      }
    }
    at = end;
  }
}

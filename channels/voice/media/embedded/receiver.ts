import { type RtpHeader, sequenceDistance } from './rtp.ts';

/** What we know of the stream that a peer sends (RFC 3550 section 6.4.1 and appendix A). */
export interface Receiver {
  /** 0 packets = nothing heard of this SSRC yet. */
  ssrc: number;
  packets: number;
  /** Extended highest sequence number: cycles * 65536 + sequence. */
  highest: number;
  base: number;
  /** Bit k = packet `highest - k` has been seen; duplicates are dropped by it. */
  seen: number;
  /** RTP timestamp units. */
  jitter: number;
  transit: number;
  /** At the last report, for the fraction lost. */
  expectedBefore: number;
  packetsBefore: number;
  /** Over all SSRCs of the leg. */
  totalPackets: number;
  /** Lost packets of SSRCs that have ended. */
  lostBefore: number;
  /** The peer's last sender report: middle 32 bits of its NTP time, and when it came. */
  lastReport: number;
  lastReportAt: number;
}

const clockRate = 8000;
/** RFC 3550 appendix A.1: a jump beyond these is a restarted source. */
const maxDropout = 3000;
const maxMisorder = 100;

export const newReceiver = (): Receiver => ({
  ssrc: 0,
  packets: 0,
  highest: 0,
  base: 0,
  seen: 0,
  jitter: 0,
  transit: Number.NaN,
  expectedBefore: 0,
  packetsBefore: 0,
  totalPackets: 0,
  lostBefore: 0,
  lastReport: 0,
  lastReportAt: 0,
});

function restart(receiver: Receiver, header: RtpHeader): void {
  receiver.lostBefore += lostOf(receiver);
  receiver.ssrc = header.ssrc;
  receiver.packets = 0;
  receiver.highest = header.sequence;
  receiver.base = header.sequence;
  receiver.seen = 1;
  receiver.jitter = 0;
  receiver.transit = Number.NaN;
  receiver.expectedBefore = 0;
  receiver.packetsBefore = 0;
}

/** Moves the window of seen packets; false for a duplicate or one that is too old to tell. */
function advance(receiver: Receiver, header: RtpHeader): boolean {
  const ahead = sequenceDistance(header.sequence, receiver.highest & 0xffff);
  if (ahead > maxDropout || ahead < -maxMisorder) {
    restart(receiver, header);
    return true;
  }
  if (ahead > 0) {
    receiver.highest += ahead;
    receiver.seen = ahead < 32 ? (receiver.seen << ahead) | 1 : 1;
    return true;
  }
  if (ahead <= -32 || (receiver.seen >>> -ahead) & 1) return false;
  receiver.seen |= 1 << -ahead;
  return true;
}

/** Counts a packet. False when it must not be played or passed on: a duplicate, or far too late. */
export function countPacket(receiver: Receiver, header: RtpHeader): boolean {
  if (receiver.packets === 0 || header.ssrc !== receiver.ssrc) restart(receiver, header);
  else if (!advance(receiver, header)) return false;
  receiver.packets++;
  receiver.totalPackets++;
  return true;
}

/** RFC 3550 appendix A.8, for packets whose timestamp is their sampling time (not RFC 4733 events). */
export function countJitter(receiver: Receiver, header: RtpHeader, nowMs: number): void {
  const transit = (nowMs * clockRate) / 1000 - header.timestamp;
  const difference = Math.abs(transit - receiver.transit);
  // A wrapped timestamp or a restarted clock is no jitter.
  if (difference < clockRate) receiver.jitter += (difference - receiver.jitter) / 16;
  receiver.transit = transit;
}

function lostOf(receiver: Receiver): number {
  if (receiver.packets === 0) return 0;
  return Math.max(0, receiver.highest - receiver.base + 1 - receiver.packets);
}

/** Packets lost since the leg began. */
export const lostPackets = (receiver: Receiver): number => receiver.lostBefore + lostOf(receiver);

/** RFC 3550 section 6.4.1: the fraction of packets lost since the last call of this function, in 1/256. */
export function takeFractionLost(receiver: Receiver): number {
  const expected = receiver.highest - receiver.base + 1;
  const expectedNow = expected - receiver.expectedBefore;
  const lostNow = expectedNow - (receiver.packets - receiver.packetsBefore);
  receiver.expectedBefore = expected;
  receiver.packetsBefore = receiver.packets;
  return expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0;
}

/** The cumulative count of a reception report: this SSRC only, 24 bits. */
export const reportedLost = (receiver: Receiver): number => Math.min(lostOf(receiver), 0x7fffff);

/** Milliseconds. */
export const jitterMs = (receiver: Receiver): number => (receiver.jitter / clockRate) * 1000;

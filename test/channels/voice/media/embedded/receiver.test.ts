import { describe, expect, it } from 'vitest';
import {
  countJitter,
  countPacket,
  jitterMs,
  lostPackets,
  newReceiver,
  reportedLost,
  takeFractionLost,
} from '../../../../../channels/voice/media/embedded/receiver.ts';
import { newRtpHeader, readRtp, sequenceDistance } from '../../../../../channels/voice/media/embedded/rtp.ts';
import { meanOpinionScore } from '../../../../../channels/voice/media/embedded/stats.ts';

const header = (sequence: number, ssrc = 1) => ({ ...newRtpHeader(), sequence: sequence & 0xffff, ssrc });

describe('countPacket', () => {
  it('counts losses over the wrap of the sequence number', () => {
    const receiver = newReceiver();
    for (const sequence of [65_534, 65_535, 1, 2, 4]) expect(countPacket(receiver, header(sequence))).toBe(true);
    expect([receiver.packets, lostPackets(receiver), receiver.highest]).toEqual([5, 2, 65_540]);
  });

  it('takes late packets once and refuses duplicates', () => {
    const receiver = newReceiver();
    const outcome = [10, 12, 11, 11, 12, 10].map((sequence) => countPacket(receiver, header(sequence)));
    expect(outcome).toEqual([true, true, true, false, false, false]);
    expect(lostPackets(receiver)).toBe(0);
  });

  it('starts again with another SSRC or a jump, and keeps what was lost before', () => {
    const receiver = newReceiver();
    for (const sequence of [1, 3]) countPacket(receiver, header(sequence));
    countPacket(receiver, header(30_000));
    countPacket(receiver, header(5, 2));
    countPacket(receiver, header(7, 2));
    expect(lostPackets(receiver)).toBe(2);
    expect(reportedLost(receiver)).toBe(1);
    expect(receiver.totalPackets).toBe(5);
  });

  it('reports the fraction lost since the last report', () => {
    const receiver = newReceiver();
    for (const sequence of [0, 1, 2, 4]) countPacket(receiver, header(sequence));
    expect(takeFractionLost(receiver)).toBe(Math.floor(256 / 5));
    for (const sequence of [5, 6]) countPacket(receiver, header(sequence));
    expect(takeFractionLost(receiver)).toBe(0);
  });
});

describe('countJitter', () => {
  const run = (delays: readonly number[]): number => {
    const receiver = newReceiver();
    for (const [i, delay] of delays.entries()) {
      const each = { ...header(i), timestamp: (4_294_967_000 + i * 160) >>> 0 };
      countPacket(receiver, each);
      countJitter(receiver, each, i * 20 + delay);
    }
    return jitterMs(receiver);
  };

  it('is nothing for an even stream, also over the wrap of the timestamp', () => {
    expect(run(Array(200).fill(30))).toBeCloseTo(0, 5);
  });

  it('approaches the mean difference of transit times', () => {
    expect(run(Array.from({ length: 400 }, (_, i) => (i % 2) * 10))).toBeCloseTo(10, 0);
  });
});

describe('meanOpinionScore', () => {
  it.each([
    [{ lossPercent: 0, jitterMs: 0, roundTripMs: 0 }, 4.3, 4.5],
    [{ lossPercent: 5, jitterMs: 5, roundTripMs: 100 }, 3.4, 4.1],
    [{ lossPercent: 30, jitterMs: 30, roundTripMs: 400 }, 1, 2.2],
    [{ lossPercent: 100, jitterMs: 500, roundTripMs: 5000 }, 1, 1],
  ])('rates %o between %d and %d', (quality, from, to) => {
    expect(meanOpinionScore(quality)).toBeGreaterThanOrEqual(from);
    expect(meanOpinionScore(quality)).toBeLessThanOrEqual(to);
  });
});

describe('readRtp', () => {
  const plain = Buffer.from('80000001000000020000000301020304', 'hex');
  it.each([
    ['a plain packet', plain, [12, 16]],
    ['contributing sources', Buffer.concat([Buffer.from([0x82]), plain.subarray(1, 12), Buffer.alloc(9)]), [20, 21]],
    [
      'an extension',
      Buffer.concat([Buffer.from([0x90]), plain.subarray(1, 12), Buffer.from('bede000100000000ff', 'hex')]),
      [20, 21],
    ],
    ['padding', Buffer.concat([Buffer.from([0xa0]), plain.subarray(1, 12), Buffer.from('aabb0002', 'hex')]), [12, 14]],
  ])('reads %s', (_, packet, bounds) => {
    const into = newRtpHeader();
    expect(readRtp(packet, packet.length, into)).toBe(true);
    expect([into.payloadStart, into.payloadEnd]).toEqual(bounds);
  });

  it.each([
    ['too short', plain.subarray(0, 11)],
    ['of another version', Buffer.concat([Buffer.from([0x40]), plain.subarray(1)])],
    ['cut in its sources', Buffer.concat([Buffer.from([0x8f]), plain.subarray(1)])],
    [
      'cut in its extension',
      Buffer.concat([Buffer.from([0x90]), plain.subarray(1, 12), Buffer.from('bede0009', 'hex')]),
    ],
    ['padded beyond its length', Buffer.concat([Buffer.from([0xa0]), plain.subarray(1, 12), Buffer.from([0xff])])],
  ])('refuses a packet that is %s', (_, packet) => {
    expect(readRtp(packet, packet.length, newRtpHeader())).toBe(false);
  });

  it('measures distances around the wrap', () => {
    expect([sequenceDistance(1, 65_535), sequenceDistance(65_535, 1), sequenceDistance(7, 7)]).toEqual([2, -2, 0]);
  });
});

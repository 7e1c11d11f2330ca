import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countPacket, newReceiver } from '../../../../../channels/voice/media/embedded/receiver.ts';
import { buildReport, newRemoteView, readReports } from '../../../../../channels/voice/media/embedded/rtcp.ts';
import { newRtpHeader } from '../../../../../channels/voice/media/embedded/rtp.ts';
import { newRtpStream } from '../../../../../channels/voice/media/embedded/stream.ts';

const at = (ms: number) => ({ nowMs: ms, epochMs: Date.UTC(2026, 0, 12) + ms });

/** Two ends: what A sends, B receives. */
function end(ssrcHeard: number, sequences: readonly number[]) {
  const receiver = newReceiver();
  for (const sequence of sequences) countPacket(receiver, { ...newRtpHeader(), sequence, ssrc: ssrcHeard });
  return { receiver, view: newRemoteView() };
}

describe('RTCP', () => {
  it('tells the round trip and the loss to the other side', () => {
    const [a, b] = [newRtpStream(), newRtpStream()];
    const atA = end(b.ssrc, [1]);
    const atB = end(a.ssrc, [1, 2, 4, 5]);
    const first = buildReport(a, atA.receiver, at(1000), false);
    readReports(first, b, atB.receiver, atB.view, at(1030));
    const second = buildReport(b, atB.receiver, at(3030), false);
    readReports(second, a, atA.receiver, atA.view, at(3060));
    // 30 ms there, 2 s at B, 30 ms back.
    expect(atA.view.roundTripMs).toBeCloseTo(60, 0);
    expect(atA.view.fractionLost).toBeCloseTo(0.2, 2);
  });

  it('is a whole compound packet: SR, SDES with CNAME, and BYE at the end', () => {
    const stream = newRtpStream();
    const packet = buildReport(stream, newReceiver(), at(0), true);
    const types: number[] = [];
    for (let offset = 0; offset < packet.length; offset += (packet.readUInt16BE(offset + 2) + 1) * 4) {
      types.push(packet.readUInt8(offset + 1));
    }
    expect(types).toEqual([200, 202, 203]);
    expect(packet.includes('switchroom')).toBe(true);
    expect(packet.readUInt32BE(8)).toBe(Date.UTC(2026, 0, 12) / 1000 + 2_208_988_800);
  });

  it('ignores reports about others and never throws on random packets', () => {
    const stream = newRtpStream();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(200, 201, 202), (data, type) => {
        const { receiver, view } = end(1, [1]);
        const header = Buffer.from([0x81, type, 0, Math.max(0, Math.floor(data.length / 4))]);
        readReports(Buffer.concat([header, data]), stream, receiver, view, at(0));
        readReports(Buffer.from(data), stream, receiver, view, at(0));
        expect(view.roundTripMs).toBe(0);
      }),
    );
  });
});

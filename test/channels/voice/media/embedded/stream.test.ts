import { describe, expect, it } from 'vitest';
import { newRtpHeader, readRtp } from '../../../../../channels/voice/media/embedded/rtp.ts';
import {
  newRtpStream,
  relayPacket,
  sendEvent,
  sendFrame,
} from '../../../../../channels/voice/media/embedded/stream.ts';

function setUp() {
  const stream = newRtpStream();
  const sent: { sequence: number; timestamp: number; marker: boolean; ssrc: number; payload: string }[] = [];
  const send = (packet: Buffer, length: number): void => {
    const header = newRtpHeader();
    readRtp(packet, length, header);
    const { sequence, timestamp, marker, ssrc } = header;
    sent.push({ sequence, timestamp, marker, ssrc, payload: packet.toString('hex', 12, Math.min(length, 14)) });
  };
  const frame = new Uint8Array(160).fill(0xd5);
  return {
    stream,
    sent,
    relay(sequence: number, timestamp: number, nowMs: number, ssrc = 7): void {
      const header = {
        ...newRtpHeader(),
        sequence: sequence & 0xffff,
        timestamp: timestamp >>> 0,
        ssrc,
        payloadEnd: 2,
      };
      relayPacket(stream, Buffer.from([1, 2]), header, 8, undefined, nowMs, send);
    },
    play: (nowMs: number): void => sendFrame(stream, frame, 0, 8, nowMs, send),
    event: (first: boolean, nowMs: number): void =>
      sendEvent(stream, { event: 1, durationSamples: 160, first, end: false }, 101, nowMs, send),
    /** Differences between neighbours. */
    steps: () =>
      sent.slice(1).map((each, i) => {
        const before = sent[i];
        return [(each.sequence - (before?.sequence ?? 0)) & 0xffff, (each.timestamp - (before?.timestamp ?? 0)) >>> 0];
      }),
  };
}

describe('an outgoing stream', () => {
  it('runs on over changes of source with one SSRC and a marker at each change', () => {
    const { relay, play, sent, steps } = setUp();
    relay(500, 9000, 0);
    relay(501, 9160, 20);
    play(40);
    play(60);
    relay(77, 50, 80, 8);
    relay(502, 9320, 100);
    expect(steps()).toEqual(Array(5).fill([1, 160]));
    expect(sent.map(({ marker }) => marker)).toEqual([true, false, true, false, true, true]);
    expect(new Set(sent.map(({ ssrc }) => ssrc)).size).toBe(1);
  });

  it('moves its timestamp on with the clock while nothing is sent', () => {
    const { play, relay, steps } = setUp();
    play(0);
    relay(1, 1, 1000);
    expect(steps()).toEqual([[1, 8000]]);
  });

  it('keeps gaps and order inside one source, so that the peer sees the loss', () => {
    const { relay, steps } = setUp();
    relay(65_534, 4_294_967_200, 0);
    relay(1, 4_294_967_200 + 480, 60);
    relay(0, 4_294_967_200 + 320, 61);
    relay(2, 4_294_967_200 + 640, 80);
    expect(steps()).toEqual([
      [3, 480],
      [0xffff, 0xffffff60],
      [2, 320],
    ]);
  });

  it('never uses a number twice that its previous source has used', () => {
    const { relay, play, sent } = setUp();
    play(0);
    relay(100, 16_000, 20);
    relay(99, 15_840, 21);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['sequence number', 40_000, 320],
    ['timestamp', 102, 9_000_000],
  ])('goes on without a jump when a source restarts its %s', (_, sequence, timestamp) => {
    const { relay, steps } = setUp();
    relay(100, 0, 0);
    relay(101, 160, 20);
    relay(sequence, timestamp, 40);
    expect(steps()).toEqual([
      [1, 160],
      [1, 160],
    ]);
  });

  it('gives all packets of an event its first timestamp, and audio goes on at the right time', () => {
    const { play, event, steps } = setUp();
    play(0);
    event(true, 20);
    event(false, 40);
    play(60);
    expect(steps()).toEqual([
      [1, 160],
      [1, 0],
      [1, 320],
    ]);
  });
});

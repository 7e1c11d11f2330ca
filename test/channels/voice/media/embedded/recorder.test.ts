import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { g711 } from '../../../../../channels/voice/media/embedded/g711.ts';
import { type Recorder, startRecorder } from '../../../../../channels/voice/media/embedded/recorder.ts';
import { newRtpHeader } from '../../../../../channels/voice/media/embedded/rtp.ts';
import { readWav } from '../../../../../demo/actors/audio.ts';

const directory = mkdtempSync(join(tmpdir(), 'recorder-'));
let files = 0;
afterAll(() => rmSync(directory, { recursive: true }));

const { decode, encode } = g711.PCMA;
const left = decode[encode[8000] as number] as number;
const right = decode[encode[-4000 & 0xffff] as number] as number;

async function setUp(channels: 1 | 2 = 2) {
  let nowMs = 1_000_000.4;
  const path = join(directory, `${files++}.wav`);
  const recorder: Recorder = await startRecorder({ path, channels, now: () => nowMs });
  const push = (channel: 0 | 1, n: number, ssrc = 1): void => {
    const packet = Buffer.alloc(160, encode[channel === 0 ? 8000 : -4000 & 0xffff] as number);
    const header = { ...newRtpHeader(), timestamp: (0xfffffe00 + n * 160) >>> 0, ssrc, payloadEnd: 160 };
    recorder.push(channel, packet, header, decode, nowMs);
  };
  return {
    path,
    recorder,
    push,
    advance(ms: number): void {
      nowMs += ms;
      recorder.tick(nowMs);
    },
    stop: () => recorder.stop(nowMs),
  };
}

/** Values of a channel, 20 ms apart, at the middle of each frame. */
const frames = (samples: Int16Array | undefined): number[] =>
  Array.from({ length: Math.floor((samples?.length ?? 0) / 160) }, (_, i) => samples?.[i * 160 + 80] ?? 0);

describe('the recorder', () => {
  it('writes both channels on wall time, with silence in the gaps', async () => {
    const { path, push, advance, stop } = await setUp();
    for (let n = 0; n < 100; n++) {
      if (n !== 3 && n !== 4) push(0, n);
      if (n >= 50) push(1, n - 50, 2);
      advance(20);
    }
    const result = await stop();
    const { rate, channels } = readWav(path);
    expect([rate, channels.length, channels[0]?.length]).toEqual([8000, 2, 16_000]);
    expect(frames(channels[0])).toEqual(Array.from({ length: 100 }, (_, n) => (n === 3 || n === 4 ? 0 : left)));
    expect(frames(channels[1])).toEqual(Array.from({ length: 100 }, (_, n) => (n >= 50 ? right : 0)));
    expect(result).toEqual({
      durationMs: 2000,
      bytes: statSync(path).size,
      sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    });
  });

  it('puts late and doubled packets in their place', async () => {
    const { path, push, advance, stop } = await setUp();
    push(0, 0);
    advance(60);
    for (const n of [2, 1, 2, 1]) push(0, n);
    advance(20);
    await stop();
    expect(frames(readWav(path).channels[0])).toEqual([left, left, left, 0]);
  });

  it('places a source anew that has drifted from wall time', async () => {
    const { path, push, advance, stop } = await setUp();
    push(0, 0);
    advance(1000);
    push(0, 1);
    advance(20);
    await stop();
    const heard = frames(readWav(path).channels[0]);
    expect([heard[0], heard[1], heard[50]]).toEqual([left, 0, left]);
  });

  it('is silent while paused and goes on in time', async () => {
    const { path, push, advance, stop, recorder } = await setUp();
    for (let n = 0; n < 6; n++) {
      recorder.pause(n === 2 || n === 3);
      push(0, n);
      advance(20);
    }
    await stop();
    expect(frames(readWav(path).channels[0])).toEqual([left, left, 0, 0, left, left]);
  });

  it('has a readable file at every moment', async () => {
    const { path, push, advance, stop } = await setUp();
    expect(readWav(path).channels[0]).toHaveLength(0);
    for (let n = 0; n < 200; n++) {
      push(0, n);
      advance(20);
    }
    // What the operating system has by now is what a crash would leave.
    await expect.poll(() => readWav(path).channels[0]?.length).toBeGreaterThan(8000 * 2.9);
    expect(frames(readWav(path).channels[0]).every((sample) => sample === left)).toBe(true);
    await stop();
  });

  it('writes one channel alone as a mono file', async () => {
    const { path, push, advance, stop } = await setUp(1);
    for (let n = 0; n < 150; n++) {
      if (n !== 3) push(0, n);
      advance(20);
    }
    const result = await stop();
    const { channels } = readWav(path);
    expect(channels).toHaveLength(1);
    expect(frames(channels[0])).toEqual(Array.from({ length: 150 }, (_, n) => (n === 3 ? 0 : left)));
    expect([result.durationMs, result.bytes]).toEqual([3000, 44 + 48_000]);
  });

  it('writes no more than it may', async () => {
    const { path, push, advance, stop, recorder } = await setUp();
    recorder.limit(1500);
    for (let n = 0; n < 150; n++) {
      push(0, n);
      expect(recorder.isFull(1_000_000.4 + n * 20)).toBe(n >= 75);
      advance(20);
    }
    expect((await stop()).durationMs).toBe(1500);
    expect(frames(readWav(path).channels[0])).toEqual(Array(75).fill(left));
  });

  it('survives a thread that slept longer than its ring', async () => {
    const { path, push, advance, stop } = await setUp();
    push(0, 0);
    advance(5000);
    push(0, 250);
    advance(20);
    await stop();
    const heard = frames(readWav(path).channels[0]);
    expect([heard.length, heard[0], heard[1], heard[250]]).toEqual([251, left, 0, left]);
  });

  it('says at once when the file cannot be made', async () => {
    const path = join(directory, 'missing', 'a.wav');
    await expect(startRecorder({ path, channels: 2, now: () => 0 })).rejects.toThrow(/ENOENT/);
  });
});

import { describe, expect, it } from 'vitest';
import { g711 } from '../../../../../channels/voice/media/embedded/g711.ts';
import { createJitterBuffer } from '../../../../../channels/voice/media/embedded/jitter.ts';
import { newRtpHeader } from '../../../../../channels/voice/media/embedded/rtp.ts';

const { decode, encode } = g711.PCMA;
const start = 0xffffff00;

/** A buffer that is fed frames numbered from 1: frame n holds the value 100 n. */
function buffer() {
  const jitter = createJitterBuffer();
  const value = (n: number): number => decode[encode[n * 100] as number] as number;
  return {
    value,
    push(n: number, samples = 160) {
      const packet = Buffer.alloc(samples, encode[n * 100] as number);
      const timestamp = (start + (n - 1) * samples) >>> 0;
      jitter.push(packet, { ...newRtpHeader(), timestamp, ssrc: 9, payloadEnd: samples }, decode);
    },
    /** First sample of the next 20 ms; null for silence. */
    pull: (): number | null => jitter.pull()?.[0] ?? null,
  };
}

describe('the jitter buffer', () => {
  it('starts 40 ms behind and then gives out every frame, over the wrap of the timestamp', () => {
    const { push, pull, value } = buffer();
    const heard: (number | null)[] = [];
    for (let n = 1; n <= 6; n++) {
      push(n);
      heard.push(pull());
    }
    expect(heard).toEqual([null, null, value(1), value(2), value(3), value(4)]);
  });

  it('puts packets in order', () => {
    const { push, pull, value } = buffer();
    for (const n of [1, 3, 2]) push(n);
    pull();
    pull();
    expect([pull(), pull(), pull()]).toEqual([value(1), value(2), value(3)]);
  });

  it('bridges one lost frame and is silent after two', () => {
    const { push, pull, value } = buffer();
    for (const n of [1, 4]) push(n);
    pull();
    pull();
    expect(pull()).toBe(value(1));
    const bridged = pull();
    expect(bridged).toBeGreaterThan(0);
    expect(bridged).toBeLessThan(value(1));
    expect([pull(), pull()]).toEqual([null, value(4)]);
  });

  it('takes packets of 10 and of 60 ms', () => {
    const short = buffer();
    for (let n = 1; n <= 8; n++) short.push(n, 80);
    short.pull();
    short.pull();
    expect([short.pull(), short.pull()]).toEqual([short.value(1), short.value(3)]);
    const long = buffer();
    for (let n = 1; n <= 2; n++) long.push(n, 480);
    long.pull();
    long.pull();
    expect([long.pull(), long.pull(), long.pull(), long.pull()]).toEqual([1, 1, 1, 2].map(long.value));
  });

  it('drops the oldest audio when far too much has come in', () => {
    const { push, pull, value } = buffer();
    for (let n = 1; n <= 20; n++) push(n);
    pull();
    pull();
    expect(pull()).toBe(value(19));
    expect(pull()).toBe(value(20));
    // One bridged frame, and nothing of what was skipped comes back later.
    expect(pull()).not.toBeNull();
    expect(Array.from({ length: 100 }, pull)).toEqual(Array(100).fill(null));
  });

  it('starts afresh after a pause', () => {
    const { push, pull, value } = buffer();
    push(1);
    for (let i = 0; i < 40; i++) pull();
    push(100);
    expect([pull(), pull(), pull()]).toEqual([null, null, value(100)]);
  });

  it('is itself again at once when it has run ahead of a stream that goes on', () => {
    const { push, pull, value } = buffer();
    for (let n = 1; n <= 3; n++) push(n);
    // The thread slept, and its ticks are made up for before the packets are read.
    for (let i = 0; i < 16; i++) pull();
    const heard: (number | null)[] = [];
    for (let n = 4; n <= 9; n++) {
      push(n);
      heard.push(pull());
    }
    expect(heard.slice(0, 2)).toEqual([null, null]);
    expect(heard.slice(2)).toEqual([4, 5, 6, 7].map(value));
  });
});

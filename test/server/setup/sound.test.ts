import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/kernel/errors.ts';
import { peakDb, toPlayed } from '../../../server/setup/resample.ts';
import { readWav, writeWav } from '../../../server/setup/wav.ts';
import { tone, wavOf } from './tone.ts';

/** Share of the power of a sound at one frequency (Goertzel), 0 to 1; of a pure tone nearly 1. */
function shareAt(samples: Int16Array, frequency: number): number {
  const middle = samples.subarray(800, samples.length - 800);
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / 8000);
  let one = 0;
  let two = 0;
  let power = 0;
  for (const sample of middle) {
    [one, two] = [sample + coefficient * one - two, one];
    power += sample * sample;
  }
  return (2 * (one * one + two * two - coefficient * one * two)) / (middle.length * Math.max(1, power));
}

describe('reading WAV', () => {
  it('reads what it wrote', () => {
    const samples = Int16Array.of(0, 1, -1, 32_767, -32_768);
    expect(readWav(writeWav(samples))).toEqual({ rate: 8000, channels: 1, samples });
  });

  it('steps over chunks that are not sound, and takes lengths that a streaming recorder left open', () => {
    const file = wavOf({ rate: 16_000, channels: 1, samples: Int16Array.of(5, 6) });
    const list = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc\0')]);
    const withList = Buffer.concat([file.subarray(0, 36), list, file.subarray(36)]);
    expect(readWav(withList).samples).toEqual(Int16Array.of(5, 6));
    for (const open of [0, 0xffffffff]) {
      const streamed = Buffer.from(file);
      streamed.writeUInt32LE(open, 40);
      expect(readWav(streamed).samples).toEqual(Int16Array.of(5, 6));
    }
  });

  const change = (offset: number, write: (file: Buffer, at: number) => void): Buffer => {
    const file = wavOf({ rate: 16_000, channels: 1, samples: Int16Array.of(5, 6) });
    write(file, offset);
    return file;
  };
  it.each([
    ['something else', Buffer.from('OggS and so on, long enough to be a header of something')],
    ['nothing', Buffer.alloc(0)],
    ['no sound', wavOf({ rate: 16_000, channels: 1, samples: new Int16Array(0) })],
    ['float samples', change(20, (file, at) => file.writeUInt16LE(3, at))],
    ['three channels', change(22, (file, at) => file.writeUInt16LE(3, at))],
    ['too high a rate', change(24, (file, at) => file.writeUInt32LE(96_000, at))],
    ['eight bits', change(34, (file, at) => file.writeUInt16LE(8, at))],
  ])('refuses %s', (_name, file) => {
    expect(() => readWav(file)).toThrow(AppError);
  });

  it('survives any bytes behind a good head', () => {
    const head = wavOf({ rate: 8000, channels: 2, samples: Int16Array.of(1, 2, 3, 4) });
    for (let length = 0; length <= head.length; length++) {
      try {
        readWav(head.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }
  });
});

describe('sound as the house plays it', () => {
  it.each([8_000, 11_025, 16_000, 22_050, 44_100, 48_000])('keeps a tone and its length, from %i Hz', async (rate) => {
    const played = await toPlayed({ rate, channels: 1, samples: tone(rate, 1000, 1) });
    expect(played.length).toBe(8000);
    expect(shareAt(played, 1000)).toBeGreaterThan(0.99);
    // its sudden beginning and end ring a little in any filter
    expect(peakDb(played.subarray(800, 7200))).toBeCloseTo(peakDb(tone(8000, 1000, 1)), 0);
  });

  it('lets nothing through that a telephone cannot carry: it would come back as another tone', async () => {
    const played = await toPlayed({ rate: 48_000, channels: 1, samples: tone(48_000, 7000, 1) });
    expect(peakDb(played.subarray(800, 7200))).toBeLessThan(peakDb(tone(8000, 1000, 1)) - 40);
  });

  it('makes one channel of two', async () => {
    const left = tone(8000, 1000, 1);
    const samples = Int16Array.from({ length: left.length * 2 }, (_, at) => (at % 2 === 0 ? (left[at / 2] ?? 0) : 0));
    const played = await toPlayed({ rate: 8000, channels: 2, samples });
    expect(peakDb(played)).toBeCloseTo(peakDb(left) - 6, 0);
  });

  it('measures the loudest sample', () => {
    expect(peakDb(Int16Array.of(0, 0))).toBe(-100);
    expect(peakDb(Int16Array.of(0, -32_768))).toBe(0);
    expect(peakDb(Int16Array.of(16_384))).toBe(-6);
  });
});

import { describe, expect, it } from 'vitest';
import { loudnessOf } from '../../../softphone/admin/sounds/loudness.ts';
import { encodeWav, joined, looksLikeWav, peakDb } from '../../../softphone/admin/sounds/wav.ts';

/** Samples of a 16-bit WAV file with a header of 44 bytes, read without the code under test. */
function read(file: ArrayBuffer) {
  const bytes = Buffer.from(file);
  const count = bytes.readUInt32LE(40) / 2;
  return {
    riff: bytes.toString('latin1', 0, 4),
    size: bytes.readUInt32LE(4),
    format: bytes.readUInt16LE(20),
    channels: bytes.readUInt16LE(22),
    rate: bytes.readUInt32LE(24),
    bytesPerSecond: bytes.readUInt32LE(28),
    bits: bytes.readUInt16LE(34),
    samples: Array.from({ length: count }, (_, i) => bytes.readInt16LE(44 + i * 2)),
  };
}

describe('a WAV file', () => {
  it('is 16-bit PCM of one channel', () => {
    const file = encodeWav(new Float32Array([0, 0.5, -0.5]), 16_000);
    expect(read(file)).toEqual({
      riff: 'RIFF',
      size: 42,
      format: 1,
      channels: 1,
      rate: 16_000,
      bytesPerSecond: 32_000,
      bits: 16,
      samples: [0, 16_384, -16_383],
    });
    expect(looksLikeWav(file)).toBe(true);
  });

  it('clips what is louder than full scale instead of turning it over', () => {
    expect(read(encodeWav(new Float32Array([1.5, -1.5]), 8000)).samples).toEqual([32_767, -32_767]);
  });

  it('is not anything else', () => {
    expect(looksLikeWav(new TextEncoder().encode('ID3'.padEnd(64, 'x')).buffer)).toBe(false);
    expect(looksLikeWav(new ArrayBuffer(10))).toBe(false);
  });
});

describe('loudness', () => {
  it('is that of the loudest sample', () => {
    expect(peakDb(joined([new Float32Array([0.1]), new Float32Array([-0.5, 0])]))).toBeCloseTo(-6.02, 2);
    expect(peakDb(new Float32Array(4))).toBe(-100);
  });

  it.each([
    [0, 'loud'],
    [-6, 'good'],
    [-30, 'quiet'],
    [-100, 'silent'],
  ] as const)('%i dB is %s', (db, word) => {
    expect(loudnessOf(db)).toBe(word);
  });
});

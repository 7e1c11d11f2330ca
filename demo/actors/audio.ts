import { readFileSync, writeFileSync } from 'node:fs';

/** Mono samples at a rate, full scale 32767. */
export interface Pcm {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** A sine of `frequency` Hz; `level` 0-1 of full scale. */
export function tone(frequency: number, seconds: number, rate = 8000, level = 0.5): Int16Array {
  return Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) =>
    Math.round(Math.sin((2 * Math.PI * frequency * i) / rate) * level * 32767),
  );
}

/** The amplitude of `frequency` in the samples, 0-1 of full scale (Goertzel): 0.5 for a sine of that level. */
export function amplitudeOf(frequency: number, { rate, samples }: Pcm): number {
  if (samples.length === 0) return 0;
  const omega = (2 * Math.PI * frequency) / rate;
  const coefficient = 2 * Math.cos(omega);
  let previous = 0;
  let beforePrevious = 0;
  for (const sample of samples) {
    const current = sample / 32768 + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
  }
  const power = previous ** 2 + beforePrevious ** 2 - coefficient * previous * beforePrevious;
  return (2 * Math.sqrt(Math.max(power, 0))) / samples.length;
}

/** Root mean square, 0-1 of full scale. */
export function loudness(samples: Int16Array): number {
  if (samples.length === 0) return 0;
  const sum = samples.reduce((total, sample) => total + (sample / 32768) ** 2, 0);
  return Math.sqrt(sum / samples.length);
}

/** A tone counts as heard from here on, and as absent below `absentBelow`. Between the two something is wrong. */
export const heardAbove = 0.1;
export const absentBelow = 0.02;

/**
 * Which of the `candidates` (Hz) are heard, for `expect(tonesIn(pcm, [440, 1000])).toEqual([440])`. A tone that is neither
 * clearly there nor clearly absent is returned as text with its amplitude, so that no comparison passes by chance.
 */
export function tonesIn(pcm: Pcm, candidates: readonly number[]): (number | string)[] {
  return candidates.flatMap((frequency): (number | string)[] => {
    const amplitude = amplitudeOf(frequency, pcm);
    if (amplitude > heardAbove) return [frequency];
    return amplitude < absentBelow ? [] : [`${frequency} Hz at ${amplitude.toFixed(3)}`];
  });
}

export interface Wav {
  readonly rate: number;
  /** One array of samples per channel. */
  readonly channels: readonly Int16Array[];
}

/** Reads a 16-bit PCM WAV. @throws Error when it is none, or when its sizes do not fit the file */
export function readWav(path: string): Wav {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw new Error('no WAV');
  let rate = 0;
  let count = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const bytes = file.readUInt32LE(at + 4);
    if (id === 'fmt ') {
      count = file.readUInt16LE(at + 10);
      rate = file.readUInt32LE(at + 12);
      if (file.readUInt16LE(at + 8) !== 1 || file.readUInt16LE(at + 22) !== 16) throw new Error('not 16-bit PCM');
    }
    if (id === 'data') {
      if (at + 8 + bytes > file.length) throw new Error('the data chunk is longer than the file');
      const frames = Math.floor(bytes / (2 * count));
      const channel = (c: number) =>
        Int16Array.from({ length: frames }, (_, i) => file.readInt16LE(at + 8 + (i * count + c) * 2));
      return { rate, channels: Array.from({ length: count }, (_, c) => channel(c)) };
    }
    at += 8 + bytes + (bytes % 2);
  }
  throw new Error('no data chunk');
}

/** Writes mono 16-bit PCM: the microphone of a test browser. */
export function writeWav(path: string, { rate, samples }: Pcm): void {
  const header = Buffer.alloc(44);
  const bytes = samples.length * 2;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  writeFileSync(path, Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, bytes)]));
}

import type { PcmSound } from '../../../server/setup/wav.ts';

/** A tone at half of full scale. */
export const tone = (rate: number, frequency: number, seconds: number): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, at) => 16_384 * Math.sin((2 * Math.PI * frequency * at) / rate));

/** A WAV file of any rate, as a browser's recorder makes it. */
export function wavOf({ rate, channels, samples }: PcmSound): Buffer {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * channels * 2, 28);
  file.writeUInt16LE(channels * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, at) => void file.writeInt16LE(sample, 44 + at * 2));
  return file;
}

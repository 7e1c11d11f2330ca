import { AppError } from '../kernel/errors.ts';

/** Sound as the house plays it: 8 kHz, mono, 16 bit PCM. */
export const playedRate = 8_000;

/** 16 bit PCM, channels interleaved. */
export interface PcmSound {
  readonly rate: number;
  readonly channels: 1 | 2;
  readonly samples: Int16Array;
}

const wrong = (message: string): AppError =>
  new AppError('bad_request', message, { details: { errors: [{ path: 'body', message }] } });

const pcm = 1;
/** WAVE_FORMAT_EXTENSIBLE: the format stands in the first two bytes of its GUID. */
const extensible = 0xfffe;
/** A file with more chunks before its sound is not one that a recorder made. */
const maxChunks = 100;

interface Chunk {
  readonly start: number;
  readonly length: number;
}

/** Chunks of a RIFF file by name, each cut at the file's end: recorders that stream leave lengths of 0 or 2^32-1. */
function chunksOf(file: Buffer): Map<string, Chunk> {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw wrong('is no WAV file');
  const chunks = new Map<string, Chunk>();
  let at = 12;
  for (let count = 0; count < maxChunks && at + 8 <= file.length; count++) {
    const name = file.toString('latin1', at, at + 4);
    const written = file.readUInt32LE(at + 4);
    const left = file.length - at - 8;
    const length = name === 'data' && written === 0 ? left : Math.min(written, left);
    if (!chunks.has(name)) chunks.set(name, { start: at + 8, length });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/**
 * Reads a WAV file.
 * @throws AppError `bad_request` when it is no 16 bit PCM of 8 to 48 kHz, mono or stereo
 */
export function readWav(file: Buffer): PcmSound {
  const chunks = chunksOf(file);
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (!format || format.length < 16 || !data) throw wrong('is a WAV file without sound');
  const tag = file.readUInt16LE(format.start);
  const isPcm =
    tag === pcm || (tag === extensible && format.length >= 26 && file.readUInt16LE(format.start + 24) === pcm);
  const channels = file.readUInt16LE(format.start + 2);
  const rate = file.readUInt32LE(format.start + 4);
  const bits = file.readUInt16LE(format.start + 14);
  if (!isPcm || bits !== 16) throw wrong('must be 16 bit PCM');
  if (channels !== 1 && channels !== 2) throw wrong('must be mono or stereo');
  if (rate < playedRate || rate > 48_000) throw wrong('must have 8 to 48 kHz');
  const frames = Math.floor(data.length / (2 * channels));
  if (frames === 0) throw wrong('is a WAV file without sound');
  const samples = new Int16Array(frames * channels);
  for (let index = 0; index < samples.length; index++) samples[index] = file.readInt16LE(data.start + index * 2);
  return { rate, channels, samples };
}

/** A WAV file of mono sound at the played rate. */
export function writeWav(samples: Int16Array): Buffer {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(pcm, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(playedRate, 24);
  file.writeUInt32LE(playedRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [index, sample] of samples.entries()) file.writeInt16LE(sample, 44 + index * 2);
  return file;
}

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../kernel/errors.ts';
import { limits } from './limits.ts';
import { peakDb, toPlayed } from './resample.ts';
import { playedRate, readWav, writeWav } from './wav.ts';

/** What is known of a sound once it is on the disk. */
export interface KeptSound {
  readonly sha256: string;
  readonly durationMs: number;
  readonly bytes: number;
  readonly peakDb: number;
}

/** Sounds on the disk, each named by its hash: 8 kHz, mono, 16 bit PCM in WAV. */
export interface SoundFiles {
  /** Converts a WAV file and keeps it. @throws AppError `bad_request`, `too_large` */
  keep(upload: Buffer): Promise<KeptSound>;
  /** Absolute path, whether the file is there or not. */
  path(sha256: string): string;
  exists(sha256: string): Promise<boolean>;
}

/** @param folder made when it is not there */
export function createSoundFiles(folder: string): SoundFiles {
  const path = (sha256: string): string => join(folder, `${sha256}.wav`);
  return {
    path,
    async keep(upload) {
      if (upload.length > limits.soundBytes) throw new AppError('too_large', 'a sound has at most 20 MB');
      const sound = readWav(upload);
      const durationMs = Math.round((sound.samples.length / sound.channels / sound.rate) * 1000);
      if (durationMs > limits.soundMs) throw new AppError('too_large', 'a sound lasts at most 20 minutes');
      const samples = await toPlayed(sound);
      const file = writeWav(samples);
      const sha256 = createHash('sha256').update(file).digest('hex');
      await mkdir(folder, { recursive: true });
      await writeWhole(path(sha256), file);
      const playedMs = Math.round((samples.length / playedRate) * 1000);
      return { sha256, durationMs: playedMs, bytes: file.length, peakDb: peakDb(samples) };
    },
    exists: async (sha256) => (await stat(path(sha256)).catch(() => null))?.isFile() ?? false,
  };
}

/** Whole or not at all, also when the machine stops meanwhile. */
async function writeWhole(path: string, content: Buffer): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

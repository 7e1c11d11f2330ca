import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MediaError } from '../engine.ts';
import { limits } from '../limits.ts';
import { g711 } from './g711.ts';
import type { Sound } from './sounds.ts';
import { readWavAudio, sampleRate } from './wav.ts';

const samplesPerMs = sampleRate / 1000;
const longestFile = limits.soundMs * samplesPerMs * 2 + limits.wavOverheadBytes;
/** Samples encoded before the event loop has its turn again: under a millisecond. */
const sliceSamples = 40_000;

const bad = (message: string): MediaError => new MediaError('bad_sound', message);

async function readBounded(path: string | URL): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    if (size > longestFile) throw bad(`a sound may last ${limits.soundMs / 60_000} minutes`);
    const file = Buffer.alloc(size);
    const { bytesRead } = await handle.read(file, 0, size, 0);
    return file.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof MediaError) throw error;
    throw bad(`the sound cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await handle?.close();
  }
}

/**
 * Reads a WAV (8 kHz, mono, 16 bit) and encodes it in both laws, into memory that all threads share: a sound exists once,
 * however many workers play it.
 * @throws MediaError `bad_sound`, also when the file cannot be read
 */
export async function readSound(path: string | URL): Promise<Sound> {
  const audio = readWavAudio(await readBounded(path));
  const samples = audio.length / 2;
  if (samples > limits.soundMs * samplesPerMs) throw bad(`a sound may last ${limits.soundMs / 60_000} minutes`);
  const encoded = {
    PCMU: new Uint8Array(new SharedArrayBuffer(samples)),
    PCMA: new Uint8Array(new SharedArrayBuffer(samples)),
  };
  for (let from = 0; from < samples; from += sliceSamples) {
    if (from > 0) await nextTurn();
    const to = Math.min(samples, from + sliceSamples);
    for (let i = from; i < to; i++) {
      const sample = (audio[2 * i] as number) | ((audio[2 * i + 1] as number) << 8);
      encoded.PCMU[i] = g711.PCMU.encode[sample] as number;
      encoded.PCMA[i] = g711.PCMA.encode[sample] as number;
    }
  }
  return { samples, encoded };
}

/** Milliseconds. */
export const durationOf = (sound: Sound): number => Math.round(sound.samples / samplesPerMs);

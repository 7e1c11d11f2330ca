import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createLibrary, promptFile } from '../../../../../channels/voice/media/embedded/library.ts';
import { readWavAudio } from '../../../../../channels/voice/media/embedded/wav.ts';
import { promptNames } from '../../../../../channels/voice/media/engine.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';
import { loudness, tone, writeWav } from '../../../../../demo/actors/audio.ts';

const directory = mkdtempSync(join(tmpdir(), 'library-'));
afterAll(() => rmSync(directory, { recursive: true }));

const short = join(directory, 'short.wav');
writeWav(short, { rate: 8000, samples: tone(440, 0.1) });

function setUp() {
  const told: string[] = [];
  const library = createLibrary((name, sound) => told.push(`${name} ${sound ? sound.samples : 'gone'}`));
  return { library, told };
}

it('tells of sounds that come, change and go, in the order in which that was asked for', async () => {
  const { library, told } = setUp();
  const long = join(directory, 'long.wav');
  writeWav(long, { rate: 8000, samples: tone(440, 3) });
  const loading = library.load('one', long);
  library.unload('one');
  await Promise.all([loading, library.load('one', short), library.load('two', short)]);
  expect(told).toEqual(['file:one 24000', 'file:one gone', 'file:one 800', 'file:two 800']);
  expect([...library.sounds.keys()]).toEqual(['file:one', 'file:two']);
});

it('goes on after a file that cannot be read', async () => {
  const { library } = setUp();
  const results = await Promise.allSettled([library.load('one', directory), library.load('two', short)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

it('shares the memory of a sound with every thread that is told of it', async () => {
  const { library } = setUp();
  await library.load('one', short);
  const sound = library.sounds.get('file:one');
  expect(structuredClone(sound)?.encoded.PCMA.buffer).toBeInstanceOf(SharedArrayBuffer);
  if (!sound) throw new Error('it was loaded');
  const clone = structuredClone(sound);
  sound.encoded.PCMA[0] = 77;
  expect(clone.encoded.PCMA[0]).toBe(77);
});

it('holds so much and no more, and counts what was replaced or unloaded no longer', async () => {
  const { library } = setUp();
  const big = join(directory, 'big.wav');
  const seconds = limits.soundMs / 1000;
  writeWav(big, { rate: 8000, samples: new Int16Array(seconds * 8000) });
  const fits = Math.floor(limits.soundsBytes / (seconds * 16_000));
  for (let i = 0; i < fits; i++) await library.load(`${i}`, big);
  await expect(library.load('more', big)).rejects.toMatchObject({ code: 'bad_sound' });
  await library.load('0', big);
  library.unload('0');
  await library.load('more', big);
  await expect(library.load('0', big)).rejects.toThrow(/no room/);
});

it('has every prompt in both languages: clear of clicks and silence, of one loudness, small', async () => {
  const { library } = setUp();
  await library.loadPrompts();
  expect([...library.sounds.keys()]).toEqual(promptNames);
  expect(promptNames).toHaveLength(20);
  expect(promptNames.reduce((sum, name) => sum + statSync(promptFile(name)).size, 0)).toBeLessThan(1_500_000);
  for (const name of promptNames) {
    const audio = readWavAudio(readFileSync(promptFile(name)));
    const samples = Int16Array.from({ length: audio.length / 2 }, (_, i) => audio.readInt16LE(2 * i));
    const decibels = (share: number): number => 20 * Math.log10(share);
    expect(Math.abs(decibels(loudness(samples)) + 20), name).toBeLessThan(1);
    expect(decibels(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32_768), name).toBeLessThan(
      -3,
    );
    // At most 0.2 s of silence at either end.
    for (const edge of [samples.subarray(0, 1600), samples.subarray(-1600)])
      expect(loudness(edge), name).toBeGreaterThan(0.002);
  }
});

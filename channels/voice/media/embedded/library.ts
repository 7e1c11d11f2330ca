import { MediaError, promptNames, type SoundName } from '../engine.ts';
import { limits } from '../limits.ts';
import { durationOf, readSound } from './sound-files.ts';
import type { Sound } from './sounds.ts';

/** The sounds from files, as the main thread keeps them for workers that live, and for those that come. */
export interface Library {
  /** See MediaEngine. @throws MediaError `bad_sound` */
  load(name: string, path: string): Promise<{ durationMs: number }>;
  unload(name: string): void;
  /** Reads the prompts that ship with the engine. @throws MediaError `bad_sound` */
  loadPrompts(): Promise<void>;
  readonly sounds: ReadonlyMap<SoundName, Sound>;
}

/** What callers may name their sounds. */
const validName = /^[\w./-]{1,128}$/;

const bytesOf = (sound: Sound | undefined): number => (sound ? 2 * sound.samples : 0);

/** Where a prompt of ours lies. */
export const promptFile = (name: SoundName): URL => new URL(`../prompts/${name}.wav`, import.meta.url);

/** @param changed called with every sound that comes, goes (undefined) or is replaced */
export function createLibrary(changed: (name: SoundName, sound: Sound | undefined) => void): Library {
  const sounds = new Map<SoundName, Sound>();
  let bytes = 0;
  /** Files are read one after another, so that only one at a time takes memory before it is counted. */
  let tail: Promise<unknown> = Promise.resolve();

  function put(name: SoundName, sound: Sound | undefined): void {
    const before = sounds.get(name);
    const after = bytes - bytesOf(before) + bytesOf(sound);
    if (sound && (after > limits.soundsBytes || (!before && sounds.size >= limits.sounds)))
      throw new MediaError('bad_sound', 'there is no room for more sounds');
    if (sound) sounds.set(name, sound);
    else sounds.delete(name);
    bytes = after;
    changed(name, sound);
  }

  async function read(name: SoundName, path: string | URL): Promise<{ durationMs: number }> {
    const sound = await readSound(path);
    put(name, sound);
    return { durationMs: durationOf(sound) };
  }

  function queue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  }

  return {
    sounds,
    async load(name, path) {
      if (!validName.test(name)) throw new MediaError('bad_sound', 'a sound is named by letters, digits and . _ / -');
      return queue(() => read(`file:${name}`, path));
    },
    /** In its turn: a sound that is being read is forgotten when it has come. */
    unload: (name) => void queue(async () => put(`file:${name}`, undefined)),
    loadPrompts: () =>
      queue(async () => {
        for (const name of promptNames) if (!sounds.has(name)) await read(name, promptFile(name));
      }),
  };
}

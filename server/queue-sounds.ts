import { join } from 'node:path';
import type { MediaEngine } from '../channels/voice/media/engine.ts';
import type { Log } from './kernel/log.ts';
import type { RoutingSetup } from './routing/store.ts';

export interface QueueSoundsOptions {
  readonly media: Pick<MediaEngine, 'loadSound' | 'unloadSound'>;
  readonly setup: Pick<RoutingSetup, 'sounds'>;
  readonly soundsDir: string;
  readonly log: Log;
}

/**
 * Keeps the media engine's library in step with the company's sounds: `file:ID` is the sound of that id.
 * @returns call it at the start and after every change; a file that is missing is logged and leaves silence
 */
export function queueSounds({ media, setup, soundsDir, log }: QueueSoundsOptions): () => Promise<void> {
  const loaded = new Map<number, string>();
  return async () => {
    for (const id of [...loaded.keys()])
      if (!setup.sounds.has(id)) {
        media.unloadSound(String(id));
        loaded.delete(id);
      }
    for (const { id, sha256, name } of setup.sounds.values()) {
      if (loaded.get(id) === sha256) continue;
      loaded.set(id, sha256);
      await media
        .loadSound(String(id), join(soundsDir, `${sha256}.wav`))
        .catch((error: unknown) => log.error({ err: error, soundId: id, name }, 'sound could not be loaded'));
    }
  };
}

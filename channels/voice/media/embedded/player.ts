import type { SequenceSource, SoundName, SoundSource } from '../engine.ts';
import { limits } from '../limits.ts';
import type { AudioLaw } from '../sdp/negotiate.ts';
import { frameSamples, g711 } from './g711.ts';
import type { Sound } from './sounds.ts';

/** The sounds that a worker can play. */
export type SoundLibrary = ReadonlyMap<SoundName, Sound>;

/** Sounds as one leg hears them: some once, one after another, then perhaps one for ever. */
export interface Player {
  /** As it was last asked for; the very object, because a sequence asked for again starts again. */
  source: SoundSource | SequenceSource;
  readonly once: readonly Sound[];
  readonly loop: { readonly name: SoundName; readonly sound: Sound } | undefined;
  /** Which of `once` plays; their number = all have been played. */
  index: number;
  /** Next sample of that sound. */
  at: number;
  /** Next sample of the loop. */
  loopAt: number;
  /** The name that `sound-ended` will carry; undefined when that has been told, or is never to be. */
  ending: SoundName | undefined;
}

function knownSounds(names: readonly SoundName[], library: SoundLibrary): Sound[] {
  return names.slice(0, limits.sequenceSounds).flatMap((name) => library.get(name) ?? []);
}

/**
 * A player for what is asked for. Of `running`, what the leg hears so far, the same plain sound goes on; so does the loop
 * of a sequence that interrupted it.
 */
export function playerFor(
  source: SoundSource | SequenceSource,
  running: readonly Player[],
  library: SoundLibrary,
): Player {
  const same = running.find((player) => player.source === source || sameSound(player.source, source));
  if (same) {
    same.source = source;
    return same;
  }
  const plain = source.kind === 'sound';
  const loopName = plain ? (source.loop ? source.name : undefined) : source.thenLoop;
  const loopSound = loopName && library.get(loopName);
  const once = plain ? (source.loop ? [] : [source.name]) : source.names;
  const interrupted = running.find(({ loop }) => loop !== undefined && loop.sound === loopSound);
  return {
    source,
    once: knownSounds(once, library),
    loop: loopName && loopSound ? { name: loopName, sound: loopSound } : undefined,
    index: 0,
    at: 0,
    loopAt: interrupted?.loopAt ?? 0,
    // A loop ends only when there is nothing to be heard of it.
    ending: once.at(-1) ?? (loopSound ? undefined : loopName),
  };
}

const sameSound = (one: Player['source'], other: Player['source']): boolean =>
  one.kind === 'sound' && other.kind === 'sound' && one.name === other.name && one.loop === other.loop;

/** Whether nothing is left to be heard. */
export const isOver = (player: Player): boolean => player.index >= player.once.length && !player.loop;

/** The name for `sound-ended` when the sounds that play once have just come to their end; once. */
export function takeEnding(player: Player): SoundName | undefined {
  if (player.index < player.once.length) return undefined;
  const { ending } = player;
  player.ending = undefined;
  return ending;
}

/** 20 ms: 160 octets from `offset` on. Valid until the next call. */
export interface SoundFrame {
  octets: Uint8Array;
  offset: number;
}

const frame: SoundFrame = { octets: new Uint8Array(0), offset: 0 };
const seam = new Uint8Array(frameSamples);

/** The next 20 ms in a law; silence when nothing is left. Most frames lie inside one sound and are not copied. */
export function takeFrame(player: Player, law: AudioLaw): SoundFrame {
  const looping = player.index >= player.once.length;
  const sound = looping ? player.loop?.sound : player.once[player.index];
  const at = looping ? player.loopAt : player.at;
  if (!sound || at + frameSamples > sound.samples) return joinFrame(player, law);
  frame.octets = sound.encoded[law];
  frame.offset = at;
  move(player, frameSamples);
  return frame;
}

/** A frame over the seam of two sounds, sample by sample without a gap. */
function joinFrame(player: Player, law: AudioLaw): SoundFrame {
  let filled = 0;
  while (filled < frameSamples && !isOver(player)) {
    const looping = player.index >= player.once.length;
    const sound = (looping ? player.loop?.sound : player.once[player.index]) as Sound;
    const from = looping ? player.loopAt : player.at;
    const count = Math.min(frameSamples - filled, sound.samples - from);
    for (let i = 0; i < count; i++) seam[filled + i] = sound.encoded[law][from + i] as number;
    filled += count;
    move(player, count);
  }
  seam.fill(g711[law].silence, filled);
  frame.octets = seam;
  frame.offset = 0;
  return frame;
}

function move(player: Player, samples: number): void {
  if (player.index >= player.once.length) {
    player.loopAt += samples;
    if (player.loopAt >= (player.loop?.sound.samples ?? 0)) player.loopAt = 0;
    return;
  }
  player.at += samples;
  if (player.at < (player.once[player.index]?.samples ?? 0)) return;
  player.index++;
  player.at = 0;
}

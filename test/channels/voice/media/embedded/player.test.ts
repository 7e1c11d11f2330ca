import { describe, expect, it } from 'vitest';
import { g711 } from '../../../../../channels/voice/media/embedded/g711.ts';
import {
  isOver,
  type Player,
  playerFor,
  type SoundLibrary,
  takeEnding,
  takeFrame,
} from '../../../../../channels/voice/media/embedded/player.ts';
import type { Sound } from '../../../../../channels/voice/media/embedded/sounds.ts';
import type { SequenceSource, SoundName } from '../../../../../channels/voice/media/engine.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';

/** Every octet tells its sound (upper bits) and, in part, its place. */
function made(mark: number, samples: number): Sound {
  const octets = (shift: number) => Uint8Array.from({ length: samples }, (_, i) => mark * 16 + ((i + shift) % 16));
  return { samples, encoded: { PCMA: octets(0), PCMU: octets(1) } };
}

const one = made(1, 250);
const two = made(2, 410);
const tiny = made(3, 7);
const names = { one: 'file:one', two: 'file:two', tiny: 'file:tiny', unknown: 'file:unknown' } as const;
const library: SoundLibrary = new Map<SoundName, Sound>([
  [names.one, one],
  [names.two, two],
  [names.tiny, tiny],
]);

const once = (name: SoundName) => ({ kind: 'sound', name, loop: false }) as const;
const loop = (name: SoundName) => ({ kind: 'sound', name, loop: true }) as const;
const sequence = (all: SoundName[], thenLoop?: SoundName): SequenceSource => ({
  kind: 'sequence',
  names: all,
  ...(thenLoop ? { thenLoop } : {}),
});

/** What it plays in so many frames, with the frame after which each ending was told. */
function play(player: Player, frames: number, law: 'PCMA' | 'PCMU' = 'PCMA') {
  const octets: number[] = [];
  const endings: [number, SoundName][] = [];
  for (let n = 1; n <= frames; n++) {
    const { octets: from, offset } = takeFrame(player, law);
    octets.push(...from.subarray(offset, offset + 160));
    const ending = takeEnding(player);
    if (ending) endings.push([n, ending]);
  }
  return { octets, endings };
}

const joined = (...parts: Iterable<number>[]): number[] => parts.flatMap((part) => [...part]);
const silence = (count: number): number[] => Array(count).fill(g711.PCMA.silence);
const { PCMA: a1 } = one.encoded;
const { PCMA: a2 } = two.encoded;

describe('a player', () => {
  it('plays a sound once, with silence to the end of the last frame', () => {
    const player = playerFor(once(names.one), [], library);
    expect(play(player, 2)).toEqual({ octets: joined(a1, silence(70)), endings: [[2, names.one]] });
    expect(isOver(player)).toBe(true);
    expect(play(player, 1)).toEqual({ octets: silence(160), endings: [] });
  });

  it('plays in the law of the leg', () => {
    expect(play(playerFor(once(names.two), [], library), 2, 'PCMU').octets).toEqual([
      ...two.encoded.PCMU.subarray(0, 320),
    ]);
  });

  it('loops without a seam, and never ends', () => {
    const player = playerFor(loop(names.one), [], library);
    expect(play(player, 5)).toEqual({ octets: joined(a1, a1, a1, a1.subarray(0, 50)), endings: [] });
    expect(isOver(player)).toBe(false);
    const { octets } = play(playerFor(loop(names.tiny), [], library), 2);
    expect(octets).toEqual(Array.from({ length: 320 }, (_, i) => 48 + (i % 7)));
  });

  it('plays a sequence sample by sample, tells its end once, and goes on with the loop', () => {
    const player = playerFor(sequence([names.one, names.two, names.tiny], names.one), [], library);
    expect(play(player, 8)).toEqual({
      octets: joined(a1, a2, tiny.encoded.PCMA, a1, a1, a1.subarray(0, 113)),
      endings: [[5, names.tiny]],
    });
  });

  it('plays a sequence without a loop to its end', () => {
    const player = playerFor(sequence([names.one, names.tiny]), [], library);
    expect(play(player, 2)).toEqual({ octets: joined(a1, tiny.encoded.PCMA, silence(63)), endings: [[2, names.tiny]] });
    expect(isOver(player)).toBe(true);
  });

  it.each<[string, Parameters<typeof playerFor>[0], boolean, SoundName | undefined]>([
    ['a sound', once(names.unknown), true, names.unknown],
    ['a loop', loop(names.unknown), true, names.unknown],
    ['a sequence', sequence([names.unknown, 'file:either']), true, 'file:either'],
    ['a sequence with a known loop', sequence([names.unknown], names.one), false, names.unknown],
    ['the loop of a sequence', sequence([], names.unknown), true, names.unknown],
    ['nothing at all', sequence([]), true, undefined],
    ['only a loop', sequence([], names.one), false, undefined],
  ])('ends at once what it does not know: %s', (_, source, over, ending) => {
    const player = playerFor(source, [], library);
    expect([isOver(player), takeEnding(player), takeEnding(player)]).toEqual([over, ending, undefined]);
  });

  it('leaves out what it does not know, and what is too much', () => {
    expect(play(playerFor(sequence([names.unknown, names.one]), [], library), 2).endings).toEqual([[2, names.one]]);
    const long = playerFor(sequence(Array(limits.sequenceSounds + 5).fill(names.one)), [], library);
    expect(long.once).toHaveLength(limits.sequenceSounds);
  });
});

describe('asked for again', () => {
  it('the same sound goes on, a sequence starts again', () => {
    const music = playerFor(loop(names.one), [], library);
    play(music, 1);
    expect(playerFor(loop(names.one), [music], library)).toBe(music);
    expect(playerFor(once(names.one), [music], library)).not.toBe(music);
    const asked = sequence([names.one]);
    const running = playerFor(asked, [], library);
    play(running, 1);
    expect(playerFor(asked, [running], library)).toBe(running);
    expect(playerFor(sequence([names.one]), [running], library)).toMatchObject({ index: 0, at: 0 });
  });

  it('a loop goes on where a sequence has interrupted it, any number of times', () => {
    const music = playerFor(loop(names.two), [], library);
    play(music, 1);
    const first = playerFor(sequence([names.tiny], names.two), [music], library);
    expect(play(first, 1).octets).toEqual(joined(tiny.encoded.PCMA, a2.subarray(160, 313)));
    const second = playerFor(sequence([names.tiny], names.two), [first], library);
    expect(play(second, 1).octets).toEqual(joined(tiny.encoded.PCMA, a2.subarray(313), a2.subarray(0, 56)));
    const after = playerFor(loop(names.two), [second], library);
    expect(play(after, 1).octets).toEqual([...a2.subarray(56, 216)]);
  });

  it('a sound that was replaced is the new one, but whoever hears the old one hears it out', () => {
    const old = playerFor(once(names.one), [], library);
    play(old, 1);
    const replaced: SoundLibrary = new Map([[names.one, two]]);
    expect(play(playerFor(once(names.one), [], replaced), 1).octets).toEqual([...a2.subarray(0, 160)]);
    expect(play(old, 1).octets).toEqual(joined(a1.subarray(160), silence(70)));
  });
});

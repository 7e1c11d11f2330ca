import type { LegId } from '../../../../server/kernel/ids.ts';
import type { SoundName } from '../engine.ts';
import { maySend } from '../sdp/negotiate.ts';
import { dtmfBusy } from './dtmf.ts';
import { frameSamples } from './g711.ts';
import { createJitterBuffer } from './jitter.ts';
import type { Leg } from './leg.ts';
import { addToMix, clearMix, encodeMix } from './mixer.ts';
import type { Sound } from './sounds.ts';
import { sendFrame } from './stream.ts';

/** A sound as one leg hears it. */
export interface Player {
  readonly name: SoundName;
  readonly sound: Sound;
  readonly loop: boolean;
  /** Next frame to play. */
  frame: number;
}

/** What a leg hears, worked out from its sources: the cheapest way that serves them. */
export type Hearing =
  | { readonly kind: 'silence' }
  | { readonly kind: 'relay' }
  | { readonly kind: 'sound'; readonly player: Player }
  | { readonly kind: 'mix'; readonly legs: readonly Leg[]; readonly players: Player[] };

const playersOf = (hearing: Hearing): readonly Player[] => {
  if (hearing.kind === 'sound') return [hearing.player];
  return hearing.kind === 'mix' ? hearing.players : [];
};

/** A sound that is heard already goes on where it is. */
function playerFor(leg: Leg, name: SoundName, loop: boolean, sounds: Readonly<Record<SoundName, Sound>>): Player {
  const running = playersOf(leg.hearing).find((player) => player.name === name && player.loop === loop);
  return running ?? { name, sound: sounds[name], loop, frame: 0 };
}

function hearingOf(leg: Leg, legs: ReadonlyMap<LegId, Leg>, sounds: Readonly<Record<SoundName, Sound>>): Hearing {
  const heard: Leg[] = [];
  const players: Player[] = [];
  for (const source of leg.wanted) {
    if (source.kind === 'sound') players.push(playerFor(leg, source.name, source.loop, sounds));
    else {
      const other = legs.get(source.legId);
      if (other && !heard.includes(other)) heard.push(other);
    }
  }
  const [player] = players;
  if (heard.length === 0 && !player) return { kind: 'silence' };
  if (heard.length === 1 && !player) return { kind: 'relay' };
  if (heard.length === 0 && players.length === 1 && player) return { kind: 'sound', player };
  return { kind: 'mix', legs: heard, players };
}

/** Works out the hearing of every leg anew; called whenever legs or sources change. */
export function route(legs: ReadonlyMap<LegId, Leg>, sounds: Readonly<Record<SoundName, Sound>>): void {
  for (const leg of legs.values()) leg.hearing = hearingOf(leg, legs, sounds);
  const all = [...legs.values()];
  for (const leg of all) {
    leg.listeners = all.filter(
      ({ hearing, wanted }) =>
        hearing.kind === 'relay' && wanted.some((source) => source.kind === 'leg' && source.legId === leg.id),
    );
    const mixed = all.some(({ hearing }) => hearing.kind === 'mix' && hearing.legs.includes(leg));
    leg.jitter = mixed ? (leg.jitter ?? createJitterBuffer()) : undefined;
  }
}

/** Whether a connected leg takes our frames now: its peer does not hold it, and no digit is on its way. */
const audible = (leg: Leg): boolean =>
  leg.negotiated !== undefined && maySend(leg.negotiated) && !dtmfBusy(leg.dtmfOut);

/** Moves a player on by a frame. True when a one-shot sound has just ended. */
function advance(player: Player): boolean {
  player.frame++;
  if (player.frame < player.sound.frames) return false;
  player.frame = 0;
  return !player.loop;
}

/** Forgets a source whose sound has ended, so that no later routing starts it again. */
function forget(leg: Leg, player: Player): void {
  leg.wanted = leg.wanted.filter((source) => source.kind !== 'sound' || source.loop || source.name !== player.name);
}

/** Plays 20 ms; the name when a one-shot sound has ended. A sound waits for a leg that is not connected yet. */
export function playSound(leg: Leg, player: Player, nowMs: number): SoundName | null {
  const codec = leg.negotiated?.codec;
  if (!codec || !leg.transport.ready()) return null;
  if (audible(leg)) {
    const frames = player.sound.encoded[codec.law];
    sendFrame(leg.stream, frames, player.frame * frameSamples, codec.payloadType, nowMs, leg.transport.send);
  }
  if (!advance(player)) return null;
  forget(leg, player);
  leg.hearing = { kind: 'silence' };
  return player.name;
}

/** Takes this tick's 20 ms of every leg that is part of a mix. */
export function pullMixFrames(legs: Iterable<Leg>): void {
  for (const leg of legs) if (leg.jitter) leg.mixFrame = leg.jitter.pull();
}

/** Mixes and sends 20 ms; the names of one-shot sounds that have ended. */
export function playMix(leg: Leg, hearing: Hearing & { kind: 'mix' }, nowMs: number): SoundName[] {
  const codec = leg.negotiated?.codec;
  if (!codec || !leg.transport.ready()) return [];
  if (audible(leg)) {
    clearMix();
    for (const { mixFrame } of hearing.legs) if (mixFrame) addToMix(mixFrame, 0);
    for (const player of hearing.players) addToMix(player.sound.linear, player.frame * frameSamples);
    sendFrame(leg.stream, encodeMix(codec.law), 0, codec.payloadType, nowMs, leg.transport.send);
  }
  const ended = hearing.players.filter(advance);
  for (const player of ended) {
    hearing.players.splice(hearing.players.indexOf(player), 1);
    forget(leg, player);
  }
  return ended.map((player) => player.name);
}

import type { LegId } from '../../../../server/kernel/ids.ts';
import type { SoundName } from '../engine.ts';
import { maySend } from '../sdp/negotiate.ts';
import { dtmfBusy } from './dtmf.ts';
import { createJitterBuffer } from './jitter.ts';
import type { Hearing, Leg } from './leg.ts';
import { addEncodedToMix, addToMix, clearMix, encodeMix } from './mixer.ts';
import { isOver, type Player, playerFor, type SoundLibrary, takeEnding, takeFrame } from './player.ts';
import { sendFrame } from './stream.ts';

const playersOf = (hearing: Hearing): readonly Player[] => {
  if (hearing.kind === 'sound') return [hearing.player];
  return hearing.kind === 'mix' ? hearing.players : [];
};

function hearingOf(leg: Leg, legs: ReadonlyMap<LegId, Leg>, sounds: SoundLibrary): Hearing {
  const heard: Leg[] = [];
  const players: Player[] = [];
  for (const source of leg.wanted) {
    if (source.kind !== 'leg') {
      const player = playerFor(source, playersOf(leg.hearing), sounds);
      if (!players.includes(player)) players.push(player);
    } else {
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
export function route(legs: ReadonlyMap<LegId, Leg>, sounds: SoundLibrary): void {
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

/** Forgets a source whose sounds have ended, so that no later routing starts it again. */
function forget(leg: Leg, { source }: Player): void {
  leg.wanted = leg.wanted.filter((each) => each !== source);
}

/**
 * Plays 20 ms; the name when sounds that play once have ended. A sound waits for a leg that is not connected yet; one that
 * is not known waits for nothing.
 */
export function playSound(leg: Leg, player: Player, nowMs: number): SoundName | undefined {
  const codec = leg.negotiated?.codec;
  if (!isOver(player)) {
    if (!codec || !leg.transport.ready()) return undefined;
    const { octets, offset } = takeFrame(player, codec.law);
    if (audible(leg)) sendFrame(leg.stream, octets, offset, codec.payloadType, nowMs, leg.transport.send);
  }
  if (isOver(player)) {
    forget(leg, player);
    leg.hearing = { kind: 'silence' };
  }
  return takeEnding(player);
}

/** Takes this tick's 20 ms of every leg that is part of a mix. */
export function pullMixFrames(legs: Iterable<Leg>): void {
  for (const leg of legs) if (leg.jitter) leg.mixFrame = leg.jitter.pull();
}

/** Mixes and sends 20 ms; the names of sounds that have ended. */
export function playMix(leg: Leg, hearing: Hearing & { kind: 'mix' }, nowMs: number): SoundName[] {
  const codec = leg.negotiated?.codec;
  if (!codec || !leg.transport.ready()) return [];
  clearMix();
  for (const { mixFrame } of hearing.legs) if (mixFrame) addToMix(mixFrame);
  for (const player of hearing.players) {
    const { octets, offset } = takeFrame(player, codec.law);
    addEncodedToMix(octets, offset, codec.law);
  }
  if (audible(leg)) sendFrame(leg.stream, encodeMix(codec.law), 0, codec.payloadType, nowMs, leg.transport.send);
  return endedIn(leg, hearing);
}

/** Names for `sound-ended`; players that are over leave the mix. */
function endedIn(leg: Leg, { players }: Hearing & { kind: 'mix' }): SoundName[] {
  // By far most ticks of most mixes end nothing.
  if (players.length === 0) return [];
  const names = players.flatMap((player) => takeEnding(player) ?? []);
  for (const player of players.filter(isOver)) {
    players.splice(players.indexOf(player), 1);
    forget(leg, player);
  }
  return names;
}

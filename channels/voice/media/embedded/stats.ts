import type { MediaStats } from '../engine.ts';
import type { Leg } from './leg.ts';
import { jitterMs, lostPackets } from './receiver.ts';
import type { ReportTime } from './rtcp.ts';
import { isSpeaking } from './voice-activity.ts';

/** What the ear is given of a stream. */
export interface Quality {
  /** 0-100. */
  readonly lossPercent: number;
  readonly jitterMs: number;
  readonly roundTripMs: number;
}

/** Packetization and playout that a far end adds, whatever the network does. */
const fixedDelayMs = 40;

/**
 * Mean opinion score by the E-model (ITU-T G.107), reduced to delay and random loss of G.711 with concealment
 * (G.113 appendix I: Ie 0, Bpl 25.1). 1-4.5; about 4.4 is a perfect telephone call.
 */
export function meanOpinionScore(quality: Quality): number {
  const delay = quality.roundTripMs / 2 + 2 * quality.jitterMs + fixedDelayMs;
  const delayImpairment = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const lossImpairment = (95 * quality.lossPercent) / (quality.lossPercent + 25.1);
  const rating = Math.max(0, Math.min(93.2, 93.2 - delayImpairment - lossImpairment));
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** The figures of one leg since it was added. */
export function legFigures({ receiver, stream, view, voice }: Leg, { nowMs, epochMs }: ReportTime): MediaStats {
  const lost = lostPackets(receiver);
  const expected = receiver.totalPackets + lost;
  const jitter = jitterMs(receiver);
  return {
    receivedPackets: receiver.totalPackets,
    sentPackets: stream.packets,
    lostPackets: lost,
    jitterMs: jitter,
    roundTripMs: view.roundTripMs,
    mos: meanOpinionScore({
      lossPercent: expected > 0 ? (lost / expected) * 100 : 0,
      jitterMs: jitter,
      roundTripMs: view.roundTripMs,
    }),
    speaking: isSpeaking(voice, nowMs),
    lastVoiceAt: Number.isFinite(voice.lastVoiceAt) ? Math.round(epochMs - (nowMs - voice.lastVoiceAt)) : null,
  };
}

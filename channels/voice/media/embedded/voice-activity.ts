import type { RtpHeader } from './rtp.ts';

/**
 * Whether a peer says something, by the energy of its packets over the noise of its line. It takes every second packet: a
 * word is longer.
 */
export interface VoiceActivity {
  /** Monotonic milliseconds of the last packet with voice; -Infinity = none yet. */
  lastVoiceAt: number;
  /** Somebody asks for the figures until then. */
  wantedUntil: number;
  /** Softest packet of the present and of the last stretch: what is heard between words. Mean squares. */
  softest: number;
  softestBefore: number;
  stretchEndsAt: number;
}

const fullScale = 32_768;
/** dB relative to full scale, as a mean square. */
const level = (decibels: number): number => fullScale ** 2 * 10 ** (decibels / 10);

/** Voice is this much louder than the noise (9 dB). */
const overNoise = 10 ** 0.9;
/** However still the line, what is softer than this and 9 dB is no voice; however noisy, what is louder is one. */
const lowestNoise = level(-62);
const highestNoise = level(-38);
const usualNoise = level(-50);
/** Nobody speaks for so long without a pause between two words. */
const stretchMs = 1_000;
/** Pauses inside a sentence are speech. */
const holdMs = 400;
/** The figures are asked for again within this time, or nobody looks at them any more. */
const wantedMs = 15_000;

export const newVoiceActivity = (): VoiceActivity => ({
  lastVoiceAt: Number.NEGATIVE_INFINITY,
  wantedUntil: Number.NEGATIVE_INFINITY,
  softest: Number.POSITIVE_INFINITY,
  softestBefore: usualNoise,
  stretchEndsAt: Number.NEGATIVE_INFINITY,
});

/** Looks for voice from now on, for some seconds. */
export function wantVoice(activity: VoiceActivity, nowMs: number): void {
  activity.wantedUntil = nowMs + wantedMs;
}

export const isSpeaking = (activity: VoiceActivity, nowMs: number): boolean => nowMs - activity.lastVoiceAt < holdMs;

function powerOf(packet: Buffer, header: RtpHeader, decode: Int16Array): number {
  let sum = 0;
  for (let i = header.payloadStart; i < header.payloadEnd; i++) sum += (decode[packet[i] as number] as number) ** 2;
  return sum / Math.max(1, header.payloadEnd - header.payloadStart);
}

/** The noise is the softest that was heard in the last one or two seconds. */
function noiseOf(activity: VoiceActivity, power: number, nowMs: number): number {
  if (nowMs >= activity.stretchEndsAt) {
    if (Number.isFinite(activity.softest)) activity.softestBefore = activity.softest;
    activity.softest = Number.POSITIVE_INFINITY;
    activity.stretchEndsAt = nowMs + stretchMs;
  }
  activity.softest = Math.min(activity.softest, power);
  return Math.max(lowestNoise, Math.min(highestNoise, activity.softest, activity.softestBefore));
}

/** Takes a packet of the peer. */
export function noteVoice(
  activity: VoiceActivity,
  packet: Buffer,
  header: RtpHeader,
  decode: Int16Array,
  nowMs: number,
): void {
  if (header.sequence & 1) return;
  const power = powerOf(packet, header, decode);
  if (power > overNoise * noiseOf(activity, power, nowMs)) activity.lastVoiceAt = nowMs;
}

import type { Tone } from '../parts/tone.ts';

export type Loudness = 'good' | 'loud' | 'quiet' | 'silent';

/** What the loudest sample (dB below full scale) says about a sound. */
export function loudnessOf(peakDb: number): Loudness {
  if (peakDb <= -60) return 'silent';
  if (peakDb < -24) return 'quiet';
  return peakDb >= -0.1 ? 'loud' : 'good';
}

export const loudnessTones: Record<Loudness, Tone> = { good: 'good', loud: 'warn', quiet: 'warn', silent: 'bad' };

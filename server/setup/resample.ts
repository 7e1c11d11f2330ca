import { setImmediate as turn } from 'node:timers/promises';
import { type PcmSound, playedRate } from './wav.ts';

/** Zero crossings of the filter on each side: 60 dB of what a telephone cannot carry is gone. */
const crossings = 16;
/** Table steps between two of them. */
const steps = 256;
/** Share of the band that passes untouched; the filter's slope needs the rest. */
const passes = 0.9;
/** Work between two looks at other events, in products: some milliseconds, so that calls in hand notice nothing. */
const productsPerTurn = 400_000;

/** One side of a low-pass filter (a sinc in a Blackman window), by distance in output samples. */
const filter = Float64Array.from({ length: crossings * steps + 1 }, (_, index) => {
  const x = index / steps;
  const angle = Math.PI * x * passes;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  const phase = (Math.PI * x) / crossings;
  return sinc * (0.42 + 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase));
});

/** Both channels as one, at half the volume each. */
function mono({ channels, samples }: PcmSound): Float64Array {
  if (channels === 1) return Float64Array.from(samples);
  return Float64Array.from({ length: samples.length / 2 }, (_, index) => {
    return ((samples[index * 2] ?? 0) + (samples[index * 2 + 1] ?? 0)) / 2;
  });
}

const clipped = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));

/** Sound as the house plays it. Gives way to other events all the time: a long file takes a second. */
export async function toPlayed(sound: PcmSound): Promise<Int16Array> {
  const input = mono(sound);
  if (sound.rate === playedRate) return Int16Array.from(input, clipped);
  const ratio = sound.rate / playedRate;
  const reach = crossings * ratio;
  const output = new Int16Array(Math.max(1, Math.floor(input.length / ratio)));
  const perTurn = Math.max(1, Math.floor(productsPerTurn / (2 * reach)));
  for (let start = 0; start < output.length; start += perTurn) {
    const end = Math.min(start + perTurn, output.length);
    for (let index = start; index < end; index++) output[index] = clipped(sampleAt(input, index * ratio, ratio));
    await turn();
  }
  return output;
}

/** The filtered sound at a place between two samples of the input. */
function sampleAt(input: Float64Array, center: number, ratio: number): number {
  const reach = crossings * ratio;
  const first = Math.max(0, Math.ceil(center - reach));
  const last = Math.min(input.length - 1, Math.floor(center + reach));
  let sum = 0;
  let weights = 0;
  for (let at = first; at <= last; at++) {
    const weight = filter[Math.round((Math.abs(at - center) / ratio) * steps)] ?? 0;
    sum += (input[at] ?? 0) * weight;
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

/** Loudest sample in dB below full scale, to a tenth; -100 = silence. */
export function peakDb(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak === 0 ? -100 : Math.round(200 * Math.log10(peak / 32_768)) / 10;
}

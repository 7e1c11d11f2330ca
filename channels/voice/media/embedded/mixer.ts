import type { AudioLaw } from '../sdp/negotiate.ts';
import { frameSamples, g711 } from './g711.ts';

const sum = new Int32Array(frameSamples);
const octets = new Uint8Array(frameSamples);

/** Starts a mix of 20 ms. One mix is made at a time: the buffers belong to the thread. */
export function clearMix(): void {
  sum.fill(0);
}

/** Adds 160 samples. */
export function addToMix(samples: Int16Array): void {
  for (let i = 0; i < frameSamples; i++) sum[i] = (sum[i] as number) + (samples[i] as number);
}

/** Adds 160 octets of a law, beginning at `offset`. */
export function addEncodedToMix(octets: Uint8Array, offset: number, law: AudioLaw): void {
  const { decode } = g711[law];
  for (let i = 0; i < frameSamples; i++) sum[i] = (sum[i] as number) + (decode[octets[offset + i] as number] as number);
}

/** The mix in one of the laws, clipped. Valid until the next call. */
export function encodeMix(law: AudioLaw): Uint8Array {
  const { encode } = g711[law];
  for (let i = 0; i < frameSamples; i++) {
    const sample = Math.max(-32768, Math.min(32767, sum[i] as number));
    octets[i] = encode[sample & 0xffff] as number;
  }
  return octets;
}

import type { ToneName } from '../engine.ts';
import type { AudioLaw } from '../sdp/negotiate.ts';
import { g711 } from './g711.ts';
import { sampleRate } from './wav.ts';

/** A sound of the library, in both laws: an octet a sample. Nobody keeps a copy of his own. */
export interface Sound {
  readonly samples: number;
  readonly encoded: Readonly<Record<AudioLaw, Uint8Array>>;
}

const fullScale = 32767;

/** A tone with 5 ms ramps at both ends, so that it does not click. */
function addTone(into: Float64Array, fromMs: number, lengthMs: number, frequency: number, level: number): void {
  const start = (fromMs * sampleRate) / 1000;
  const length = (lengthMs * sampleRate) / 1000;
  const ramp = 40;
  for (let i = 0; i < length; i++) {
    const edge = Math.min(1, i / ramp, (length - 1 - i) / ramp);
    const at = start + i;
    into[at] = (into[at] ?? 0) + level * edge * Math.sin((2 * Math.PI * frequency * i) / sampleRate);
  }
}

function cadence(onMs: number, offMs: number, frequency: number, level: number): Float64Array {
  const samples = new Float64Array(((onMs + offMs) * sampleRate) / 1000);
  addTone(samples, 0, onMs, frequency, level);
  return samples;
}

const midiFrequency = (note: number): number => 440 * 2 ** ((note - 69) / 12);

/**
 * A plucked string: five partials, the higher ones softer and shorter. Wraps around the end, so that the loop has no
 * seam. The sine is made by recurrence, sin(n+1) = 2 cos(step) sin(n) - sin(n-1): a fifth of the time of Math.sin.
 */
function addPluck(into: Float64Array, atSample: number, note: number, level: number): void {
  const length = Math.floor(2.2 * sampleRate);
  for (let partial = 1; partial <= 5; partial++) {
    const stretch = 1 + 0.0004 * partial * partial;
    const step = (2 * Math.PI * midiFrequency(note) * partial * stretch) / sampleRate;
    const decay = Math.exp((-1.6 - 0.9 * partial) / sampleRate);
    const twiceCosine = 2 * Math.cos(step);
    let amplitude = level / partial ** 1.4;
    let sine = 0;
    let before = -Math.sin(step);
    for (let i = 0, at = atSample; i < length; i++, at++, amplitude *= decay) {
      if (at === into.length) at = 0;
      const fade = i < 24 ? i / 24 : Math.min(1, (length - i) / 400);
      into[at] = (into[at] as number) + amplitude * fade * sine;
      const next = twiceCosine * sine - before;
      before = sine;
      sine = next;
    }
  }
}

/** Chords of the waiting music as MIDI notes: bass, then the broken chord. C, Am, F, G with passing colours. */
const chords: readonly (readonly [bass: number, ...notes: number[]])[] = [
  [48, 64, 67, 72, 76, 72, 67, 64, 67],
  [45, 64, 69, 72, 76, 72, 69, 64, 69],
  [53, 65, 69, 72, 77, 72, 69, 65, 72],
  [55, 62, 67, 71, 74, 71, 67, 62, 71],
  [52, 64, 67, 71, 76, 71, 67, 64, 67],
  [45, 64, 69, 72, 76, 79, 76, 72, 69],
  [50, 65, 69, 74, 77, 74, 69, 65, 69],
  [55, 65, 67, 71, 74, 77, 74, 71, 67],
];

/** 24 s of broken chords on a plucked string, written for this program. Peaks stay near -14 dBFS: it waits, it does not perform. */
function music(): Float64Array {
  const beat = 0.375 * sampleRate;
  const samples = new Float64Array(chords.length * 8 * beat);
  chords.forEach(([bass, ...notes], bar) => {
    const start = bar * 8 * beat;
    addPluck(samples, start, bass, 0.09);
    addPluck(samples, start + 4 * beat, bass + 7, 0.06);
    notes.forEach((note, i) => {
      addPluck(samples, start + i * beat, note, i % 4 === 0 ? 0.075 : 0.055);
    });
  });
  return samples;
}

function encode(samples: Float64Array): Sound {
  const law = (name: AudioLaw): Uint8Array => {
    const { encode: table } = g711[name];
    const octets = new Uint8Array(samples.length);
    for (let i = 0; i < octets.length; i++) {
      const sample = Math.max(-1, Math.min(1, samples[i] as number)) * fullScale;
      octets[i] = table[sample & 0xffff] as number;
    }
    return octets;
  };
  return { samples: samples.length, encoded: { PCMU: law('PCMU'), PCMA: law('PCMA') } };
}

/**
 * Makes the sounds that are no files, once per worker. `ringback` and `busy` are 425 Hz in the Russian cadence (ITU-T E.180
 * supplement 2: 1 s on, 4 s off; 0.35 s on, 0.35 s off), `beep` is 300 ms of 1000 Hz,
 * `silence` one second of it.
 */
export function createTones(): Readonly<Record<ToneName, Sound>> {
  return {
    music: encode(music()),
    ringback: encode(cadence(1000, 4000, 425, 0.25)),
    busy: encode(cadence(350, 350, 425, 0.25)),
    beep: encode(cadence(300, 20, 1000, 0.25)),
    silence: encode(new Float64Array(sampleRate)),
  };
}

import type { AudioLaw } from '../sdp/negotiate.ts';

/**
 * ITU-T G.711 as tables: 16-bit linear to and from both laws, and law to law. Linear samples index the encoders by
 * their low 16 bits (`sample & 0xffff`).
 */
export interface LawTables {
  /** 256 entries: octet to linear. */
  readonly decode: Int16Array;
  /** 65,536 entries: linear to octet. */
  readonly encode: Uint8Array;
  /** 256 entries: octet to the other law's octet. */
  readonly convert: Uint8Array;
  /** The octet for silence. */
  readonly silence: number;
}

const ulawBias = 0x84;
const ulawClip = 32635;

function decodeUlaw(octet: number): number {
  const bits = ~octet & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + ulawBias) << ((bits & 0x70) >> 4);
  return bits & 0x80 ? ulawBias - magnitude : magnitude - ulawBias;
}

function decodeAlaw(octet: number): number {
  const bits = octet ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const mantissa = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function segmentOf(value: number): number {
  let segment = 7;
  for (let mask = 0x4000; segment > 0 && !(value & mask); mask >>= 1) segment--;
  return segment;
}

function encodeUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(ulawClip, Math.abs(sample)) + ulawBias;
  const segment = segmentOf(biased);
  return ~(sign | (segment << 4) | ((biased >> (segment + 3)) & 0x0f)) & 0xff;
}

function encodeAlaw(sample: number): number {
  const magnitude = sample >= 0 ? sample : -sample - 1;
  const segment = segmentOf(magnitude);
  const mantissa = segment === 0 ? magnitude >> 4 : (magnitude >> (segment + 3)) & 0x0f;
  return ((sample >= 0 ? 0x80 : 0) | (segment << 4) | mantissa) ^ 0x55;
}

function encoder(encode: (sample: number) => number): Uint8Array {
  const table = new Uint8Array(65536);
  for (let sample = -32768; sample < 32768; sample++) table[sample & 0xffff] = encode(sample);
  return table;
}

const ulawDecode = Int16Array.from({ length: 256 }, (_, octet) => decodeUlaw(octet));
const alawDecode = Int16Array.from({ length: 256 }, (_, octet) => decodeAlaw(octet));
const ulawEncode = encoder(encodeUlaw);
const alawEncode = encoder(encodeAlaw);

export const g711: Readonly<Record<AudioLaw, LawTables>> = {
  PCMU: {
    decode: ulawDecode,
    encode: ulawEncode,
    convert: Uint8Array.from(ulawDecode, (sample) => alawEncode[sample & 0xffff] as number),
    silence: 0xff,
  },
  PCMA: {
    decode: alawDecode,
    encode: alawEncode,
    convert: Uint8Array.from(alawDecode, (sample) => ulawEncode[sample & 0xffff] as number),
    silence: 0xd5,
  },
};

/** Samples of one 20 ms frame at 8 kHz; also its octets in either law and its RTP timestamp step. */
export const frameSamples = 160;

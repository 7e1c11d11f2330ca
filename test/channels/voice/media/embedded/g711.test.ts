import { describe, expect, it } from 'vitest';
import { g711 } from '../../../../../channels/voice/media/embedded/g711.ts';

describe('G.711', () => {
  it.each([
    ['PCMU', 0x00, -32124],
    ['PCMU', 0x80, 32124],
    ['PCMU', 0xff, 0],
    ['PCMU', 0x7f, 0],
    ['PCMU', 0x8f, 16764],
    ['PCMU', 0xf0, 120],
    ['PCMA', 0x2a, -32256],
    ['PCMA', 0xaa, 32256],
    ['PCMA', 0xd5, 8],
    ['PCMA', 0x55, -8],
    ['PCMA', 0x95, 2112],
  ] as const)('decodes %s %i as ITU-T G.191 does', (law, octet, sample) => {
    expect(g711[law].decode[octet]).toBe(sample);
  });

  it.each(['PCMU', 'PCMA'] as const)('%s gives every octet back after a round trip', (law) => {
    const { decode, encode } = g711[law];
    for (let octet = 0; octet < 256; octet++) {
      const sample = decode[octet] as number;
      // Two zeros of PCMU decode alike.
      if (law === 'PCMU' && octet === 0x7f) continue;
      expect(encode[sample & 0xffff], `octet ${octet}`).toBe(octet);
    }
  });

  it.each(['PCMU', 'PCMA'] as const)('%s keeps every sample within its step', (law) => {
    const { decode, encode } = g711[law];
    for (let sample = -32768; sample <= 32767; sample += 7) {
      const back = decode[encode[sample & 0xffff] as number] as number;
      const allowed = Math.max(16, Math.abs(sample) / 16);
      expect(Math.abs(back - Math.max(-32635, Math.min(32635, sample))), `sample ${sample}`).toBeLessThanOrEqual(
        allowed,
      );
    }
  });

  it('converts law to law by the nearest value', () => {
    for (let octet = 0; octet < 256; octet++) {
      const sample = g711.PCMU.decode[octet] as number;
      const converted = g711.PCMA.decode[g711.PCMU.convert[octet] as number] as number;
      expect(Math.abs(converted - sample), `octet ${octet}`).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
    }
  });
});

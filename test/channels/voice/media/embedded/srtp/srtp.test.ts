import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCm80 } from '../../../../../../channels/voice/media/embedded/srtp/cm80.ts';
import { createSrtpReceiver, createSrtpSender } from '../../../../../../channels/voice/media/embedded/srtp/context.ts';
import { createGcm } from '../../../../../../channels/voice/media/embedded/srtp/gcm.ts';
import {
  deriveSessionKeys,
  type MasterKey,
  masterLengths,
  type SrtpProfile,
  srtpProfiles,
} from '../../../../../../channels/voice/media/embedded/srtp/keys.ts';

const octets = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');
const profiles: [string, SrtpProfile][] = [
  ['AES-CM', srtpProfiles.aes128CmSha1Tag80],
  ['AES-GCM', srtpProfiles.aeadAes128Gcm],
];
const masterKey = (profile: SrtpProfile): MasterKey => {
  const { key, salt } = masterLengths[profile];
  return { profile, key: randomBytes(key), salt: randomBytes(salt) };
};

function rtp(sequence: number, payload = Buffer.alloc(160, sequence & 0xff), ssrc = 0xcafe): Buffer {
  const header = Buffer.from('800000000000000000000000', 'hex');
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

describe('published vectors', () => {
  it('derives the keys of RFC 3711 appendix B.3', () => {
    const keys = deriveSessionKeys(
      {
        profile: srtpProfiles.aes128CmSha1Tag80,
        key: octets('E1F97A0D3E018BE0D64FA32C06DE4139'),
        salt: octets('0EC675AD498AFEEBB6960B3AABE6'),
      },
      'rtp',
    );
    expect(keys.cipherKey).toEqual(octets('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(keys.salt).toEqual(octets('30CBBC08863D8C85D49DB34A9AE1'));
    expect(keys.authKey).toEqual(octets('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'));
  });

  it('makes the keystream of RFC 3711 appendix B.2', () => {
    const keys = {
      cipherKey: octets('2B7E151628AED2A6ABF7158809CF4F3C'),
      salt: octets('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
      authKey: Buffer.alloc(20),
    };
    const packet = Buffer.alloc(12 + 48 + 10);
    createCm80(keys, 'rtp').seal(packet, 12, 60, 0, 0);
    expect(packet.subarray(12, 60)).toEqual(
      octets('E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0'),
    );
  });

  const gcmKeys = {
    cipherKey: octets('000102030405060708090a0b0c0d0e0f'),
    salt: octets('517569642070726f2071756f'),
    authKey: Buffer.alloc(0),
  };

  it('seals and opens the packet of RFC 7714 section 16.1', () => {
    const plain = octets(
      '8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    );
    const packet = Buffer.concat([plain, Buffer.alloc(16)]);
    const cipher = createGcm(gcmKeys, 'rtp');
    expect(cipher.seal(packet, 12, plain.length, 0x5501a0b2, 0xf17b)).toBe(packet.length);
    expect(packet.subarray(12)).toEqual(
      octets(`f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
              899d7f27beb16a9152cf765ee4390cce`),
    );
    expect(cipher.open(packet, 12, packet.length, 0x5501a0b2, 0xf17b)).toBe(plain.length);
    expect(packet.subarray(0, plain.length)).toEqual(plain);
  });

  it('seals the compound packet of RFC 7714 section 17.1', () => {
    const plain = octets(`81c8000d4d6172734e5450314e545032525450200000042a0000e930
                          4c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef`);
    const packet = Buffer.concat([plain, Buffer.alloc(16)]);
    createGcm(gcmKeys, 'rtcp').seal(packet, 8, plain.length, 0x4d617273, 0x5d4);
    expect(packet).toEqual(
      octets(`81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b
              c84aa45896cf4d2fc5abf87245d9eade`),
    );
  });
});

describe.each(profiles)('SRTP with %s', (_, profile) => {
  function pair() {
    const master = masterKey(profile);
    const sender = createSrtpSender(master);
    const receiver = createSrtpReceiver(master);
    return {
      receiver,
      seal(packet: Buffer): Buffer {
        const room = Buffer.concat([packet, Buffer.alloc(16)]);
        return room.subarray(0, sender.protect(room, packet.length));
      },
      open(packet: Buffer): Buffer | null {
        const copy = Buffer.from(packet);
        const length = receiver.unprotect(copy);
        return length < 0 ? null : copy.subarray(0, length);
      },
      sender,
    };
  }

  it('carries any payload and header extension', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), fc.integer({ min: 0, max: 15 }), (payload, sources) => {
        const { seal, open } = pair();
        const packet = rtp(1, Buffer.concat([Buffer.alloc(4 * sources), payload]));
        packet[0] = 0x80 | sources;
        const sealed = seal(packet);
        expect(sealed.subarray(0, 12)).toEqual(packet.subarray(0, 12));
        expect(open(sealed)).toEqual(packet);
      }),
      { numRuns: 50 },
    );
  });

  it('runs over the end of the sequence numbers, in and out of order', () => {
    const { seal, open } = pair();
    const sequences = [65_533, 65_534, 0, 65_535, 1, 2];
    for (const sequence of sequences) expect(open(seal(rtp(sequence))), `${sequence}`).toEqual(rtp(sequence));
    for (let sequence = 3; sequence < 70_000; sequence += 997) {
      expect(open(seal(rtp(sequence & 0xffff))), `${sequence}`).not.toBeNull();
    }
  });

  it('takes every packet once, in any order within the window', () => {
    const { seal, open } = pair();
    const sealed = Array.from({ length: 64 }, (_, i) => seal(rtp(1000 + i)));
    const shuffled = [...sealed].sort((a, b) => (a[20] as number) - (b[20] as number));
    expect(open(sealed[63] as Buffer)).not.toBeNull();
    for (const packet of shuffled) if (packet !== sealed[63]) expect(open(packet)).not.toBeNull();
    for (const packet of sealed) expect(open(packet)).toBeNull();
  });

  it('refuses what is older than its window', () => {
    const { seal, open } = pair();
    const old = seal(rtp(1));
    for (let sequence = 2; sequence < 100; sequence++) open(seal(rtp(sequence)));
    expect(open(old)).toBeNull();
  });

  it('refuses forgeries, and they change nothing', () => {
    const { seal, open } = pair();
    const sealed = seal(rtp(1));
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed);
      forged[at] = (forged[at] as number) ^ 1;
      expect(open(forged), `octet ${at}`).toBeNull();
    }
    expect(open(sealed)).toEqual(rtp(1));
  });

  it('keeps apart the windows of two sources', () => {
    const master = masterKey(profile);
    const receiver = createSrtpReceiver(master);
    const sealedBy = (ssrc: number): Buffer => {
      const room = Buffer.concat([rtp(5, Buffer.alloc(20), ssrc), Buffer.alloc(16)]);
      return room.subarray(0, createSrtpSender(master).protect(room, 32));
    };
    expect([1, 2, 1, 2].map((ssrc) => receiver.unprotect(sealedBy(ssrc)))).toEqual([32, 32, -1, -1]);
  });

  it('carries RTCP and refuses its replay and its forgery', () => {
    const { sender, receiver } = pair();
    const report = octets('80c90001000000aa 81ca0002000000aa 0104616263640000').subarray(0, 20);
    const first = sender.protectRtcp(report);
    const second = sender.protectRtcp(report);
    expect(first).not.toEqual(second);
    expect(receiver.unprotectRtcp(Buffer.from(second))).toEqual(report);
    expect(receiver.unprotectRtcp(Buffer.from(first))).toEqual(report);
    expect(receiver.unprotectRtcp(Buffer.from(first))).toBeNull();
    const third = sender.protectRtcp(report);
    for (let at = 0; at < third.length; at++) {
      const forged = Buffer.from(third);
      forged[at] = (forged[at] as number) ^ 1;
      expect(receiver.unprotectRtcp(forged), `octet ${at}`).toBeNull();
    }
  });

  it('never throws on random datagrams', () => {
    const { receiver } = pair();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(receiver.unprotect(Buffer.from(data))).toBe(-1);
        expect(receiver.unprotectRtcp(Buffer.from(data))).toBeNull();
      }),
    );
  });
});

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPacketHmac, sha1 } from '../../../../../../channels/voice/media/embedded/srtp/sha1.ts';

describe('sha1', () => {
  it.each([
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
    ['a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
  ])('hashes the examples of FIPS 180', (text, digest) => {
    expect(sha1(Buffer.from(text)).toString('hex')).toBe(digest);
  });

  it('agrees with OpenSSL at every length around the block bounds', () => {
    for (let length = 0; length < 200; length++) {
      const data = randomBytes(length);
      expect(sha1(data)).toEqual(createHash('sha1').update(data).digest());
    }
  });
});

describe('createPacketHmac', () => {
  const tag = (words: Int32Array): Buffer => {
    const digest = Buffer.alloc(20);
    for (const [i, word] of words.entries()) digest.writeInt32BE(word, i * 4);
    return digest;
  };

  it('agrees with OpenSSL at every packet length and for keys shorter and longer than a block', () => {
    for (const keyBytes of [0, 20, 64, 65, 100]) {
      const key = randomBytes(keyBytes);
      const hmac = createPacketHmac(key);
      for (let length = 0; length < 200; length++) {
        const data = randomBytes(length + 10);
        const suffix = randomBytes(4);
        const expected = createHmac('sha1', key).update(data.subarray(0, length)).update(suffix).digest();
        expect(tag(hmac(data, length, suffix.readUInt32BE(0)))).toEqual(expected);
      }
    }
  });
});

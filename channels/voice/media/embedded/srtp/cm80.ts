import { createCipheriv } from 'node:crypto';
import type { PacketCipher } from './cipher.ts';
import type { SessionKeys } from './keys.ts';
import { createPacketHmac } from './sha1.ts';

const blockBytes = 16;
/** 1536 octets of keystream: more than a datagram of limits.ts. */
const maxBlocks = 96;

/** Counter blocks: the salted index, then a 16-bit block number that is filled in once. */
const counters = Buffer.alloc(maxBlocks * blockBytes);
for (let i = 0; i < maxBlocks; i++) counters.writeUInt16BE(i, i * blockBytes + 14);

/** Writes salt XOR SSRC XOR index (RFC 3711 section 4.1.1) into the first 14 octets of each block. */
function fillCounters(salt: Buffer, ssrc: number, index: number, blocks: number): void {
  const upper = Math.floor(index / 0x10000);
  for (let i = 0; i < 14; i++) counters[i] = salt[i] as number;
  counters.writeUInt32BE((salt.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  counters.writeUInt32BE((salt.readUInt32BE(8) ^ upper) >>> 0, 8);
  counters.writeUInt16BE(salt.readUInt16BE(12) ^ (index & 0xffff), 12);
  for (let block = 1; block < blocks; block++) {
    const at = block * blockBytes;
    for (let i = 0; i < 14; i++) counters[at + i] = counters[i] as number;
  }
}

/**
 * AES_CM_128 with HMAC_SHA1_80 (RFC 3711 sections 4.1.1 and 4.2.1), tag of 80 bits. What RTP and RTCP append to the
 * signed part differs: RTP signs the packet and its rollover counter, RTCP signs a packet that ends in its index.
 */
export function createCm80(keys: SessionKeys, use: 'rtp' | 'rtcp'): PacketCipher {
  // Counter mode is ECB over counters: one cipher object for the life of the key, instead of one per packet at 14 us.
  const blockCipher = createCipheriv('aes-128-ecb', keys.cipherKey, null).setAutoPadding(false);
  const hmac = createPacketHmac(keys.authKey);

  function crypt(packet: Buffer, from: number, to: number, ssrc: number, index: number): void {
    const blocks = Math.min(maxBlocks, (to - from + blockBytes - 1) >> 4);
    fillCounters(keys.salt, ssrc, index, blocks);
    const keystream = blockCipher.update(counters.subarray(0, blocks * blockBytes));
    for (let i = from, k = 0; i < to; i++, k++) packet[i] = (packet[i] as number) ^ (keystream[k] as number);
  }

  /** The word after the packet: the rollover counter, or E flag and index. */
  const suffixOf = (index: number): number =>
    use === 'rtp' ? Math.floor(index / 0x10000) >>> 0 : (index | 0x80000000) >>> 0;

  return {
    tagBytes: 10,
    seal(packet, clear, length, ssrc, index) {
      crypt(packet, clear, length, ssrc, index);
      const mac = hmac(packet, length, suffixOf(index));
      packet.writeInt32BE(mac[0] as number, length);
      packet.writeInt32BE(mac[1] as number, length + 4);
      packet.writeUInt16BE((mac[2] as number) >>> 16, length + 8);
      return length + 10;
    },
    open(packet, clear, length, ssrc, index) {
      const end = length - 10;
      const mac = hmac(packet, end, suffixOf(index));
      // No early exit: the time must not tell how much of a forged tag was right.
      const wrong =
        (packet.readInt32BE(end) ^ (mac[0] as number)) |
        (packet.readInt32BE(end + 4) ^ (mac[1] as number)) |
        (packet.readUInt16BE(end + 8) ^ ((mac[2] as number) >>> 16));
      if (wrong !== 0) return -1;
      crypt(packet, clear, end, ssrc, index);
      return end;
    },
  };
}

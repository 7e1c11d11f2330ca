import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { PacketCipher } from './cipher.ts';
import type { SessionKeys } from './keys.ts';

const tagBytes = 16;

/** Salt XOR (00 00 || SSRC || index as 48 bits): RFC 7714 section 8.1, and 9.1 whose index has 31 bits. */
function nonceOf(salt: Buffer, ssrc: number, index: number): Buffer {
  const nonce = Buffer.from(salt);
  nonce.writeUInt32BE((salt.readUInt32BE(2) ^ ssrc) >>> 0, 2);
  nonce.writeUInt32BE((salt.readUInt32BE(6) ^ Math.floor(index / 0x10000)) >>> 0, 6);
  nonce.writeUInt16BE(salt.readUInt16BE(10) ^ (index & 0xffff), 10);
  return nonce;
}

/** What is authenticated but not encrypted: the header; for RTCP also E flag and index (RFC 7714 section 9.2). */
function associated(packet: Buffer, clear: number, use: 'rtp' | 'rtcp', index: number): Buffer {
  if (use === 'rtp') return packet.subarray(0, clear);
  const data = Buffer.alloc(clear + 4);
  packet.copy(data, 0, 0, clear);
  data.writeUInt32BE((index | 0x80000000) >>> 0, clear);
  return data;
}

/** AEAD_AES_128_GCM (RFC 7714), tag of 128 bits. */
export function createGcm(keys: SessionKeys, use: 'rtp' | 'rtcp'): PacketCipher {
  return {
    tagBytes,
    seal(packet, clear, length, ssrc, index) {
      const cipher = createCipheriv('aes-128-gcm', keys.cipherKey, nonceOf(keys.salt, ssrc, index));
      cipher.setAAD(associated(packet, clear, use, index));
      cipher.update(packet.subarray(clear, length)).copy(packet, clear);
      cipher.final();
      cipher.getAuthTag().copy(packet, length);
      return length + tagBytes;
    },
    open(packet, clear, length, ssrc, index) {
      const end = length - tagBytes;
      const nonce = nonceOf(keys.salt, ssrc, index);
      const decipher = createDecipheriv('aes-128-gcm', keys.cipherKey, nonce, { authTagLength: tagBytes });
      decipher.setAAD(associated(packet, clear, use, index));
      decipher.setAuthTag(packet.subarray(end, length));
      const plain = decipher.update(packet.subarray(clear, end));
      try {
        decipher.final();
      } catch {
        // A wrong tag is the only thing that final() throws for.
        return -1;
      }
      plain.copy(packet, clear);
      return end;
    },
  };
}

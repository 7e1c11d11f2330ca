import { createCipheriv } from 'node:crypto';

/** Protection profiles by their number in use_srtp (RFC 5764 section 4.1.2, RFC 7714 section 14.2). */
export const srtpProfiles = { aes128CmSha1Tag80: 0x0001, aeadAes128Gcm: 0x0007 } as const;

export type SrtpProfile = (typeof srtpProfiles)[keyof typeof srtpProfiles];

/** Octets of key and salt that a profile takes from the key exchange. */
export const masterLengths: Readonly<Record<SrtpProfile, { key: number; salt: number }>> = {
  [srtpProfiles.aes128CmSha1Tag80]: { key: 16, salt: 14 },
  [srtpProfiles.aeadAes128Gcm]: { key: 16, salt: 12 },
};

/** Key and salt of one direction. */
export interface MasterKey {
  readonly profile: SrtpProfile;
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** What protects the packets of one direction, for RTP or for RTCP. */
export interface SessionKeys {
  readonly cipherKey: Buffer;
  readonly authKey: Buffer;
  readonly salt: Buffer;
}

/** RFC 3711 section 4.3.1 with a key derivation rate of 0: AES-CM over salt XOR label. A 12-octet salt is padded at its end. */
function derive({ key, salt }: MasterKey, label: number, bytes: number): Buffer {
  const iv = Buffer.alloc(16);
  salt.copy(iv);
  iv[7] = (iv[7] as number) ^ label;
  return createCipheriv('aes-128-ctr', key, iv).update(Buffer.alloc(bytes));
}

/** The session keys of a direction (RFC 3711 section 4.3.2: labels 0-2 for RTP, 3-5 for RTCP). */
export function deriveSessionKeys(master: MasterKey, use: 'rtp' | 'rtcp'): SessionKeys {
  const first = use === 'rtp' ? 0 : 3;
  return {
    cipherKey: derive(master, first, 16),
    authKey: derive(master, first + 1, 20),
    salt: derive(master, first + 2, master.salt.length),
  };
}

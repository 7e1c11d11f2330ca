import { createHmac } from 'node:crypto';
import { type MasterKey, masterLengths, type SrtpProfile } from '../srtp/keys.ts';

/** The pseudo-random function of TLS 1.2 with SHA-256 (RFC 5246 section 5). */
export function prf(secret: Buffer, label: string, seed: Buffer, bytes: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const blocks: Buffer[] = [];
  let chain = labelled;
  for (let length = 0; length < bytes; length += 32) {
    chain = createHmac('sha256', secret).update(chain).digest();
    blocks.push(createHmac('sha256', secret).update(chain).update(labelled).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** Key and implicit nonce of one direction (RFC 5288 section 3). */
export interface WriteKey {
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** RFC 5246 section 6.3 for AES-128-GCM: no MAC keys. */
export function recordKeys(master: Buffer, clientRandom: Buffer, serverRandom: Buffer) {
  const block = prf(master, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
  const client: WriteKey = { key: block.subarray(0, 16), salt: block.subarray(32, 36) };
  const server: WriteKey = { key: block.subarray(16, 32), salt: block.subarray(36, 40) };
  return { client, server };
}

/** Master keys of both directions of an SRTP session. */
export interface SrtpKeys {
  readonly client: MasterKey;
  readonly server: MasterKey;
}

/** RFC 5764 section 4.2: what the handshake exports for SRTP. */
export function exportSrtpKeys(
  master: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
  profile: SrtpProfile,
): SrtpKeys {
  const { key, salt } = masterLengths[profile];
  const seed = Buffer.concat([clientRandom, serverRandom]);
  const material = prf(master, 'EXTRACTOR-dtls_srtp', seed, 2 * (key + salt));
  const saltsAt = 2 * key;
  return {
    client: { profile, key: material.subarray(0, key), salt: material.subarray(saltsAt, saltsAt + salt) },
    server: { profile, key: material.subarray(key, 2 * key), salt: material.subarray(saltsAt + salt) },
  };
}

import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { type Group, groups } from './hello.ts';

/** Our half of an ephemeral Diffie-Hellman exchange (RFC 8422). */
export interface KeyExchange {
  readonly group: Group;
  readonly publicKey: Buffer;
  /** The shared secret. @throws when the peer's key is not a point of the curve */
  agree(peerPublicKey: Buffer): Buffer;
}

/** SubjectPublicKeyInfo of an X25519 key without the 32 octets of the key (RFC 8410). */
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex');

function x25519(): KeyExchange {
  const pair = generateKeyPairSync('x25519');
  return {
    group: groups.x25519,
    publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(x25519Prefix.length),
    agree(peerPublicKey) {
      const der = Buffer.concat([x25519Prefix, peerPublicKey]);
      const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return diffieHellman({ privateKey: pair.privateKey, publicKey });
    },
  };
}

function secp256r1(): KeyExchange {
  const ecdh = createECDH('prime256v1');
  return { group: groups.secp256r1, publicKey: ecdh.generateKeys(), agree: (peer) => ecdh.computeSecret(peer) };
}

export const createKeyExchange = (group: Group): KeyExchange => (group === groups.x25519 ? x25519() : secp256r1());

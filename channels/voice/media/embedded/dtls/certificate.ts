import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { SdpFingerprint } from '../../sdp/parse.ts';
import { alertDescription, DtlsFailure } from './wire.ts';

/** Our identity: browsers check it by the fingerprint in the SDP. */
export interface Certificate {
  readonly key: KeyObject;
  readonly der: Buffer;
  /** SHA-256, upper case with colons. */
  readonly fingerprint: string;
}

/** One DER element (X.690): node:crypto can read certificates and not write them. */
function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => element(0x30, ...contents);
const objectId = (hex: string): Buffer => element(0x06, Buffer.from(hex, 'hex'));

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/** The fingerprint of a certificate (RFC 8122 section 5): upper case with colons. */
export function fingerprintOf(der: Buffer, algorithm: SdpFingerprint['algorithm']): string {
  const hex = createHash(algorithm.replace('-', '')).update(der).digest('hex').toUpperCase();
  return (hex.match(/../g) ?? []).join(':');
}

const yearMs = 365 * 86_400_000;

/** A fresh self-signed ECDSA P-256 certificate (RFC 5280), valid from yesterday for a year. */
export function makeCertificate(nowMs: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
  const name = sequence(element(0x31, sequence(objectId('550403'), element(0x0c, Buffer.from('switchroom')))));
  const serial = randomBytes(16);
  // Positive and without leading zeros.
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const toSign = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(time(new Date(nowMs - 86_400_000)), time(new Date(nowMs + yearMs))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', toSign, privateKey);
  const der = sequence(toSign, ecdsaWithSha256, element(0x03, Buffer.from([0]), signature));
  return { key: privateKey, der, fingerprint: fingerprintOf(der, 'sha-256') };
}

/** Reads the peer's certificate. @throws DtlsFailure `bad_certificate` */
export function readCertificate(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new DtlsFailure(alertDescription.badCertificate, 'the certificate cannot be read');
  }
}

/** Whether the certificate is one of those that the signalling announced. */
export const matchesFingerprint = (certificate: X509Certificate, announced: readonly SdpFingerprint[]): boolean =>
  announced.some(({ algorithm, value }) => fingerprintOf(certificate.raw, algorithm) === value);

/** Signature schemes that we ask for and can check, by their number (RFC 8446 section 4.2.3). */
const schemes: ReadonlyMap<number, { hash: string; pss: boolean }> = new Map([
  [0x0403, { hash: 'sha256', pss: false }], // ecdsa_secp256r1_sha256
  [0x0503, { hash: 'sha384', pss: false }], // ecdsa_secp384r1_sha384
  [0x0804, { hash: 'sha256', pss: true }], // rsa_pss_rsae_sha256
  [0x0401, { hash: 'sha256', pss: false }], // rsa_pkcs1_sha256
]);

export const signatureSchemes: readonly number[] = [...schemes.keys()];
/** ecdsa_secp256r1_sha256: what our own key signs with. */
export const ownScheme = 0x0403;

const rsaPssPadding = 6;

/** Whether the holder of the certificate's key has signed the data. */
export function isSignedBy(certificate: X509Certificate, scheme: number, data: Buffer, signature: Buffer): boolean {
  const known = schemes.get(scheme);
  if (!known) return false;
  const key = certificate.publicKey;
  return verify(known.hash, data, known.pss ? { key, padding: rsaPssPadding, saltLength: 32 } : key, signature);
}

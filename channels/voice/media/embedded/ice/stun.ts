import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';

/** A STUN message (RFC 8489) as far as ICE needs it (RFC 8445 section 7). */
export interface StunMessage {
  /** Method and class, e.g. 0x0001 for a Binding request. */
  readonly type: number;
  /** 12 octets. */
  readonly transactionId: Buffer;
  readonly username: string | undefined;
  readonly useCandidate: boolean;
  readonly controlled: boolean;
  /** Offset of MESSAGE-INTEGRITY, or -1. */
  readonly integrityAt: number;
  /** Attributes that we would have to understand and do not. */
  readonly unknown: readonly number[];
}

export const stunTypes = { bindingRequest: 0x0001, bindingSuccess: 0x0101, bindingError: 0x0111 } as const;

const magicCookie = 0x2112a442;
const headerBytes = 20;
const fingerprintMask = 0x5354554e;

const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
} as const;

const known: ReadonlySet<number> = new Set(Object.values(attribute));

const fingerprintOf = (data: Buffer): number => (crc32(data) ^ fingerprintMask) >>> 0;
const padded = (length: number): number => (length + 3) & ~3;

/** Reads a datagram. Null when it is not STUN, is malformed, or lacks a right FINGERPRINT (RFC 8445 section 7.1 asks for it). */
export function parseStun(packet: Buffer): StunMessage | null {
  if (packet.length < headerBytes || ((packet[0] as number) & 0xc0) !== 0) return null;
  if (packet.readUInt32BE(4) !== magicCookie) return null;
  const length = packet.readUInt16BE(2);
  if (length + headerBytes !== packet.length || length % 4 !== 0) return null;
  let username: string | undefined;
  let useCandidate = false;
  let controlled = false;
  let integrityAt = -1;
  let fingerprinted = false;
  const unknown: number[] = [];
  for (let at = headerBytes; at + 4 <= packet.length; ) {
    const type = packet.readUInt16BE(at);
    const bytes = packet.readUInt16BE(at + 2);
    const value = at + 4;
    if (value + bytes > packet.length) return null;
    if (type === attribute.fingerprint) {
      if (bytes !== 4 || packet.readUInt32BE(value) !== fingerprintOf(packet.subarray(0, at))) return null;
      fingerprinted = true;
    } else if (integrityAt < 0) {
      // What follows MESSAGE-INTEGRITY is not signed and does not count (RFC 8489 section 14.5).
      if (type === attribute.username) username = packet.toString('utf8', value, value + bytes);
      else if (type === attribute.useCandidate) useCandidate = true;
      else if (type === attribute.iceControlled) controlled = true;
      else if (type === attribute.messageIntegrity) {
        if (bytes !== 20) return null;
        integrityAt = at;
      } else if (type < 0x8000 && !known.has(type)) unknown.push(type);
    }
    at = value + padded(bytes);
  }
  if (!fingerprinted) return null;
  const transactionId = packet.subarray(8, headerBytes);
  return { type: packet.readUInt16BE(0), transactionId, username, useCandidate, controlled, integrityAt, unknown };
}

/** Whether MESSAGE-INTEGRITY was made with this password (short-term credentials, RFC 8489 section 9.1). */
export function hasIntegrity(packet: Buffer, message: StunMessage, password: string): boolean {
  if (message.integrityAt < 0) return false;
  const signed = Buffer.from(packet.subarray(0, message.integrityAt));
  // The signed length ends with the attribute itself, whatever follows.
  signed.writeUInt16BE(message.integrityAt - headerBytes + 24, 2);
  const expected = createHmac('sha1', password).update(signed).digest();
  return timingSafeEqual(expected, packet.subarray(message.integrityAt + 4, message.integrityAt + 24));
}

function attributeOf(type: number, value: Buffer): Buffer {
  const data = Buffer.alloc(4 + padded(value.length));
  data.writeUInt16BE(type, 0);
  data.writeUInt16BE(value.length, 2);
  value.copy(data, 4);
  return data;
}

/** Puts a message together and adds MESSAGE-INTEGRITY and FINGERPRINT. */
function seal(type: number, transactionId: Buffer, attributes: readonly Buffer[], password: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(type, 0);
  header.writeUInt32BE(magicCookie, 4);
  transactionId.copy(header, 8);
  const body = Buffer.concat(attributes);
  header.writeUInt16BE(body.length + 24, 2);
  const mac = createHmac('sha1', password).update(header).update(body).digest();
  const signed = Buffer.concat([header, body, attributeOf(attribute.messageIntegrity, mac)]);
  signed.writeUInt16BE(signed.length - headerBytes + 8, 2);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE(fingerprintOf(signed));
  return Buffer.concat([signed, attributeOf(attribute.fingerprint, fingerprint)]);
}

/** The octets of an IP address, 4 or 16. @param address as the kernel prints it, perhaps with a zone */
export function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const plain = address
    .replace(/%.*$/, '')
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) =>
      [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(':'),
    );
  const [head = '', rest] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = rest ? rest.split(':') : [];
  const zeros: string[] = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const data = Buffer.alloc(16);
  const words = [...before, ...zeros, ...after].slice(0, 8);
  for (const [i, word] of words.entries()) data.writeUInt16BE(Number.parseInt(word, 16), i * 2);
  return data;
}

/** XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). */
function mappedAddress(transactionId: Buffer, address: string, port: number): Buffer {
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(magicCookie, 0);
  transactionId.copy(mask, 4);
  const octets = addressBytes(address);
  const value = Buffer.alloc(4 + octets.length);
  value[1] = octets.length === 4 ? 1 : 2;
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  for (const [i, octet] of octets.entries()) value[4 + i] = octet ^ (mask[i] as number);
  return attributeOf(attribute.xorMappedAddress, value);
}

/** The answer to a check: where it came from, signed with our password (RFC 8445 section 7.3.1.2). */
export function bindingSuccess(request: StunMessage, address: string, port: number, password: string): Buffer {
  const { transactionId } = request;
  return seal(stunTypes.bindingSuccess, transactionId, [mappedAddress(transactionId, address, port)], password);
}

/** An error answer: 420 lists what we did not understand, 487 tells of a role conflict. */
export function bindingError(request: StunMessage, code: 420 | 487, password: string): Buffer {
  const value = Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
  const attributes = [attributeOf(attribute.errorCode, value)];
  if (code === 420) {
    const list = Buffer.alloc(2 * request.unknown.length);
    for (const [i, type] of request.unknown.entries()) list.writeUInt16BE(type, 2 * i);
    attributes.push(attributeOf(attribute.unknownAttributes, list));
  }
  return seal(stunTypes.bindingError, request.transactionId, attributes, password);
}

/** A check as a full agent sends it: for tests and load generators, which play the browser. */
export function bindingRequest(options: {
  readonly transactionId: Buffer;
  readonly username: string;
  readonly password: string;
  readonly useCandidate: boolean;
}): Buffer {
  const attributes = [attributeOf(attribute.username, Buffer.from(options.username))];
  if (options.useCandidate) attributes.push(attributeOf(attribute.useCandidate, Buffer.alloc(0)));
  return seal(stunTypes.bindingRequest, options.transactionId, attributes, options.password);
}

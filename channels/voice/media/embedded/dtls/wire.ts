/** Numbers of DTLS 1.2 (RFC 6347, RFC 5246) that we use. */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22 } as const;

export const handshakeType = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

export const alertDescription = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
} as const;

/** DTLS 1.2 as it stands in records and hellos. */
export const dtls12 = 0xfefd;

/** A failure of the handshake with the alert that tells the peer. */
export class DtlsFailure extends Error {
  readonly alert: number;
  constructor(alert: number, message: string) {
    super(message);
    this.name = 'DtlsFailure';
    this.alert = alert;
  }
}

export const uint8 = (value: number): Buffer => Buffer.from([value]);
export const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
export const uint24 = (value: number): Buffer => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);

/** An opaque vector with its length in front (RFC 5246 section 4.3). */
export const vector8 = (data: Buffer): Buffer => Buffer.concat([uint8(data.length), data]);
export const vector16 = (data: Buffer): Buffer => Buffer.concat([uint16(data.length), data]);
export const vector24 = (data: Buffer): Buffer => Buffer.concat([uint24(data.length), data]);

/** Reads a message from front to back. Every method throws DtlsFailure `decode_error` when the data ends too early. */
export interface WireReader {
  readonly left: number;
  uint8(): number;
  uint16(): number;
  uint24(): number;
  bytes(count: number): Buffer;
  vector8(): Buffer;
  vector16(): Buffer;
  vector24(): Buffer;
}

export function createReader(data: Buffer): WireReader {
  let at = 0;
  function bytes(count: number): Buffer {
    if (at + count > data.length) throw new DtlsFailure(alertDescription.decodeError, 'message ends too early');
    at += count;
    return data.subarray(at - count, at);
  }
  const reader: WireReader = {
    get left() {
      return data.length - at;
    },
    uint8: () => bytes(1).readUInt8(0),
    uint16: () => bytes(2).readUInt16BE(0),
    uint24: () => bytes(3).readUIntBE(0, 3),
    bytes,
    vector8: () => bytes(reader.uint8()),
    vector16: () => bytes(reader.uint16()),
    vector24: () => bytes(reader.uint24()),
  };
  return reader;
}

/** A vector of 16-bit numbers without its length. */
export function uint16List(data: Buffer): number[] {
  const list: number[] = [];
  for (let at = 0; at + 1 < data.length; at += 2) list.push(data.readUInt16BE(at));
  return list;
}

/** A whole, unfragmented handshake message (RFC 6347 section 4.2.2). The transcript takes messages in this form. */
export function handshakeMessage(type: number, sequence: number, body: Buffer): Buffer {
  return Buffer.concat([uint8(type), uint24(body.length), uint16(sequence), uint24(0), uint24(body.length), body]);
}

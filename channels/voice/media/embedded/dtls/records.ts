import { createCipheriv, createDecipheriv } from 'node:crypto';
import { isReplay, markSeen, newIndexWindow } from '../srtp/window.ts';
import type { WriteKey } from './keys.ts';
import { dtls12 } from './wire.ts';

/** A record of a datagram (RFC 6347 section 4.1). */
export interface DtlsRecord {
  readonly type: number;
  readonly epoch: number;
  readonly sequence: number;
  /** As received: encrypted from epoch 1 on. */
  readonly body: Buffer;
  readonly version: number;
}

const headerBytes = 13;
const tagBytes = 16;
/** The explicit part of the nonce, which we and everyone else fill with epoch and sequence number (RFC 5288 section 3). */
const explicitBytes = 8;

/** Splits a datagram. What is malformed ends it, silently (RFC 6347 section 4.1.2.7). */
export function readRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  for (let at = 0; at + headerBytes <= datagram.length; ) {
    const end = at + headerBytes + datagram.readUInt16BE(at + 11);
    const version = datagram.readUInt16BE(at + 1);
    if (end > datagram.length || version >> 8 !== 0xfe) break;
    records.push({
      type: datagram.readUInt8(at),
      version,
      epoch: datagram.readUInt16BE(at + 3),
      sequence: datagram.readUIntBE(at + 5, 6),
      body: datagram.subarray(at + headerBytes, end),
    });
    at = end;
  }
  return records;
}

/** Additional data of the AEAD (RFC 5246 section 6.2.3.3). */
function additional(record: Pick<DtlsRecord, 'type' | 'epoch' | 'sequence' | 'version'>, bytes: number): Buffer {
  const data = Buffer.alloc(headerBytes);
  data.writeUInt16BE(record.epoch, 0);
  data.writeUIntBE(record.sequence, 2, 6);
  data[8] = record.type;
  data.writeUInt16BE(record.version, 9);
  data.writeUInt16BE(bytes, 11);
  return data;
}

/** Opens the peer's records of epoch 1; null for a forgery or a replay. */
export function createRecordOpener({ key, salt }: WriteKey): (record: DtlsRecord) => Buffer | null {
  const window = newIndexWindow();
  return (record) => {
    const { body } = record;
    const bytes = body.length - explicitBytes - tagBytes;
    if (bytes < 0 || isReplay(window, record.sequence)) return null;
    const nonce = Buffer.concat([salt, body.subarray(0, explicitBytes)]);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(additional(record, bytes));
    decipher.setAuthTag(body.subarray(body.length - tagBytes));
    const plain = decipher.update(body.subarray(explicitBytes, body.length - tagBytes));
    try {
      decipher.final();
    } catch {
      // Wrong tag: dropped without an alert, as a forger would like to end the association.
      return null;
    }
    markSeen(window, record.sequence);
    return plain;
  };
}

/** Writes our records, each with the next sequence number of its epoch. */
export interface RecordWriter {
  /** From now on epoch 1 can be written. */
  setKey(key: WriteKey): void;
  write(type: number, epoch: 0 | 1, body: Buffer): Buffer;
}

export function createRecordWriter(): RecordWriter {
  const sequences = [0, 0];
  let writeKey: WriteKey | undefined;

  function encrypt(type: number, sequence: number, body: Buffer): Buffer {
    if (!writeKey) throw new Error('epoch 1 has no key yet');
    const explicit = Buffer.alloc(explicitBytes);
    explicit.writeUInt16BE(1, 0);
    explicit.writeUIntBE(sequence, 2, 6);
    const cipher = createCipheriv('aes-128-gcm', writeKey.key, Buffer.concat([writeKey.salt, explicit]));
    cipher.setAAD(additional({ type, epoch: 1, sequence, version: dtls12 }, body.length));
    const sealed = [cipher.update(body), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat([explicit, ...sealed]);
  }

  return {
    setKey(key) {
      writeKey = key;
    },
    write(type, epoch, body) {
      const sequence = sequences[epoch] as number;
      sequences[epoch] = sequence + 1;
      const sealed = epoch === 1 ? encrypt(type, sequence, body) : body;
      const header = Buffer.alloc(headerBytes);
      header[0] = type;
      header.writeUInt16BE(dtls12, 1);
      header.writeUInt16BE(epoch, 3);
      header.writeUIntBE(sequence, 5, 6);
      header.writeUInt16BE(sealed.length, 11);
      return Buffer.concat([header, sealed]);
    },
  };
}

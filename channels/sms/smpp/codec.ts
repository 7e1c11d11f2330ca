/**
 * SMPP 3.4 PDUs from bytes and to bytes (sections 3.2, 4, 5.3). Reading never throws: what is wrong with a PDU is a value,
 * because the sender must be answered. Writing refuses what would not fit its field.
 */
import { limits } from '../limits.ts';
import { type CommandName, commandIds, type Fields, layouts, responseBit } from './commands.ts';

const headerBytes = 16;
/** A short_message has a length of one byte, 255 is reserved (section 5.2.21). */
const shortMessageBytes = 254;

export type Tlvs = ReadonlyMap<number, Buffer>;

interface PduOf<C extends CommandName> {
  readonly command: C;
  /** command_status; 0 in requests. */
  readonly status: number;
  readonly sequence: number;
  readonly fields: Readonly<Fields<C>>;
  readonly tlvs: Tlvs;
}
/** A PDU of any command: the command tells which fields it has. */
export type Pdu = { [C in CommandName]: PduOf<C> }[CommandName];
export type { PduOf };

/** What a PDU that cannot be read is answered with; `commandId` and `sequence` are of its header. */
export interface PduError {
  readonly code: 'unknown_command' | 'truncated' | 'unterminated' | 'field_too_long' | 'too_many_tlvs' | 'bad_length';
  readonly commandId: number;
  readonly sequence: number;
  /** Which field, for the log. */
  readonly where: string;
}

export type DecodeResult = { readonly ok: true; readonly pdu: Pdu } | { readonly ok: false; readonly error: PduError };

const namesById = new Map<number, CommandName>();
for (const [name, id] of Object.entries(commandIds)) namesById.set(id, name as CommandName);

/** Thrown and caught inside `decodePdu` only. */
class Unreadable extends Error {
  readonly code: PduError['code'];
  constructor(code: PduError['code'], where: string) {
    super(where);
    this.code = code;
  }
}

function readText(bytes: Buffer, at: number, name: string, maxBytes: number): { value: string; next: number } {
  const end = bytes.indexOf(0, at);
  if (end < 0) throw new Unreadable('unterminated', name);
  if (end - at >= maxBytes) throw new Unreadable('field_too_long', name);
  return { value: bytes.toString('latin1', at, end), next: end + 1 };
}

function readOctets(bytes: Buffer, at: number, name: string): { value: Buffer; next: number } {
  const length = bytes[at] ?? 0;
  const next = at + 1 + length;
  if (next > bytes.length) throw new Unreadable('truncated', name);
  return { value: Buffer.from(bytes.subarray(at + 1, next)), next };
}

function readTlvs(bytes: Buffer, start: number): Tlvs {
  const tlvs = new Map<number, Buffer>();
  let at = start;
  // one to three stray bytes at the end are let pass: some SMSCs end every PDU with a NUL too many
  while (at + 4 <= bytes.length) {
    const tag = bytes.readUInt16BE(at);
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) throw new Unreadable('truncated', `parameter 0x${tag.toString(16)}`);
    if (tlvs.size >= limits.tlvs) throw new Unreadable('too_many_tlvs', `parameter 0x${tag.toString(16)}`);
    // the first of two equal ones counts, as everywhere in this house
    if (!tlvs.has(tag)) tlvs.set(tag, Buffer.from(bytes.subarray(at + 4, end)));
    at = end;
  }
  return tlvs;
}

function readBody(command: CommandName, pdu: Buffer): { fields: Record<string, unknown>; tlvs: Tlvs } {
  const fields: Record<string, unknown> = {};
  const isResponse = (commandIds[command] & responseBit) !== 0;
  // a refusal has no body (section 4.4.2 and the like); what stands there all the same must not make it a doubt
  const bytes = isResponse && pdu.readUInt32BE(8) !== 0 ? pdu.subarray(0, headerBytes) : pdu;
  let at = headerBytes;
  for (const [type, name, maxBytes] of layouts[command]) {
    // section 4: a response with an error may come without a body, and many do that with a good one too
    const isMissing = at >= bytes.length;
    if (isMissing && !isResponse) throw new Unreadable('truncated', name);
    if (type === 'byte') fields[name] = bytes[at++] ?? 0;
    else if (isMissing) fields[name] = type === 'text' ? '' : Buffer.alloc(0);
    else {
      const read = type === 'text' ? readText(bytes, at, name, maxBytes) : readOctets(bytes, at, name);
      fields[name] = read.value;
      at = read.next;
    }
  }
  return { fields, tlvs: readTlvs(bytes, at) };
}

/** Reads one whole PDU. Never throws. */
export function decodePdu(bytes: Buffer): DecodeResult {
  if (bytes.length < headerBytes || bytes.readUInt32BE(0) !== bytes.length)
    return { ok: false, error: { code: 'bad_length', commandId: 0, sequence: 0, where: 'command_length' } };
  const commandId = bytes.readUInt32BE(4);
  const sequence = bytes.readUInt32BE(12);
  const command = namesById.get(commandId);
  if (command === undefined)
    return { ok: false, error: { code: 'unknown_command', commandId, sequence, where: 'command_id' } };
  try {
    const pdu = { command, status: bytes.readUInt32BE(8), sequence, ...readBody(command, bytes) };
    return { ok: true, pdu: pdu as unknown as Pdu };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, error: { code: error.code, commandId, sequence, where: error.message } };
  }
}

function writeText(name: string, value: string, maxBytes: number): Buffer {
  const isAscii = [...value].every((character) => character > '\0' && character < '\u0080');
  if (value.length >= maxBytes || !isAscii) throw new RangeError(`${name} does not fit`);
  return Buffer.from(`${value}\0`, 'latin1');
}

function writeOctets(name: string, value: Buffer): Buffer {
  if (value.length > shortMessageBytes) throw new RangeError(`${name} has ${value.length} bytes`);
  return Buffer.concat([Buffer.of(value.length), value]);
}

function writeField(type: 'text' | 'byte' | 'octets', name: string, maxBytes: number, value: unknown): Buffer {
  if (type === 'text') return writeText(name, typeof value === 'string' ? value : '', maxBytes);
  if (type === 'octets') return writeOctets(name, Buffer.isBuffer(value) ? value : Buffer.alloc(0));
  const byte = typeof value === 'number' ? value : 0;
  if (!Number.isInteger(byte) || byte < 0 || byte > 255) throw new RangeError(`${name} is no byte`);
  return Buffer.of(byte);
}

function writeTlv(tag: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** What is not named in `fields` is zero or empty. */
export interface PduToWrite<C extends CommandName> {
  readonly command: C;
  readonly sequence: number;
  readonly status?: number;
  readonly fields?: Readonly<Partial<Fields<C>>>;
  readonly tlvs?: readonly (readonly [tag: number, value: Buffer])[];
}

/** @throws RangeError when a value does not fit its field (sections 4 and 5.2 have the lengths) */
export function encodePdu<C extends CommandName>(pdu: PduToWrite<C>): Buffer {
  const values: Readonly<Record<string, unknown>> = pdu.fields ?? {};
  const status = pdu.status ?? 0;
  const parts: Buffer[] = [Buffer.alloc(headerBytes)];
  // an error has no body (section 4.1.2 and the like): nothing in it would be true
  if (status === 0)
    for (const [type, name, maxBytes = 0] of layouts[pdu.command])
      parts.push(writeField(type, name, maxBytes, values[name]));
  for (const [tag, value] of pdu.tlvs ?? []) parts.push(writeTlv(tag, value));
  const bytes = Buffer.concat(parts);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(commandIds[pdu.command], 4);
  bytes.writeUInt32BE(status, 8);
  bytes.writeUInt32BE(pdu.sequence, 12);
  return bytes;
}

/** Cuts a byte stream into PDUs. */
export interface Framer {
  /** Whole PDUs so far; null when the stream is out of step and the connection must be given up, now and for ever. */
  push(chunk: Buffer): readonly Buffer[] | null;
}

export function createFramer(): Framer {
  let chunks: Buffer[] = [];
  let have = 0;
  /** Bytes without which nothing can be cut: collecting them costs no copy. */
  let needed = 4;
  let isBroken = false;

  return {
    push(chunk) {
      if (isBroken) return null;
      chunks.push(chunk);
      have += chunk.length;
      if (have < needed) return [];
      const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      const pdus: Buffer[] = [];
      let at = 0;
      needed = 4;
      while (bytes.length - at >= 4) {
        const length = bytes.readUInt32BE(at);
        isBroken = length < headerBytes || length > limits.pduBytes;
        if (isBroken) return null;
        if (bytes.length - at < length) {
          needed = length;
          break;
        }
        pdus.push(bytes.subarray(at, at + length));
        at += length;
      }
      chunks = at < bytes.length ? [bytes.subarray(at)] : [];
      have = bytes.length - at;
      return pdus;
    },
  };
}

/**
 * The far end of an SMPP link: an SMSC on a loopback port with faults on demand. Its codec is its own, so that a mistake of
 * the house is not answered by the same mistake. What becomes of a message is told by the last digits of its recipient:
 *
 * 001 to 005: receipts UNDELIV, EXPIRED, REJECTD, UNKNOWN, DELETED · 006: no receipt · 007: ENROUTE, then DELIVRD ·
 * 008, 010, 014, 045, 058: refused with RSYSERR, RINVDSTADR, RMSGQFUL, RSUBMITFAIL, RTHROTTLED · 097: the connection is cut
 * before it is taken · 098: after · 099: taken, never answered · 096: neither taken nor answered · others: DELIVRD.
 */

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

export interface SmscConfig {
  password: string;
  /** How the id in the receipt is made of the one in the answer. */
  ids: 'same' | 'hex_then_decimal' | 'decimal_then_hex' | 'padded' | 'upper';
  /** receipted_message_id, message_state and network_error_code beside the text. */
  receiptTlvs: boolean;
  receiptText: boolean;
  receiptFirst: boolean;
  echoReference: boolean;
  receiptTwice: boolean;
  /** Submissions a second; 0 = any. */
  perSecond: number;
  /** Refuses this many of the next submissions with RTHROTTLED. */
  throttleNext: number;
  /** Answers to submissions are held back until `releaseAnswers`. */
  holdAnswers: boolean;
  /** Receipts are held back until `releaseReceipts`. */
  holdReceipts: boolean;
  /** After how long a refused deliver_sm comes again. */
  repeatMs: number;
}

export const smscDefaults: SmscConfig = {
  password: 'secret',
  ids: 'same',
  receiptTlvs: true,
  receiptText: true,
  receiptFirst: false,
  echoReference: true,
  receiptTwice: false,
  perSecond: 0,
  throttleNext: 0,
  holdAnswers: false,
  holdReceipts: false,
  repeatMs: 5,
};

/** One submission as it was taken. */
export interface Submitted {
  readonly id: string;
  readonly from: string;
  readonly fromTon: number;
  readonly to: string;
  readonly text: string;
  readonly dataCoding: number;
  readonly how: 'single' | 'udh' | 'payload';
  readonly part: number;
  readonly parts: number;
  readonly series: number | null;
  readonly reference: number | null;
  readonly receipt: number;
}

/** A deliver_sm and how it was answered so far. */
export interface Delivered {
  readonly kind: 'message' | 'receipt';
  readonly statuses: number[];
}

interface Delivery extends Delivered {
  readonly body: Buffer;
  isDone: boolean;
}

const commands = { submit: 4, deliver: 5, unbind: 6, enquire: 0x15, nack: 0x80000000 };
const ok = 0;

const text0 = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');
const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255);
const tlv = (tag: number, value: Buffer): Buffer => Buffer.concat([u16(tag), u16(value.length), value]);

function pdu(command: number, status: number, sequence: number, ...body: Buffer[]): Buffer {
  const rest = Buffer.concat(body);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(16 + rest.length, 0);
  head.writeUInt32BE(command >>> 0, 4);
  head.writeUInt32BE(status, 8);
  head.writeUInt32BE(sequence, 12);
  return Buffer.concat([head, rest]);
}

/** Reads fields one after another; runs over the end with an error. */
function createReader(bytes: Buffer, start: number) {
  let at = start;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('short pdu');
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    byte: (): number => take(1).readUInt8(0),
    text(): string {
      const end = bytes.indexOf(0, at);
      if (end < 0) throw new Error('text without an end');
      return take(end - at + 1)
        .toString('latin1')
        .slice(0, -1);
    },
    take,
    tlvs(): Map<number, Buffer> {
      const found = new Map<number, Buffer>();
      while (at < bytes.length) {
        const tag = take(2).readUInt16BE(0);
        found.set(tag, take(take(2).readUInt16BE(0)));
      }
      return found;
    },
  };
}

// biome-ignore format: the table of 3GPP TS 23.038 in rows of 16
const gsm = ['@£$¥èéùìòÇ\nØø\rÅå', 'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ', ' !"#¤%&\'()*+,-./', '0123456789:;<=>?', '¡ABCDEFGHIJKLMNO', 'PQRSTUVWXYZÄÖÑÜ§', '¿abcdefghijklmno', 'pqrstuvwxyzäöñüà'].join('');
const gsmMore = new Map([
  [20, '^'],
  [40, '{'],
  [41, '}'],
  [47, '\\'],
  [60, '['],
  [61, '~'],
  [62, ']'],
  [64, '|'],
  [101, '€'],
]);

function fromGsm(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] ?? 0;
    text += code === 27 ? (gsmMore.get(bytes[++at] ?? 0) ?? '\ufffd') : (gsm[code] ?? '\ufffd');
  }
  return text;
}
function toGsm(text: string): Buffer | null {
  const codes: number[] = [];
  for (const character of text) {
    const code = gsm.indexOf(character);
    const more = [...gsmMore].find(([, known]) => known === character)?.[0];
    if (code >= 0) codes.push(code);
    else if (more !== undefined) codes.push(27, more);
    else return null;
  }
  return Buffer.from(codes);
}
const fromUcs2 = (bytes: Buffer): string => Buffer.from(bytes).swap16().toString('utf16le');
const toUcs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const refusals: Readonly<Record<string, number>> = { '008': 8, '010': 0x0b, '014': 0x14, '045': 0x45, '058': 0x58 };
const fates: Readonly<Record<string, readonly [word: string, state: number, error: number]>> = {
  '001': ['UNDELIV', 5, 11],
  '002': ['EXPIRED', 3, 0],
  '003': ['REJECTD', 8, 69],
  '004': ['UNKNOWN', 7, 0],
  '005': ['DELETED', 4, 0],
};

export interface OutOfTheAir {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly how?: 'single' | 'udh8' | 'udh16' | 'sar' | 'payload';
  readonly reverse?: boolean;
  /** Only these parts are sent, from 1. */
  readonly only?: readonly number[];
  /** The reference of the series. */
  readonly series?: number;
}

export interface Smsc {
  readonly port: number;
  readonly config: SmscConfig;
  readonly submitted: readonly Submitted[];
  /** Long messages put together as a phone does. */
  readonly wholes: readonly { readonly from: string; readonly to: string; readonly text: string }[];
  readonly refused: number;
  /** Binds that were accepted, and that were refused. */
  readonly binds: { accepted: number; refused: number };
  readonly unbinds: number;
  /** Sequence of commands as they came, `0x4` and the like. */
  readonly malformed: readonly string[];
  readonly bound: number;
  /** Somebody writes to us. */
  write(message: OutOfTheAir): readonly Delivered[];
  /** Repeats a deliver_sm byte for byte, as an SMSC does that did not hear our answer. */
  repeat(delivered: Delivered): void;
  releaseAnswers(): void;
  releaseReceipts(): void;
  dropAll(): void;
  /** Reads nothing more from its connections; they stay open. */
  freeze(): void;
  sendBytes(bytes: Buffer): void;
  enquire(): void;
  unbind(): void;
  /** Stops listening and cuts all; `start` again on the same port. What it has taken it keeps. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface Bind {
  readonly socket: Socket;
  isBound: boolean;
  receives: boolean;
  sequence: number;
  readonly waiting: Map<number, Delivery>;
  times: number[];
}

/** @param overrides see `smscDefaults`; `config` may be changed at any time */
export async function startSmsc(overrides: Partial<SmscConfig> = {}): Promise<Smsc> {
  const config: SmscConfig = { ...smscDefaults, ...overrides };
  const submitted: Submitted[] = [];
  const wholes: { from: string; to: string; text: string }[] = [];
  const pieces = new Map<string, Map<number, string>>();
  const malformed: string[] = [];
  const binds = new Set<Bind>();
  const queue: Delivery[] = [];
  const held: (() => void)[] = [];
  const heldReceipts: (() => void)[] = [];
  const counts = { accepted: 0, refused: 0 };
  let server: Server | null = null;
  let port = 0;
  let lastId = 1000;
  let refused = 0;
  let unbinds = 0;
  let series = 0;

  const idOf = (number: number): string =>
    (({ hex_then_decimal: number.toString(16), upper: `ab${number.toString(16)}` }) as Record<string, string>)[
      config.ids
    ] ?? String(number);
  const receiptIdOf = (number: number): string =>
    (
      ({
        hex_then_decimal: String(number).padStart(10, '0'),
        decimal_then_hex: number.toString(16).toUpperCase(),
        padded: String(number).padStart(10, '0'),
        upper: `AB${number.toString(16).toUpperCase()}`,
      }) as Record<string, string>
    )[config.ids] ?? String(number);

  function send(delivery: Delivery): void {
    const bind = [...binds].find((one) => one.isBound && one.receives && !one.socket.destroyed);
    if (bind === undefined) {
      queue.push(delivery);
      return;
    }
    const sequence = bind.sequence++;
    bind.waiting.set(sequence, delivery);
    bind.socket.write(pdu(commands.deliver, ok, sequence, delivery.body));
  }

  function deliver(kind: Delivered['kind'], body: Buffer): Delivery {
    const delivery: Delivery = { kind, body, statuses: [], isDone: false };
    send(delivery);
    return delivery;
  }

  function answered(delivery: Delivery, status: number): void {
    delivery.statuses.push(status);
    delivery.isDone = status === ok;
    const again = !delivery.isDone && status !== 0x65 && delivery.statuses.length < 50;
    if (again) setTimeout(() => send(delivery), config.repeatMs);
  }

  function receipt(number: number, one: Submitted, [word, state, error]: readonly [string, number, number]): void {
    const text = `id:${receiptIdOf(number)} sub:001 dlvrd:${word === 'DELIVRD' ? '001' : '000'} submit date:2601120900 done date:2601120901 stat:${word} err:${String(error).padStart(3, '0')} text:`;
    const short = Buffer.from(config.receiptText ? text : '', 'latin1');
    const more: Buffer[] = [];
    if (config.receiptTlvs)
      more.push(tlv(0x1e, text0(idOf(number))), tlv(0x427, Buffer.of(state)), tlv(0x423, Buffer.of(3, 0, error)));
    if (config.echoReference && one.reference !== null) more.push(tlv(0x204, u16(one.reference)));
    const body = Buffer.concat([
      Buffer.concat([text0(''), Buffer.of(1, 1), text0(one.to), Buffer.of(5, 0), text0(one.from)]),
      Buffer.concat([Buffer.of(4, 0, 0), text0(''), text0(''), Buffer.of(0, 0, 0, 0, short.length), short, ...more]),
    ]);
    const write = (): void => {
      for (let times = config.receiptTwice ? 2 : 1; times > 0; times--) deliver('receipt', body);
    };
    if (config.holdReceipts) heldReceipts.push(write);
    else write();
  }

  function sendReceipts(number: number, one: Submitted): void {
    const digits = one.to.slice(-3);
    if (digits === '006' || one.receipt === 0) return;
    if (digits === '007') receipt(number, one, ['ENROUTE', 1, 0]);
    receipt(number, one, fates[digits] ?? ['DELIVRD', 2, 0]);
  }

  function assemble(one: Submitted): void {
    if (one.series === null) {
      wholes.push({ from: one.from, to: one.to, text: one.text });
      return;
    }
    const key = `${one.from}|${one.to}|${one.series}|${one.parts}`;
    const known = pieces.get(key) ?? new Map<number, string>();
    pieces.set(key, known.set(one.part, one.text));
    if (known.size < one.parts) return;
    pieces.delete(key);
    const text = Array.from({ length: one.parts }, (_, index) => known.get(index + 1)).join('');
    wholes.push({ from: one.from, to: one.to, text });
  }

  function readSubmit(bytes: Buffer): Submitted {
    const read = createReader(bytes, 16);
    read.text();
    const fromTon = read.byte();
    read.byte();
    const from = read.text();
    read.take(2);
    const to = read.text();
    const esmClass = read.byte();
    read.take(2);
    read.text();
    read.text();
    const receiptWanted = read.byte();
    read.byte();
    const dataCoding = read.byte();
    read.byte();
    const short = read.take(read.byte());
    const tlvs = read.tlvs();
    const payload = tlvs.get(0x424);
    const whole = payload ?? short;
    const hasHeader = (esmClass & 0x40) !== 0;
    const [headerLength = 0, , , reference = 0, parts = 1, part = 1] = hasHeader ? whole : [];
    const body = hasHeader ? whole.subarray(headerLength + 1) : whole;
    // 140 bytes of air: septets are packed, the header included
    const air = dataCoding === 8 ? whole.length : Math.ceil(((hasHeader ? 7 : 0) + body.length) * 0.875);
    if (payload === undefined && air > 140) throw new Error(`${air} bytes do not fit into one short message`);
    return {
      id: '',
      from,
      fromTon,
      to,
      text: dataCoding === 8 ? fromUcs2(body) : fromGsm(body),
      dataCoding,
      how: payload === undefined ? (hasHeader ? 'udh' : 'single') : 'payload',
      part,
      parts,
      series: hasHeader ? reference : null,
      reference: tlvs.get(0x204)?.readUInt16BE(0) ?? null,
      receipt: receiptWanted,
    };
  }

  function submit(bind: Bind, sequence: number, bytes: Buffer): void {
    const answer = (status: number, id = ''): void => {
      const write = (): void =>
        void bind.socket.write(pdu(0x80000004, status, sequence, ...(status ? [] : [text0(id)])));
      if (config.holdAnswers) held.push(write);
      else write();
    };
    const read = readSubmit(bytes);
    const digits = read.to.slice(-3);
    const now = Date.now();
    bind.times = bind.times.filter((time) => now - time < 1_000);
    const isTooFast = (config.perSecond > 0 && bind.times.length >= config.perSecond) || config.throttleNext-- > 0;
    config.throttleNext = Math.max(0, config.throttleNext);
    const status = isTooFast ? 0x58 : (refusals[digits] ?? ok);
    if (digits === '096') return;
    if (digits === '097') return void bind.socket.destroy();
    if (status !== ok) {
      refused++;
      answer(status);
      return;
    }
    bind.times.push(now);
    const number = ++lastId;
    const one = { ...read, id: idOf(number) };
    submitted.push(one);
    assemble(one);
    if (digits === '098') bind.socket.destroy();
    else if (digits !== '099' && !config.receiptFirst) answer(ok, one.id);
    sendReceipts(number, one);
    if (config.receiptFirst) answer(ok, one.id);
  }

  function bindAs(bind: Bind, command: number, sequence: number, bytes: Buffer): void {
    const read = createReader(bytes, 16);
    read.text();
    const isRight = read.text() === config.password;
    counts[isRight ? 'accepted' : 'refused']++;
    bind.socket.write(pdu(command + 0x80000000, isRight ? ok : 0x0e, sequence, ...(isRight ? [text0('SMSC')] : [])));
    if (!isRight) return void bind.socket.end();
    bind.isBound = true;
    bind.receives = command !== 2;
    for (const delivery of queue.splice(0)) send(delivery);
  }

  function take(bind: Bind, bytes: Buffer): void {
    const command = bytes.readUInt32BE(4);
    const sequence = bytes.readUInt32BE(12);
    const delivery = bind.waiting.get(sequence);
    if (command >= commands.nack) {
      bind.waiting.delete(sequence);
      if (delivery !== undefined) answered(delivery, command === commands.nack ? 0xffff : bytes.readUInt32BE(8));
    } else if (command === 1 || command === 2 || command === 9) bindAs(bind, command, sequence, bytes);
    else if (command === commands.enquire) bind.socket.write(pdu(0x80000015, ok, sequence));
    else if (command === commands.unbind) {
      unbinds++;
      bind.socket.end(pdu(0x80000006, ok, sequence));
    } else if (command === commands.submit && bind.isBound) submit(bind, sequence, bytes);
    else bind.socket.write(pdu(commands.nack, 3, sequence));
  }

  function connected(socket: Socket): void {
    const bind: Bind = { socket, isBound: false, receives: false, sequence: 1, waiting: new Map(), times: [] };
    let rest: Buffer = Buffer.alloc(0);
    binds.add(bind);
    // a cut connection is what tests do to it
    socket.on('error', () => undefined);
    socket.on('close', () => {
      binds.delete(bind);
      // what was not answered comes again after the next bind
      for (const delivery of bind.waiting.values()) if (!delivery.isDone) queue.push(delivery);
    });
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
        const bytes = rest.subarray(0, rest.readUInt32BE(0));
        rest = rest.subarray(bytes.length);
        try {
          take(bind, bytes);
        } catch (error) {
          malformed.push(`${error instanceof Error ? error.message : error}: ${bytes.toString('hex')}`);
          socket.write(pdu(commands.nack, 2, bytes.readUInt32BE(12)));
        }
      }
    });
  }

  function bodiesOf({ from, to, text, how, series: given }: OutOfTheAir): Buffer[] {
    const bytes = toGsm(text) ?? toUcs2(text);
    const coding = toGsm(text) === null ? 8 : 0;
    const head = (esmClass: number): Buffer =>
      Buffer.concat([
        Buffer.concat([
          text0(''),
          Buffer.of(1, 1),
          text0(from.replace('+', '')),
          Buffer.of(1, 1),
          text0(to.replace('+', '')),
        ]),
        Buffer.concat([Buffer.of(esmClass, 0, 0), text0(''), text0(''), Buffer.of(0, 0, coding, 0)]),
      ]);
    const isLong = bytes.length > (coding === 0 ? 160 : 140);
    const way = how ?? (isLong ? 'udh8' : 'single');
    if (way === 'payload') return [Buffer.concat([head(0), Buffer.of(0), tlv(0x424, bytes)])];
    if (way === 'single') return [Buffer.concat([head(0), Buffer.of(bytes.length), bytes])];
    const room = coding === 0 ? 152 : 132;
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += room) parts.push(bytes.subarray(at, at + room));
    const reference = given ?? series++ & 255;
    return parts.map((part, index) => {
      if (way === 'sar') {
        const more = [
          tlv(0x20c, u16(reference)),
          tlv(0x20e, Buffer.of(parts.length)),
          tlv(0x20f, Buffer.of(index + 1)),
        ];
        return Buffer.concat([head(0), Buffer.of(part.length), part, ...more]);
      }
      const header =
        way === 'udh8'
          ? Buffer.of(5, 0, 3, reference, parts.length, index + 1)
          : Buffer.of(6, 8, 4, 1, reference, parts.length, index + 1);
      return Buffer.concat([head(0x40), Buffer.of(header.length + part.length), header, part]);
    });
  }

  const smsc: Smsc = {
    get port() {
      return port;
    },
    config,
    submitted,
    wholes,
    get refused() {
      return refused;
    },
    binds: counts,
    get unbinds() {
      return unbinds;
    },
    malformed,
    get bound() {
      return [...binds].filter((bind) => bind.isBound).length;
    },
    write(message) {
      const bodies = bodiesOf(message).filter((_, index) => message.only?.includes(index + 1) ?? true);
      if (message.reverse) bodies.reverse();
      return bodies.map((body) => deliver('message', body));
    },
    repeat: (delivered) => send(delivered as Delivery),
    releaseAnswers() {
      for (const write of held.splice(0)) write();
    },
    releaseReceipts() {
      for (const write of heldReceipts.splice(0)) write();
    },
    dropAll() {
      for (const bind of binds) bind.socket.destroy();
    },
    freeze() {
      for (const bind of binds) bind.socket.pause();
    },
    sendBytes(bytes) {
      for (const bind of binds) bind.socket.write(bytes);
    },
    enquire() {
      for (const bind of binds) bind.socket.write(pdu(commands.enquire, ok, bind.sequence++));
    },
    unbind() {
      for (const bind of binds) bind.socket.write(pdu(commands.unbind, ok, bind.sequence++));
    },
    async stop() {
      const current = server;
      server = null;
      if (current === null) return;
      smsc.dropAll();
      await new Promise<void>((resolve) => current.close(() => resolve()));
    },
    async start() {
      server = createServer({ noDelay: true }, connected);
      const listening = server;
      await new Promise<void>((resolve, reject) => {
        listening.once('error', reject);
        listening.listen(port, '127.0.0.1', resolve);
      });
      port = (listening.address() as AddressInfo).port;
    },
  };
  await smsc.start();
  return smsc;
}

/**
 * The far end of an SMPP link: an SMSC on a loopback port with faults on demand. What becomes of a message is told by the
 * last digits of its recipient:
 *
 * 001 to 005: receipts UNDELIV, EXPIRED, REJECTD, UNKNOWN, DELETED · 006: no receipt · 007: ENROUTE, then DELIVRD ·
 * 008, 010, 014, 045, 058: refused with RSYSERR, RINVDSTADR, RMSGQFUL, RSUBMITFAIL, RTHROTTLED · 097: the connection is cut
 * before it is taken · 098: after · 099: taken, never answered · 096: neither taken nor answered · others: DELIVRD.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  bodiesOf,
  createReader,
  type OutOfTheAir,
  pdu,
  readSubmit,
  type Submitted,
  text0,
  tlv,
  u16,
} from './smsc-wire.ts';

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
  /** Submissions that are refused with RTHROTTLED, counted from 1 as they come. */
  throttled: readonly number[];
  /** All connections are cut when so many more were taken, before the last one is answered; 0 = never. */
  cutAfter: number;
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
  throttled: [],
  cutAfter: 0,
  holdAnswers: false,
  holdReceipts: false,
  repeatMs: 5,
};

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

const refusals: Readonly<Record<string, number>> = { '008': 8, '010': 0x0b, '014': 0x14, '045': 0x45, '058': 0x58 };
const fates: Readonly<Record<string, readonly [word: string, state: number, error: number]>> = {
  '001': ['UNDELIV', 5, 11],
  '002': ['EXPIRED', 3, 0],
  '003': ['REJECTD', 8, 69],
  '004': ['UNKNOWN', 7, 0],
  '005': ['DELETED', 4, 0],
};

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
  /** enquire_link that came and were answered. */
  readonly enquiries: number;
  /** What a strict reader could not take, with the reason. */
  readonly malformed: readonly string[];
  readonly bound: number;
  /** deliver_sm that were not answered yet, or wait for a connection. */
  readonly unanswered: number;
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
  let submissions = 0;
  let enquiries = 0;
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
    const isTooFast = config.perSecond > 0 && bind.times.length >= config.perSecond;
    const isThrottled = isTooFast || config.throttled.includes(++submissions);
    const status = isThrottled ? 0x58 : (refusals[digits] ?? ok);
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
    const isCut = config.cutAfter > 0 && --config.cutAfter === 0;
    if (isCut || digits === '098') for (const other of isCut ? binds : [bind]) other.socket.destroy();
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
    else if (command === commands.enquire) {
      enquiries++;
      bind.socket.write(pdu(0x80000015, ok, sequence));
    } else if (command === commands.unbind) {
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
      while (!socket.destroyed && rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
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
    get enquiries() {
      return enquiries;
    },
    malformed,
    get bound() {
      return [...binds].filter((bind) => bind.isBound).length;
    },
    get unanswered() {
      return [...binds].reduce((sum, { waiting }) => sum + waiting.size, queue.length);
    },
    write(message) {
      const bodies = bodiesOf(message, message.series ?? series++ & 255).filter(
        (_, index) => message.only?.includes(index + 1) ?? true,
      );
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

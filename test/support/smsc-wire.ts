/**
 * The wire of the SMSC peer: PDUs and alphabets, written apart from the house's own, so that a mistake there is not answered
 * by the same mistake here.
 */

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

/** What somebody writes to us. */
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

export const text0 = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');
export const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255);
export const tlv = (tag: number, value: Buffer): Buffer => Buffer.concat([u16(tag), u16(value.length), value]);

/** One PDU as bytes. */
export function pdu(command: number, status: number, sequence: number, ...body: Buffer[]): Buffer {
  const rest = Buffer.concat(body);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(16 + rest.length, 0);
  head.writeUInt32BE(command >>> 0, 4);
  head.writeUInt32BE(status, 8);
  head.writeUInt32BE(sequence, 12);
  return Buffer.concat([head, rest]);
}

/** Reads fields one after another; runs over the end with an error. */
export function createReader(bytes: Buffer, start: number) {
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

/** @throws for what a strict SMSC refuses: fields cut short, more bytes than the air takes */
export function readSubmit(bytes: Buffer): Submitted {
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

/** Bodies of deliver_sm, one for each part. @param reference of the series */
export function bodiesOf({ from, to, text, how }: OutOfTheAir, reference: number): Buffer[] {
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
  return parts.map((part, index) => {
    if (way === 'sar') {
      const more = [tlv(0x20c, u16(reference)), tlv(0x20e, Buffer.of(parts.length)), tlv(0x20f, Buffer.of(index + 1))];
      return Buffer.concat([head(0), Buffer.of(part.length), part, ...more]);
    }
    const header =
      way === 'udh8'
        ? Buffer.of(5, 0, 3, reference, parts.length, index + 1)
        : Buffer.of(6, 8, 4, 1, reference, parts.length, index + 1);
    return Buffer.concat([head(0x40), Buffer.of(header.length + part.length), header, part]);
  });
}

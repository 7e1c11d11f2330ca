/** Text to the bytes of a short message and back: 3GPP TS 23.038, and data_coding of SMPP 3.4 section 5.2.19. */
import { gsmBasic, gsmEscape, gsmExtension, type SmsAlphabet } from '../../../server/contract/sms-text.ts';

const septetOf = new Map<string, number>([...gsmBasic].map((character, index) => [character, index]));
const extensionOf = new Map<number, string>(Object.entries(gsmExtension).map(([character, code]) => [code, character]));

/** One septet a byte, the unpacked form that SMPP carries. Characters that the alphabet has not become `?`. */
export function encodeGsm(text: string): Buffer {
  const bytes: number[] = [];
  for (const character of text) {
    const extended = gsmExtension[character];
    if (extended !== undefined) bytes.push(gsmEscape, extended);
    else bytes.push(septetOf.get(character) ?? 0x3f);
  }
  return Buffer.from(bytes);
}

/** An unknown extension is shown as its basic character, as TS 23.038 6.2.1.1 asks; an escape at the end is nothing. */
export function decodeGsm(bytes: Uint8Array): string {
  let text = '';
  let isEscaped = false;
  for (const byte of bytes) {
    const septet = byte & 0x7f;
    if (!isEscaped && septet === gsmEscape) {
      isEscaped = true;
      continue;
    }
    // an escape after an escape is reserved for one more table: a space (note 1 of the extension table)
    const basic = septet === gsmEscape ? ' ' : (gsmBasic[septet] ?? ' ');
    text += isEscaped ? (extensionOf.get(septet) ?? basic) : basic;
    isEscaped = false;
  }
  return text;
}

/** UTF-16, most significant byte first. */
const encodeUcs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** An odd byte at the end is left out. Half surrogate pairs stay: a segment may have been cut between them. */
const decodeUcs2 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');

export const encodeText = (text: string, alphabet: SmsAlphabet): Buffer =>
  alphabet === 'gsm' ? encodeGsm(text) : encodeUcs2(text);

/** data_coding of our texts: the SMSC's default alphabet, which is taken to be GSM, or UCS-2. */
export const codingOf = { gsm: 0, ucs2: 8 } as const satisfies Record<SmsAlphabet, number>;

/** What the bytes of a message are. */
export type Coding = 'gsm' | 'ascii' | 'latin1' | 'ucs2' | 'binary';

/** Values below 16 (SMPP 3.4 section 5.2.19). Absent ones are read as text: a wrong letter is better than none. */
const plainCodings: Readonly<Record<number, Coding>> = { 1: 'ascii', 2: 'binary', 3: 'latin1', 4: 'binary', 8: 'ucs2' };

/** data_coding, the GSM groups of TS 23.038 section 4 included. */
export function codingOfByte(dataCoding: number): Coding {
  const group = dataCoding & 0xf0;
  if (group === 0xf0) return (dataCoding & 0x04) !== 0 ? 'binary' : 'gsm';
  // 00xx and 01xx: general data coding; bits 3 and 2 name the alphabet
  const isGeneral = dataCoding >= 0x10 && dataCoding < 0x80;
  if (isGeneral) return ({ 4: 'binary', 8: 'ucs2' } as const)[dataCoding & 0x0c] ?? 'gsm';
  // 1110: message waiting indication with UCS-2 text
  if (group === 0xe0) return 'ucs2';
  return plainCodings[dataCoding] ?? 'gsm';
}

/** Text of a message; of binary ones nothing. */
export function decodeText(coding: Coding, bytes: Uint8Array): string {
  if (coding === 'binary') return '';
  if (coding === 'ucs2') return decodeUcs2(bytes);
  if (coding === 'latin1') return Buffer.from(bytes).toString('latin1');
  if (coding === 'ascii') return Buffer.from(bytes).toString('ascii');
  return decodeGsm(bytes);
}

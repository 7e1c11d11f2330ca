/**
 * Which part of which long message a PDU is: by user data header (3GPP TS 23.040 9.2.3.24.1 and .8), or by the sar_
 * parameters (SMPP 3.4 section 5.3.2.22 to 24). Whole long messages in message_payload need neither.
 */

import type { Tlvs } from './codec.ts';
import type { Fields } from './commands.ts';
import { tags } from './commands.ts';

/** esm_class: a user data header stands before the text (SMPP 3.4 section 5.2.12). */
export const headerIndicator = 0x40;

export interface Part {
  /** What all parts of one message share, besides sender, recipient and total. */
  readonly reference: string;
  readonly total: number;
  /** From 1. */
  readonly number: number;
}

export interface ReadBody {
  /** Without the header. */
  readonly bytes: Buffer;
  /** null: the message is whole. */
  readonly part: Part | null;
  /** The header names ports: data for a program of the phone, no words for people. */
  readonly isForPort: boolean;
}

const partOf = (kind: string, reference: number, total: number, number: number): Part | null =>
  total > 1 && number >= 1 && number <= total ? { reference: `${kind}${reference}`, total, number } : null;

/** Information elements: concatenation with 8 and 16 bits, application ports with 8 and 16 bits. */
const elements = { series8: 0x00, ports8: 0x04, ports16: 0x05, series16: 0x08 } as const;

function readHeader(header: Buffer): { part: Part | null; isForPort: boolean } {
  let part: Part | null = null;
  let isForPort = false;
  for (let at = 0; at + 2 <= header.length; ) {
    const length = header[at + 1] ?? 0;
    const data = header.subarray(at + 2, at + 2 + length);
    const element = header[at];
    const [first = 0, second = 0, third = 0, fourth = 0] = data;
    // the last of repeated elements counts (TS 23.040 9.2.3.24)
    if (element === elements.series8 && data.length === 3) part = partOf('8:', first, second, third);
    else if (element === elements.series16 && data.length === 4)
      part = partOf('16:', first * 256 + second, third, fourth);
    else if (element === elements.ports8 || element === elements.ports16) isForPort = true;
    at += 2 + length;
  }
  return { part, isForPort };
}

function sarPart(tlvs: Tlvs): Part | null {
  const reference = tlvs.get(tags.sar_msg_ref_num);
  if (reference === undefined || reference.length < 2) return null;
  const total = tlvs.get(tags.sar_total_segments)?.[0] ?? 0;
  const number = tlvs.get(tags.sar_segment_seqnum)?.[0] ?? 0;
  return partOf('sar:', reference.readUInt16BE(0), total, number);
}

/** Takes the text out of a deliver_sm, from wherever it stands. A header that runs over the end is taken for text. */
export function readBody(fields: Pick<Fields<'deliver_sm'>, 'esm_class' | 'short_message'>, tlvs: Tlvs): ReadBody {
  const whole = tlvs.get(tags.message_payload) ?? fields.short_message;
  const headerLength = (fields.esm_class & headerIndicator) === 0 ? -1 : (whole[0] ?? -1);
  if (headerLength < 0 || headerLength >= whole.length) return { bytes: whole, part: sarPart(tlvs), isForPort: false };
  const header = readHeader(whole.subarray(1, 1 + headerLength));
  return {
    bytes: whole.subarray(1 + headerLength),
    part: header.part ?? sarPart(tlvs),
    isForPort: header.isForPort,
  };
}

/** A user data header with an 8-bit reference: 6 bytes. */
export const seriesHeader = (reference: number, total: number, number: number): Buffer =>
  Buffer.of(5, elements.series8, 3, reference & 0xff, total, number);

/** One message as submissions: section 4.4 of SMPP 3.4, long ones by user data header or message_payload. */
import { createHash } from 'node:crypto';
import { splitSms } from '../../../server/contract/sms-text.ts';
import type { DeliveryProblem, OutgoingMessage } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { SmppSettings } from '../settings.ts';
import { recipientFields, senderFields } from './addresses.ts';
import { codingOf, encodeText } from './alphabets.ts';
import { tags } from './commands.ts';
import type { Submission } from './link.ts';
import { headerIndicator, seriesHeader } from './long-message.ts';

/** 16 bits of our message id. The same on every attempt and after every restart, so that a receipt can be asked for it. */
export const referenceOf = (messageId: string, part: number): number =>
  createHash('sha256').update(`${messageId}/${part}`).digest().readUInt16BE(0);

const uint16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);

export interface PlannedPart {
  readonly reference: number;
  readonly submission: Submission;
}

export type Plan =
  | { readonly ok: true; readonly to: string; readonly parts: readonly PlannedPart[] }
  | { readonly ok: false; readonly problem: DeliveryProblem };

const refused = (kind: DeliveryProblem['kind'], code: string, text: string): Plan => ({
  ok: false,
  problem: { kind, code, text },
});

export function planMessage(message: OutgoingMessage, settings: SmppSettings): Plan {
  const to = message.to[0]?.address ?? '';
  if (!/^\+?\d{3,20}$/.test(to)) return refused('recipient', 'INVALID_NUMBER', 'not a telephone number');
  const { alphabet, text, segments } = splitSms(message.text);
  if (segments.length === 0) return refused('content', 'EMPTY', 'the text is empty');
  if (segments.length > limits.segments) return refused('content', 'TOO_LONG', `more than ${limits.segments} segments`);

  const sender = senderFields(message.from.address, settings.senderTon);
  const recipient = recipientFields(to);
  const fields = {
    source_addr_ton: sender.ton,
    source_addr_npi: sender.npi,
    source_addr: sender.address,
    dest_addr_ton: recipient.ton,
    dest_addr_npi: recipient.npi,
    destination_addr: recipient.address,
    // a receipt in the end, whatever it is (section 5.2.17)
    registered_delivery: 1,
    data_coding: codingOf[alphabet],
  };
  const isWhole = segments.length === 1 || settings.longMessages === 'payload';
  // what ties the parts on the phone is the same on every attempt, or a repeated part would belong to nothing
  const series = referenceOf(message.id, -1);

  const parts = (isWhole ? [text] : segments).map((part, index): PlannedPart => {
    const reference = referenceOf(message.id, index);
    const bytes = encodeText(part, alphabet);
    const ours = [tags.user_message_reference, uint16(reference)] as const;
    if (segments.length === 1)
      return { reference, submission: { fields: { ...fields, short_message: bytes }, tlvs: [ours] } };
    if (isWhole) return { reference, submission: { fields, tlvs: [[tags.message_payload, bytes], ours] } };
    const short_message = Buffer.concat([seriesHeader(series, segments.length, index + 1), bytes]);
    const esm_class = headerIndicator;
    return { reference, submission: { fields: { ...fields, esm_class, short_message }, tlvs: [ours] } };
  });
  return { ok: true, to, parts };
}

/**
 * Delivery receipts: SMPP 3.4 appendix B and the optional parameters of section 4.6.1. The text is a habit, not a
 * standard: every field may be missing, in any order and case.
 */
import type { DeliveryProblem, DeliveryStep } from '../../message-channel.ts';
import type { PduOf } from './codec.ts';
import { tags } from './commands.ts';

/** esm_class bits 5 to 2 (section 5.2.12): a delivery receipt, an intermediate notification. */
const messageTypeBits = 0x3c;
const receiptTypes: readonly number[] = [0x04, 0x20];

export const isReceipt = (pdu: PduOf<'deliver_sm'>): boolean =>
  receiptTypes.includes(pdu.fields.esm_class & messageTypeBits) || pdu.tlvs.has(tags.receipted_message_id);

/** message_state (section 5.2.28) in the words of the text form. SCHEDULED is of SMPP 5.0. */
const states = [
  'SCHEDULED',
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
  'SKIPPED',
] as const;
type MessageState = (typeof states)[number];

/** Spellings that were seen besides; of each the first seven letters are looked at. */
const otherSpellings: Readonly<Record<string, MessageState>> = {
  DELIVER: 'DELIVRD',
  UNDELIV: 'UNDELIV',
  FAILED: 'UNDELIV',
  REJECTE: 'REJECTD',
  ACCEPTE: 'ACCEPTD',
  EN_ROUT: 'ENROUTE',
};

/** A receipt as the wire wrote it. */
export interface ReceiptFacts {
  /** Likeliest first: of the optional parameter, of the text. May be empty. */
  readonly ids: readonly string[];
  readonly state: MessageState;
  /** The network's own code; empty when there is none. */
  readonly error: string;
  /** As the text has it, in the SMSC's own time zone. */
  readonly doneDate: string;
  /** Ours, when the SMSC gives it back. */
  readonly reference: number | null;
}

const idOfTlv = (bytes: Buffer | undefined): string => (bytes?.toString('latin1') ?? '').replace(/\0.*$/s, '').trim();

function stateOf(word: string, tlv: Buffer | undefined): MessageState {
  const seven = word.toUpperCase().slice(0, 7);
  const named = states.find((state) => state === seven) ?? otherSpellings[seven];
  return named ?? states[tlv?.[0] ?? -1] ?? 'UNKNOWN';
}

/** The text's fields win over network_error_code, because providers document the former. */
export function readReceipt(pdu: PduOf<'deliver_sm'>): ReceiptFacts {
  const { tlvs } = pdu;
  const text = (tlvs.get(tags.message_payload) ?? pdu.fields.short_message)
    .toString('latin1')
    .slice(0, 1_000)
    .replaceAll('\0', '');
  const field = (name: string): string => new RegExp(`(?:^|\\s)${name}:\\s{0,2}(\\S{1,65})`, 'i').exec(text)?.[1] ?? '';
  const ids = [idOfTlv(tlvs.get(tags.receipted_message_id)), field('id')].filter((id) => id !== '' && id.length <= 65);
  const network = tlvs.get(tags.network_error_code);
  const reference = tlvs.get(tags.user_message_reference);
  return {
    ids: [...new Set(ids)],
    state: stateOf(field('stat'), tlvs.get(tags.message_state)),
    error: field('err') || (network?.length === 3 ? String(network.readUInt16BE(1)) : ''),
    doneDate: field('done date'),
    reference: reference?.length === 2 ? reference.readUInt16BE(0) : null,
  };
}

const stepOf = {
  SCHEDULED: 'accepted',
  ACCEPTD: 'accepted',
  ENROUTE: 'sent',
  DELIVRD: 'delivered',
  EXPIRED: 'failed',
  DELETED: 'failed',
  UNDELIV: 'failed',
  UNKNOWN: 'failed',
  REJECTD: 'failed',
  SKIPPED: 'failed',
} as const satisfies Record<MessageState, DeliveryStep>;

/** The network's codes mean something else at every provider: only "too late" can be told from the state alone. */
const problemText = {
  EXPIRED: 'the network gave up: the phone was off or out of reach',
  DELETED: 'deleted at the provider',
  UNDELIV: 'the network could not deliver it',
  UNKNOWN: 'the provider lost its trace',
  REJECTD: 'refused by the network',
  SKIPPED: 'skipped by the provider',
} as const satisfies Partial<Record<MessageState, string>>;

/** What a receipt says of a message. The code is the wire's: `UNDELIV 011`. */
export function outcomeOf(receipt: ReceiptFacts): { step: DeliveryStep; problem: DeliveryProblem | null } {
  const step = stepOf[receipt.state];
  const text = (problemText as Partial<Record<MessageState, string>>)[receipt.state];
  if (text === undefined) return { step, problem: null };
  const kind = receipt.state === 'EXPIRED' ? 'temporary' : 'unknown';
  return { step, problem: { kind, code: `${receipt.state} ${receipt.error}`.trim(), text } };
}

/** One spelling for ids that differ in case, padding and blanks. */
export const plainId = (id: string): string => {
  const lower = id.trim().toLowerCase();
  return lower.replace(/^0+(?=.)/, '');
};

/** How the id in receipts is made from the one in submit_sm_resp; every SMSC keeps to one way. */
export const idSpellings = ['same', 'decimal_of_hex', 'hex_of_decimal'] as const;
export type IdSpelling = (typeof idSpellings)[number];

/** What a receipt would call a message that the SMSC called `id` when it took it; null when it cannot be spelled so. */
export function spellId(id: string, spelling: IdSpelling): string | null {
  const plain = plainId(id);
  if (spelling === 'same') return plain;
  if (spelling === 'decimal_of_hex') return /^[0-9a-f]{1,16}$/.test(plain) ? BigInt(`0x${plain}`).toString(10) : null;
  return /^\d{1,20}$/.test(plain) ? BigInt(plain).toString(16) : null;
}

/** The way back: what submit_sm_resp called a message that a receipt calls `id`. */
export const unspellId = (id: string, spelling: IdSpelling): string | null =>
  spellId(
    id,
    ({ same: 'same', decimal_of_hex: 'hex_of_decimal', hex_of_decimal: 'decimal_of_hex' } as const)[spelling],
  );

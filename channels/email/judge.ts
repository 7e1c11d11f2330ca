import {
  hasNullReturnPath,
  isAutomaticAnswer,
  isGenerated,
  isListMail,
  isLoop,
  lowerField,
  type OwnMail,
  senderOf,
} from './judge/automatic.ts';
import { type DeliveryReport, deliveryReport, textBounce } from './judge/delivery-report.ts';
import { afterType, fieldGroups, originalMessageId } from './judge/fields.ts';
import type { ReadMail } from './mime/mail.ts';
import { readMessageIds } from './mime/message-ids.ts';
import type { MailSigner } from './signed-ids.ts';
import { genuineToken } from './tokens.ts';

/** What a message is. Only `human` and, where wanted, `list` become work for people. */
export type MailKind =
  | 'bounce'
  | 'delay'
  | 'delivered'
  | 'complaint'
  | 'read-receipt'
  | 'loop'
  | 'auto-reply'
  | 'list'
  | 'auto-generated'
  | 'human';

/** A complaint that a recipient pressed "spam" (RFC 5965): his address gets no more mailings. */
export interface Complaint {
  /** abuse, fraud, virus, not-spam ... */
  readonly type: string;
  readonly recipient: string | null;
  readonly messageId: string | null;
}

/** RFC 8098. */
export interface ReadReceipt {
  /** displayed, deleted, dispatched, processed. */
  readonly disposition: string;
  readonly messageId: string | null;
}

/** Why no automatic answer may be sent. */
export type NoAnswerReason =
  | 'not-human'
  | 'no-sender'
  | 'own-address'
  | 'null-return-path'
  | 'asked-not-to'
  | 'unanswerable-address';

interface Facts {
  readonly kind: MailKind;
  readonly report?: DeliveryReport;
  readonly complaint?: Complaint;
  readonly receipt?: ReadReceipt;
}

export interface Judgement extends Facts {
  /** Name of the row of the table that decided; `nothing-else` for people. */
  readonly because: string;
  /**
   * The message of ours that a report is about, proven by our signature in the original's Message-ID or in the address that the
   * report came to. Anybody can write a report: without this nothing should be suppressed.
   */
  readonly sentId: string | null;
  /** Null: an automatic answer may be sent (RFC 3834 section 2); how often to one address is the sender's business. */
  readonly noAnswerBecause: NoAnswerReason | null;
}

export interface Own extends OwnMail {
  readonly signer: MailSigner;
}

function kindOfReport({ recipients }: DeliveryReport): MailKind {
  const actions = new Set(recipients.map(({ action }) => action));
  if (recipients.length === 0 || actions.has('failed')) return 'bounce';
  return actions.has('delayed') ? 'delay' : 'delivered';
}

function complaintOf(mail: ReadMail): Complaint | null {
  const part = mail.reports.find(({ type }) => type === 'message/feedback-report');
  if (!part) return null;
  const fields = fieldGroups(part.bytes)[0];
  const recipient = (fields?.get('original-rcpt-to') ?? '').replace(/[<>\s]/g, '');
  const type = (fields?.get('feedback-type') ?? 'abuse').toLowerCase();
  return { type, recipient: recipient || null, messageId: originalMessageId(mail) };
}

function receiptOf(mail: ReadMail): ReadReceipt | null {
  const part = mail.reports.find(({ type }) => /^message\/(?:global-)?disposition-notification$/.test(type));
  if (!part) return null;
  const fields = fieldGroups(part.bytes)[0];
  // `manual-action/MDN-sent-manually; displayed/error`
  const disposition = afterType(fields?.get('disposition')).toLowerCase().split(/[/\s]/)[0] ?? '';
  return { disposition, messageId: readMessageIds(fields?.get('original-message-id') ?? null)[0] ?? null };
}

const when = (holds: boolean, kind: MailKind): Facts | null => (holds ? { kind } : null);

/**
 * What a message is, first row that fits. Reports come before everything, as they carry the marks of automatic mail too; a loop
 * before automatic answers, or two programs would talk for ever; answers before lists, as lists pass vacation notices on.
 */
const rows: readonly { readonly because: string; readonly judge: (mail: ReadMail, own: Own) => Facts | null }[] = [
  {
    because: 'delivery-report',
    judge(mail) {
      const report = deliveryReport(mail);
      return report && { kind: kindOfReport(report), report };
    },
  },
  {
    because: 'feedback-report',
    judge(mail) {
      const complaint = complaintOf(mail);
      return complaint && { kind: 'complaint', complaint };
    },
  },
  {
    because: 'disposition-notification',
    judge(mail) {
      const receipt = receiptOf(mail);
      return receipt && { kind: 'read-receipt', receipt };
    },
  },
  {
    because: 'bounce-in-words',
    judge(mail) {
      const report = textBounce(mail);
      return report && { kind: 'bounce', report };
    },
  },
  { because: 'own-mail-again', judge: (mail, own) => when(isLoop(mail, own), 'loop') },
  { because: 'automatic-answer', judge: (mail) => when(isAutomaticAnswer(mail), 'auto-reply') },
  { because: 'list-headers', judge: (mail) => when(isListMail(mail), 'list') },
  { because: 'automatic-mail', judge: (mail) => when(isGenerated(mail), 'auto-generated') },
  { because: 'nothing-else', judge: () => ({ kind: 'human' }) },
];

/** Addresses behind which nobody reads (RFC 3834 section 2, RFC 2142). */
const unanswerable =
  /^(?:no-?reply|do-?not-?reply|bounces?|notifications?|mailer-daemon|postmaster)(?=[@+.-])|^owner-|-request@/;

/** Why a person gets no automatic answer, first row that fits. */
const refusals: readonly {
  readonly because: NoAnswerReason;
  readonly holds: (mail: ReadMail, own: OwnMail) => boolean;
}[] = [
  { because: 'no-sender', holds: (mail) => senderOf(mail) === '' },
  { because: 'own-address', holds: (mail, { addresses }) => addresses.includes(senderOf(mail)) },
  { because: 'null-return-path', holds: hasNullReturnPath },
  { because: 'asked-not-to', holds: (mail) => lowerField(mail, 'x-auto-response-suppress').replace('none', '') !== '' },
  { because: 'unanswerable-address', holds: (mail) => unanswerable.test(senderOf(mail)) },
];

function sentIdOf(mail: ReadMail, facts: Facts, signer: MailSigner): string | null {
  const about = facts.report ?? facts.complaint ?? facts.receipt;
  if (!about) return null;
  const signed = about.messageId === null ? null : signer.sentIdOf(about.messageId);
  return signed ?? genuineToken(mail, signer.sentIdOfToken);
}

/** Judges a message by the table above. Pure: the same message is always the same. */
export function judgeMail(mail: ReadMail, own: Own): Judgement {
  for (const { because, judge } of rows) {
    const facts = judge(mail, own);
    if (!facts) continue;
    const noAnswerBecause =
      facts.kind === 'human' ? (refusals.find(({ holds }) => holds(mail, own))?.because ?? null) : 'not-human';
    return { ...facts, because, sentId: sentIdOf(mail, facts, own.signer), noAnswerBecause };
  }
  throw new Error('the last row of the table fits every message');
}

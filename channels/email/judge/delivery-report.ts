import { limits } from '../limits.ts';
import { normalAddress } from '../mime/addresses.ts';
import { fieldOf } from '../mime/header-fields.ts';
import type { ReadMail } from '../mime/mail.ts';
import { readMessageIds } from '../mime/message-ids.ts';
import { hasNullReturnPath, isDaemon, senderOf } from './automatic.ts';
import { afterType, type FieldGroup, fieldGroups, originalMessageId } from './fields.ts';
import { enhancedCode, type Verdict, verdictOf } from './status.ts';

export interface ReportedRecipient {
  /** As the report names it; may be no address at all (x400). */
  readonly address: string;
  /** failed, delayed, delivered, relayed or expanded (RFC 3464 section 2.3.3). */
  readonly action: string;
  /** Enhanced status code (RFC 3463), the most telling one that the report has anywhere. */
  readonly status: string;
  readonly verdict: Verdict;
}

export interface DeliveryReport {
  readonly recipients: readonly ReportedRecipient[];
  /** Of the message that the report is about, as the report says. */
  readonly messageId: string | null;
}

/** Addresses of reports are Unicode already (RFC 6533); the reader of headers takes bytes. */
const addressOf = (text: string): string => normalAddress(Buffer.from(text.replace(/[<>]/g, '')).toString('latin1'));

/** `5.0.0` says nothing: a better code of the same class may stand in the diagnostic or in the text for people. */
function bestStatus(stated: string | null, action: string, words: readonly string[]): string {
  if (stated && !stated.endsWith('.0.0')) return stated;
  const better = words.map(enhancedCode).find((code) => code !== null && (!stated || code[0] === stated[0]));
  return better ?? stated ?? (action === 'delayed' ? '4.0.0' : '5.0.0');
}

function recipientOf(group: FieldGroup, text: string): ReportedRecipient {
  const address = addressOf(afterType(group.get('final-recipient') ?? group.get('original-recipient')));
  const action = (group.get('action') ?? 'failed').toLowerCase().split(/\s/)[0] ?? 'failed';
  const diagnostic = group.get('diagnostic-code') ?? '';
  const at = address === '' ? -1 : text.indexOf(address);
  const line = at < 0 ? '' : (text.slice(at, at + 500).split('\n')[0] ?? '');
  const status = bestStatus(enhancedCode(group.get('status') ?? ''), action, [diagnostic, line]);
  return { address, action, status, verdict: verdictOf(action, status, `${diagnostic} ${line}`) };
}

/** A delivery status notification (RFC 3464, RFC 6533), also one in a multipart/mixed; null when there is none. */
export function deliveryReport(mail: ReadMail): DeliveryReport | null {
  const part = mail.reports.find(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type));
  if (!part) return null;
  // every recipient is looked for in the text for people: no more of it than reports have
  const text = mail.text.slice(0, limits.parameterFieldLength);
  const recipients = fieldGroups(part.bytes)
    .filter((group) => group.has('final-recipient') || group.has('original-recipient'))
    .slice(0, limits.reportRecipients)
    .map((group) => recipientOf(group, text));
  return { recipients, messageId: originalMessageId(mail) };
}

/** Both qmail and Exim put the original below such a line. */
const copyBelow = /^-{2,}.{0,40}copy of (?:the|your) message/im;
const qmailBlock = /^<([^<>\s]{1,512})>:\s*\n((?:.+\n?){1,10})/gm;

function failedRecipient(address: string, words: string): ReportedRecipient {
  const status = enhancedCode(words) ?? (/\b4\d\d\b/.test(words) ? '4.0.0' : '5.0.0');
  return { address: addressOf(address), action: 'failed', status, verdict: verdictOf('failed', status, words) };
}

function eximRecipients(mail: ReadMail, text: string): ReportedRecipient[] {
  const listed = (fieldOf(mail.headers, 'x-failed-recipients') ?? '').split(',').slice(0, limits.reportRecipients);
  const addresses = listed.map((address) => address.trim()).filter((address) => address !== '');
  return addresses.map((address) => {
    const at = text.indexOf(address);
    return failedRecipient(address, at < 0 ? '' : text.slice(at, at + 400));
  });
}

function qmailRecipients(text: string): ReportedRecipient[] {
  const blocks = [...text.matchAll(qmailBlock)].filter((match) => match[1]?.includes('@'));
  return blocks
    .slice(0, limits.reportRecipients)
    .map(([, address = '', words = '']) => failedRecipient(address, words));
}

/** A failure that a mail system tells in words only: Exim with its header, qmail with its blocks. Null when it is neither. */
export function textBounce(mail: ReadMail): DeliveryReport | null {
  const byPostmaster =
    senderOf(mail).startsWith('postmaster@') || fieldOf(mail.headers, 'x-failed-recipients') !== null;
  if (!byPostmaster && !isDaemon(mail) && !hasNullReturnPath(mail)) return null;
  const whole = mail.text.slice(0, limits.reportBytes);
  const copyAt = copyBelow.exec(whole)?.index ?? whole.length;
  const text = whole.slice(0, Math.min(copyAt, limits.parameterFieldLength));
  const exim = eximRecipients(mail, text);
  const recipients = exim.length > 0 ? exim : qmailRecipients(text);
  if (recipients.length === 0) return null;
  const id = /^message-id:[ \t]*(.{1,998})$/im.exec(whole.slice(copyAt))?.[1] ?? null;
  return { recipients, messageId: readMessageIds(id)[0] ?? null };
}

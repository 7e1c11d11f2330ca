import {
  type MessageArrived,
  type MessageEvent,
  type MessageNature,
  noEvidence,
  type WireAttachment,
} from '../message-channel.ts';
import { formWriter } from './judge/automatic.ts';
import { type Judgement, judgeMail, type MailKind } from './judge.ts';
import { limits } from './limits.ts';
import type { MailContext } from './mail-context.ts';
import { withoutDetail } from './mime/addresses.ts';
import { fieldsOf } from './mime/header-fields.ts';
import type { MailAddress, ReadMail } from './mime/mail.ts';
import { readMail } from './mime/read-mail.ts';
import { writtenText } from './reply-text.ts';
import { refusalOf, reportOf } from './reports.ts';
import type { MailSigner } from './signed-ids.ts';
import { evidenceOf } from './threading.ts';

/** What becomes of a mail. The event has no raw message: whoever asked holds the bytes. */
export type MailReading =
  | { readonly kind: 'event'; readonly event: MessageEvent }
  /** Sent by this house: it stands on the timeline already. */
  | { readonly kind: 'ours' };

/** The field that keeps our Message-ID where a mail service writes its own (RFC 5322 section 3.6.8). */
export const ownIdField = 'X-Switchroom-Id';

const natures: Readonly<Record<MailKind, MessageNature>> = {
  bounce: 'report',
  delay: 'report',
  delivered: 'report',
  complaint: 'report',
  'read-receipt': 'report',
  loop: 'loop',
  'auto-reply': 'auto_reply',
  'auto-generated': 'auto_generated',
  list: 'list',
  human: 'human',
};

/** Fields that say where a mail was delivered, likeliest first; the envelope's traces before what its writer typed. */
const recipientFields = ['delivered-to', 'x-original-to', 'envelope-to', 'x-forwarded-to'];

function ownRecipients(mail: ReadMail, addresses: readonly string[]): string[] {
  const traced = recipientFields.flatMap((name) =>
    fieldsOf(mail.headers, name).map((value) => value.replace(/[<>\s]/g, '')),
  );
  const typed = [...mail.to, ...mail.cc].map(({ address }) => address);
  const ours = [...traced, ...typed].filter((address) => addresses.includes(withoutDetail(address)));
  const found = [...new Set(ours)].slice(0, limits.participants);
  return found.length > 0 ? found : addresses.slice(0, 1);
}

function participantsOf(mail: ReadMail, addresses: readonly string[]): MessageArrived['participants'] {
  const groups = [
    ['from', mail.from],
    ['reply_to', mail.replyTo],
    ['to', mail.to],
    ['cc', mail.cc],
  ] as const;
  const seen = new Map<string, MessageArrived['participants'][number]>();
  for (const [role, group] of groups) {
    for (const { address, name } of group) {
      const key = address.toLowerCase();
      if (address === '' || seen.has(key) || addresses.includes(withoutDetail(address))) continue;
      if (seen.size < limits.participants) seen.set(key, { address, name, role });
    }
  }
  return [...seen.values()];
}

/** Copies: what the reader gives shares memory with the whole message. */
const filesOf = (mail: ReadMail): WireAttachment[] =>
  mail.attachments.slice(0, limits.attachments).map(({ name, type, bytes, contentId, inline }) => ({
    name,
    type,
    bytes: Uint8Array.from(bytes),
    contentId,
    isInline: inline,
  }));

function factsOf(mail: ReadMail, judgement: Judgement, context: MailContext): Record<string, string> {
  const leftOut = mail.attachments.length - limits.attachments;
  const facts = {
    because: judgement.because,
    noAnswer: judgement.noAnswerBecause ?? '',
    writtenAt: mail.date?.toISOString() ?? '',
    truncated: [context.cutFrom === null ? '' : `fetched of ${context.cutFrom} bytes`, ...mail.truncated]
      .filter((note) => note !== '')
      .join(', '),
    defects: mail.defects.join(', '),
    attachmentsLeftOut: leftOut > 0 ? String(leftOut) : '',
  };
  const told = Object.entries(facts).filter(([, value]) => value !== '');
  return Object.fromEntries(told.map(([name, value]) => [name, value.slice(0, limits.factLength)]));
}

const addressOf = (from: MailAddress | undefined): MessageArrived['from'] => ({
  kind: 'email',
  value: from?.address ?? '',
  displayName: from?.name ?? '',
});

/** In a Sent folder our own address is no sign of a loop. */
const natureOf = (judgement: Judgement, direction: MailContext['direction']): MessageNature =>
  direction === 'echo' && judgement.kind === 'loop' ? 'human' : natures[judgement.kind];

function arrivalOf(mail: ReadMail, judgement: Judgement, context: MailContext, signer: MailSigner): MessageArrived {
  const form = context.direction === 'in' ? formWriter(mail, context.addresses) : null;
  const from = form ?? mail.from[0];
  return {
    channel: 'email',
    type: 'message.arrived',
    sourceId: context.sourceId,
    accountId: context.accountId,
    at: context.at,
    direction: context.direction,
    from: addressOf(from),
    to: context.direction === 'echo' && from?.address ? [from.address] : ownRecipients(mail, context.addresses),
    participants: participantsOf(mail, context.addresses),
    subject: mail.subject ?? '',
    text: mail.text,
    writtenText: writtenText(mail.text, mail.originalAt),
    html: mail.html,
    attachments: filesOf(mail),
    raw: null,
    providerId: mail.messageId,
    thread: evidenceOf(mail, signer),
    nature: natureOf(judgement, context.direction),
    mayAutoReply: context.direction === 'in' && judgement.noAnswerBecause === null,
    facts: { ...factsOf(mail, judgement, context), ...(form === null ? {} : { sentBy: 'a form of our own address' }) },
  };
}

const isOurs = (mail: ReadMail, signer: MailSigner): boolean =>
  [mail.messageId ?? '', ...fieldsOf(mail.headers, ownIdField.toLowerCase())].some(
    (id) => signer.sentIdOf(id) !== null,
  );

/** Reads a mail of an account's mailbox. Pure; takes as long as the mail is large, so it runs in a thread of its own. */
export function readArrival(bytes: Uint8Array, context: MailContext, signer: MailSigner): MailReading {
  const mail = readMail(bytes);
  if (context.direction === 'echo' && isOurs(mail, signer)) return { kind: 'ours' };
  const { addresses } = context;
  const judgement = judgeMail(mail, { addresses, loopMark: addresses[0] ?? '', signer });
  const event =
    reportOf(judgement, context, signer) ??
    refusalOf(mail, judgement, context, signer) ??
    arrivalOf(mail, judgement, context, signer);
  return { kind: 'event', event };
}

/** In place of a mail that could not be read: it is shown with its original to download, and never dropped. */
export function unreadArrival(context: MailContext, reason: string): MessageArrived {
  return {
    channel: 'email',
    type: 'message.arrived',
    sourceId: context.sourceId,
    accountId: context.accountId,
    at: context.at,
    direction: context.direction,
    from: addressOf(undefined),
    to: context.addresses.slice(0, 1),
    participants: [],
    subject: '',
    text: '',
    writtenText: '',
    html: null,
    attachments: [],
    raw: null,
    providerId: null,
    thread: noEvidence,
    nature: 'human',
    mayAutoReply: false,
    facts: { unreadable: reason.slice(0, limits.factLength) },
  };
}

import { limits } from '../limits.ts';
import { withoutDetail } from '../mime/addresses.ts';
import { fieldOf, fieldsOf } from '../mime/header-fields.ts';
import type { MailAddress, ReadMail } from '../mime/mail.ts';

/** A field in lower case; '' when it is absent. */
export const lowerField = (mail: ReadMail, name: string): string =>
  (fieldOf(mail.headers, name) ?? '').trim().toLowerCase();

/** Full address of the first From, in lower case; '' when there is none. */
export const senderOf = (mail: ReadMail): string => (mail.from[0]?.address ?? '').toLowerCase();

export const hasNullReturnPath = (mail: ReadMail): boolean => lowerField(mail, 'return-path') === '<>';

/** RFC 3834 section 5: no, auto-generated, auto-replied, auto-notified or what else is written; parameters dropped. */
export const autoSubmitted = (mail: ReadMail): string => lowerField(mail, 'auto-submitted').split(/[\s;(]/)[0] ?? '';

/**
 * How auto-responders of the five languages that our clients write begin their subjects, when they set no header. A colon, a dash or
 * the end follows: people write of answering machines and of what is not in its place, too.
 */
const automaticSubject = new RegExp(
  `^\\s*(?:(?:re|fw|aw|ответ|отв)\\s*:\\s*)?(?:${[
    'out of (?:the )?office',
    'automatic(?:ally generated)? (?:reply|response)',
    'auto(?:matic)?[- ]?(?:reply|response|responder)',
    'away from (?:the )?office',
    'автоматический ответ',
    'автоответ',
    'нет на месте',
    'вне офиса',
    'отсутствую на рабочем месте',
    'abwesenheits(?:notiz|nachricht|meldung|benachrichtigung)?',
    'automatische antwort',
    'réponse automatique',
    'absence du bureau',
    'respuesta automática',
  ].join('|')})(?:\\s*(?:$|[:：–—-])|\\s+(?:auto-?reply|reply|message|notification|re:))`,
  'iu',
);

/** An answer that nobody wrote: vacation notices and their relatives (RFC 3834 section 5, and the marks from before it). */
export function isAutomaticAnswer(mail: ReadMail): boolean {
  return (
    autoSubmitted(mail) === 'auto-replied' ||
    /auto[-_]?reply/.test(lowerField(mail, 'precedence')) ||
    ['x-autoreply', 'x-autorespond', 'x-ms-exchange-inbox-rules-loop'].some((name) => lowerField(mail, name) !== '') ||
    automaticSubject.test(mail.subject ?? '')
  );
}

/** A post to a list (RFC 2919, RFC 2369), a newsletter. */
export function isListMail(mail: ReadMail): boolean {
  const marked = ['list-id', 'list-post', 'list-unsubscribe'].some((name) => lowerField(mail, name) !== '');
  return marked || /^(?:list|bulk)\b/.test(lowerField(mail, 'precedence'));
}

/** A mail system itself; a postmaster may be a person. */
export const isDaemon = (mail: ReadMail): boolean => /^(?:mailer-daemon|mail-daemon|mdaemon)@/.test(senderOf(mail));

/** Made by a program without anybody asking: notices, reports. `Auto-Submitted: no` is a person (RFC 3834 section 5.1). */
export function isGenerated(mail: ReadMail): boolean {
  const submitted = autoSubmitted(mail);
  const marked = (submitted !== '' && submitted !== 'no') || lowerField(mail, 'precedence') === 'junk';
  return marked || hasNullReturnPath(mail) || isDaemon(mail);
}

/** What of a mail is our own. */
export interface OwnMail {
  /** The mailbox that a mail arrived in, with its other names, lower case: what comes from there is our own. */
  readonly addresses: readonly string[];
  /** What we put into X-Loop of every automatic mail. */
  readonly loopMark: string;
}

/**
 * Who wrote in a form of a web site, which sends his words from our own address and names him in Reply-To; null for other mails.
 * What we send ourselves is answered to an address of ours.
 */
export function formWriter(mail: ReadMail, addresses: OwnMail['addresses']): MailAddress | null {
  if (!addresses.includes(senderOf(mail))) return null;
  return mail.replyTo.find(({ address }) => address !== '' && !addresses.includes(withoutDetail(address))) ?? null;
}

/** Our own mail come back, or two programs answering each other. */
export function isLoop(mail: ReadMail, own: OwnMail): boolean {
  const mark = own.loopMark.toLowerCase();
  return (
    fieldsOf(mail.headers, 'x-loop').some((value) => value.toLowerCase().includes(mark)) ||
    (own.addresses.includes(senderOf(mail)) && formWriter(mail, own.addresses) === null) ||
    fieldsOf(mail.headers, 'received').length > limits.hops
  );
}

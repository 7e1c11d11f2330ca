/** What this room offers. Everything here is pure: bytes and facts in, values out, no clock, no network, no storage. */

export type { DeliveryReport, ReportedRecipient } from './judge/delivery-report.ts';
export type { Verdict } from './judge/status.ts';
export { type Judgement, judgeMail, type MailKind, type NoAnswerReason, type Own } from './judge.ts';
export type { Attachment, MailAddress, ReadMail } from './mime/mail.ts';
export type { Defect, Truncation } from './mime/notes.ts';
export { readMail } from './mime/read-mail.ts';
export { type ReplyPart, type ReplyPartKind, replyParts, writtenText } from './reply-text.ts';
export { type SafeHtml, type SafeHtmlOptions, safeHtml } from './safe-html.ts';
export { createMailSigner, type MailSigner } from './signed-ids.ts';
export { normalSubject } from './subject.ts';
export { type Evidence, evidenceOf, type KnownConversations, type Thread, threadOf } from './threading.ts';

/**
 * What this room offers without a wire: bytes and facts in, values out, no clock, no network, no storage. The wire is adapter.ts, its
 * settings are settings.ts.
 */

export { judgeMail, type Own } from './judge.ts';
export type { ReadMail } from './mime/mail.ts';
export { readMail } from './mime/read-mail.ts';
export { replyParts, writtenText } from './reply-text.ts';
export { safeHtml } from './safe-html.ts';
export { createMailSigner, type MailSigner } from './signed-ids.ts';
export { isGenericSubject, normalSubject } from './subject.ts';
export { evidenceOf } from './threading.ts';

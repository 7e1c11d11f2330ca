import { limits } from './limits.ts';
import type { ReadMail } from './mime/mail.ts';
import type { MailSigner } from './signed-ids.ts';
import { isAnswerSubject, isGenericSubject, normalSubject } from './subject.ts';
import { tokensOf } from './tokens.ts';

/** What a mail says of its conversation: everything that has to be looked up. The house decides what it is worth. */
export interface Evidence {
  /** All From addresses, lower case. More than one: every one of them must take part. */
  readonly senders: readonly string[];
  /** From genuine tokens. */
  readonly conversationIds: readonly string[];
  /** From genuine Message-IDs of ours in In-Reply-To and References, newest first. */
  readonly sentIds: readonly string[];
  /** The other ids there, newest first. They are no secret: who was ever written to knows them. */
  readonly messageIds: readonly string[];
  /** Null when the subject is no answer's or too many conversations have it. */
  readonly subject: string | null;
}

/** Reads the evidence of a mail. Pure and bounded: at most limits.threadIds ids. */
export function evidenceOf(mail: ReadMail, signer: MailSigner): Evidence {
  const ids = new Set([mail.inReplyTo, ...mail.references.toReversed()].filter((id) => id !== null));
  const checked = [...ids].slice(0, limits.threadIds).map((id) => ({ id, sentId: signer.sentIdOf(id) }));
  const subject = normalSubject(mail.subject);
  return {
    senders: mail.from.map(({ address }) => address.toLowerCase()).filter((address) => address !== ''),
    conversationIds: tokensOf(mail).flatMap((token) => signer.conversationOf(token) ?? []),
    sentIds: checked.flatMap(({ sentId }) => sentId ?? []),
    messageIds: checked.filter(({ sentId }) => sentId === null).map(({ id }) => id),
    subject: isAnswerSubject(mail.subject) && !isGenericSubject(subject) ? subject : null,
  };
}

import type { MessageId } from '../../server/kernel/ids.ts';
import type { ThreadEvidence } from '../message-channel.ts';
import { limits } from './limits.ts';
import type { ReadMail } from './mime/mail.ts';
import type { MailSigner } from './signed-ids.ts';
import { isAnswerSubject, isGenericSubject, normalSubject } from './subject.ts';
import { tokensOf } from './tokens.ts';

/** What a mail says of its conversation. Pure and bounded: at most limits.threadIds ids. The house decides what it is worth. */
export function evidenceOf(mail: ReadMail, signer: MailSigner): ThreadEvidence {
  const ids = new Set([mail.inReplyTo, ...mail.references.toReversed()].filter((id) => id !== null));
  const checked = [...ids].slice(0, limits.threadIds).map((id) => ({ id, sentId: signer.sentIdOf(id) }));
  const subject = normalSubject(mail.subject);
  return {
    conversationIds: tokensOf(mail).flatMap((token) => signer.conversationOf(token) ?? []),
    // the signer signs ids of messages only
    sentIds: checked.flatMap(({ sentId }) => (sentId === null ? [] : (sentId as MessageId))),
    messageIds: checked.filter(({ sentId }) => sentId === null).map(({ id }) => id),
    subject: isAnswerSubject(mail.subject) && !isGenericSubject(subject) ? subject : null,
  };
}

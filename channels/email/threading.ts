import { limits } from './limits.ts';
import type { ReadMail } from './mime/mail.ts';
import type { MailSigner } from './signed-ids.ts';
import { isAnswerSubject, isGenericSubject, normalSubject } from './subject.ts';
import { tokensOf } from './tokens.ts';

/** What must be known to find the conversation of a mail. `evidenceOf` says what to load. */
export interface KnownConversations {
  /** Addresses of those who take part, lower case, ours not among them. Null: there is no such conversation (any more). */
  participantsOf(conversationId: string): ReadonlySet<string> | null;
  /** Where a message that we sent belongs. */
  conversationOfSent(sentId: string): string | null;
  /** Where a message that we received belongs, by the Message-ID that its sender gave it. */
  conversationOfReceived(messageId: string): string | null;
  /** The newest conversation with this normal subject in which the sender wrote or was written to within limits.subjectDays. */
  recentConversation(sender: string, normalSubject: string): string | null;
}

/** Which evidence decided, strongest first. */
export type ThreadEvidence = 'token' | 'own-message-id' | 'message-id' | 'subject';

export type Thread =
  | { readonly join: string; readonly by: ThreadEvidence }
  /** It belongs to this conversation if a person says so: somebody writes who takes no part in it. */
  | { readonly ask: string; readonly by: ThreadEvidence; readonly why: 'new-sender' | 'no-sender' }
  | { readonly new: true };

/** What a mail says of its conversation: everything that has to be looked up. */
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

/** Conversations that a mail may belong to, in the order in which they are believed. */
function* candidates(evidence: Evidence, known: KnownConversations): Generator<{ id: string; by: ThreadEvidence }> {
  const { conversationIds, sentIds, messageIds, senders, subject } = evidence;
  for (const id of conversationIds) yield { id, by: 'token' };
  for (const sentId of sentIds) {
    const id = known.conversationOfSent(sentId);
    if (id !== null) yield { id, by: 'own-message-id' };
  }
  for (const messageId of messageIds) {
    const id = known.conversationOfReceived(messageId);
    if (id !== null) yield { id, by: 'message-id' };
  }
  const sender = senders[0];
  if (sender === undefined || subject === null) return;
  const id = known.recentConversation(sender, subject);
  if (id !== null) yield { id, by: 'subject' };
}

/**
 * Which conversation a mail belongs to (RFC 5322 section 3.6.4, and what is left of it after forwarders). Believed in this order: a
 * signed token in the address it was delivered to; a signed Message-ID of ours; somebody else's Message-ID; an answer with the same
 * subject from the same sender.
 *
 * Nobody joins a conversation in silence who takes no part in it, whatever he presents: tokens and ids get forwarded with the mail
 * that they are in. He is asked about. With a signature of ours that settles it; a foreign Message-ID that leads elsewhere does not
 * keep a sender from the conversation that he does take part in. From can be forged: whether to believe it is the receiving mail
 * system's verdict, not ours.
 */
export function threadOf(mail: ReadMail, known: KnownConversations, signer: MailSigner): Thread {
  const evidence = evidenceOf(mail, signer);
  let asked: Thread | null = null;
  for (const { id, by } of candidates(evidence, known)) {
    const participants = known.participantsOf(id);
    if (!participants) continue;
    const { senders } = evidence;
    if (senders.length > 0 && senders.every((sender) => participants.has(sender))) return { join: id, by };
    // the subject alone proves nothing to anybody
    if (by === 'subject') continue;
    asked ??= { ask: id, by, why: senders.length === 0 ? 'no-sender' : 'new-sender' };
    if (by !== 'message-id') break;
  }
  return asked ?? { new: true };
}

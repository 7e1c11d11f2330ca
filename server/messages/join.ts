import type { ThreadEvidence } from '../../channels/message-channel.ts';
import type { ConversationState, MessageChannelName } from '../contract/messages-words.ts';
import type { AddressId, ClientId, ConversationId, MessageId } from '../kernel/ids.ts';

/** What must be known of a conversation to decide whether a message joins it. */
export interface KnownConversation {
  readonly id: ConversationId;
  readonly clientId: ClientId;
  readonly addressId: AddressId;
  readonly state: ConversationState;
  readonly lastMessageAt: Date;
  readonly closedAt: Date | null;
  /** Addresses of those who take part, canonical, ours not among them. */
  readonly participants: ReadonlySet<string>;
}

/** Everything that the evidence of a message leads to. */
export interface KnownConversations {
  /** By the id that was asked for; one that was joined into another is that other one. */
  readonly byId: ReadonlyMap<string, KnownConversation>;
  /** Where messages that we sent belong. */
  readonly ofSent: ReadonlyMap<MessageId, KnownConversation>;
  /** Where messages belong by the Message-ID that their writer gave them; several may have the same. */
  readonly ofReceived: ReadonlyMap<string, readonly KnownConversation[]>;
  /** The newest one with this subject in which the sender takes part. */
  readonly sameSubject: KnownConversation | null;
  /** The newest one between these two addresses. */
  readonly samePair: KnownConversation | null;
}

export const nothingKnown: KnownConversations = {
  byId: new Map(),
  ofSent: new Map(),
  ofReceived: new Map(),
  sameSubject: null,
  samePair: null,
};

/** Which evidence decided, strongest first. */
export type JoinEvidence = 'token' | 'own_message_id' | 'message_id' | 'subject' | 'same_addresses';

export type JoinDecision =
  | { readonly kind: 'join'; readonly conversation: KnownConversation; readonly by: JoinEvidence }
  /** It belongs there if a person says so: somebody writes who takes no part in it. */
  | {
      readonly kind: 'ask';
      readonly conversation: KnownConversation;
      readonly by: JoinEvidence;
      readonly why: 'new_sender' | 'no_sender';
    }
  /** A report or a loop that speaks of none of ours: nobody's. */
  | { readonly kind: 'none' }
  /** `continues`: the conversation that it goes on from, silent for too long to be the same. */
  | { readonly kind: 'new'; readonly continues: KnownConversation | null };

/** A message as the decision needs it. */
export interface JoiningMessage {
  readonly channel: MessageChannelName;
  /** Canonical addresses of all who wrote it; more than one: every one of them must take part. */
  readonly senders: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly evidence: ThreadEvidence;
  /** A program tells what became of a message of ours, or sends it round: it takes part in nothing. */
  readonly isReport: boolean;
}

const dayMs = 24 * 60 * 60_000;
/** An answer that lost every id is looked for among the subjects of so many days. */
export const subjectDays = 14;

/** Nobody waits in it, and nobody has written for so long that the next message is another matter. */
export function isSilent(
  conversation: Pick<KnownConversation, 'state' | 'lastMessageAt' | 'closedAt'>,
  at: number,
  closeAfterDays: number,
): boolean {
  const { state, lastMessageAt, closedAt } = conversation;
  if (state === 'waiting' || state === 'assigned') return false;
  const last = Math.max(lastMessageAt.getTime(), state === 'closed' ? (closedAt?.getTime() ?? 0) : 0);
  return at - last > closeAfterDays * dayMs;
}

interface Candidate {
  readonly conversation: KnownConversation;
  readonly by: JoinEvidence;
}

/** Conversations that a message may belong to, in the order in which they are believed. */
function* candidates({ evidence }: JoiningMessage, known: KnownConversations): Generator<Candidate> {
  for (const id of evidence.conversationIds) {
    const conversation = known.byId.get(id);
    if (conversation) yield { conversation, by: 'token' };
  }
  for (const id of evidence.sentIds) {
    const conversation = known.ofSent.get(id);
    if (conversation) yield { conversation, by: 'own_message_id' };
  }
  for (const id of evidence.messageIds)
    for (const conversation of known.ofReceived.get(id) ?? []) yield { conversation, by: 'message_id' };
  if (evidence.subject !== null && known.sameSubject) yield { conversation: known.sameSubject, by: 'subject' };
}

/** Proven by a signature of ours. */
const isProven = (by: JoinEvidence): boolean => by === 'token' || by === 'own_message_id';

/**
 * Which conversation a message belongs to, on every channel (e-mail: RFC 5322 section 3.6.4, and what is left of it after
 * forwarders). Believed in this order: a signed token in the address it was delivered to; a signed Message-ID of ours; somebody
 * else's Message-ID; an answer with the same subject from the same sender. Where addresses are all there is (SMS, chat): the
 * latest conversation of the same two.
 *
 * Nobody joins a conversation in silence who takes no part in it, whatever he presents: tokens and ids get forwarded with the mail
 * that they are in. He is asked about. With a signature of ours that settles it; a foreign Message-ID that leads elsewhere does not
 * keep a sender from the conversation that he does take part in. A report stands where the message is that it speaks of, when our
 * signature proves which, and nowhere else. From can be forged: whether to believe it is the receiving mail
 * system's verdict, not ours.
 */
export function decideJoin(message: JoiningMessage, known: KnownConversations, closeAfterDays: number): JoinDecision {
  const takesPart = ({ participants }: KnownConversation): boolean =>
    message.senders.length > 0 && message.senders.every((sender) => participants.has(sender));
  const into = (conversation: KnownConversation, by: JoinEvidence): JoinDecision =>
    isSilent(conversation, message.at, closeAfterDays)
      ? { kind: 'new', continues: conversation }
      : { kind: 'join', conversation, by };

  if (message.isReport) {
    const about = [...candidates(message, known)].find(({ by }) => isProven(by));
    return about ? { kind: 'join', ...about } : { kind: 'none' };
  }
  if (message.channel !== 'email')
    return known.samePair ? into(known.samePair, 'same_addresses') : { kind: 'new', continues: null };
  let asked: JoinDecision | null = null;
  for (const { conversation, by } of candidates(message, known)) {
    if (takesPart(conversation)) return into(conversation, by);
    // the subject alone proves nothing to anybody
    if (by === 'subject') continue;
    asked ??= { kind: 'ask', conversation, by, why: message.senders.length === 0 ? 'no_sender' : 'new_sender' };
    if (isProven(by)) break;
  }
  return asked ?? { kind: 'new', continues: null };
}

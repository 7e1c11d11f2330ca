import type { MessageArrived } from '../../../channels/message-channel.ts';
import { type MessageId, newId } from '../../kernel/ids.ts';
import type { ConversationRow } from '../conversation-store.ts';
import type { JoinDecision } from '../join.ts';
import type { NewMessageRow } from '../rooms.ts';
import { addressesOf } from './arrival.ts';
import type { KeptFiles } from './kept-files.ts';
import type { Arrival } from './parts.ts';

/** What is stored of a message that arrived, or that was written past the house. */
export function messageOf(
  { event, peer, address }: Arrival,
  {
    kept,
    decision,
    conversation,
  }: { readonly kept: KeptFiles; readonly decision: JoinDecision; readonly conversation: ConversationRow },
): NewMessageRow {
  const isIn = event.direction === 'in';
  const own = { address: address.value, name: address.name };
  const replyTo = addressesOf(event, 'reply_to')[0]?.address;
  return {
    id: newId<MessageId>(),
    conversationId: conversation.id,
    channel: event.channel,
    direction: isIn ? 'in' : 'out',
    at: new Date(event.at),
    origin: isIn ? 'client' : 'echo',
    nature: event.nature,
    fromAddress: isIn ? peer.value : address.value,
    fromName: (isIn ? event.from.displayName : address.name).slice(0, 200),
    to: isIn ? [own, ...addressesOf(event, 'to')] : recipients(event, peer),
    cc: addressesOf(event, 'cc'),
    subject: event.subject,
    text: event.text,
    writtenText: event.writtenText,
    html: event.html,
    providerId: event.providerId,
    references: [...event.thread.messageIds],
    rawSha256: kept.rawSha256,
    // whom we wrote to past the house is no stranger who wants in
    askConversationId: isIn && decision.kind === 'ask' ? decision.conversation.id : null,
    askBecause: isIn && decision.kind === 'ask' ? decision.why : null,
    facts: { ...event.facts, ...(replyTo ? { replyTo } : {}) },
  };
}

function recipients(event: MessageArrived, peer: Arrival['peer']): { address: string; name: string }[] {
  const to = addressesOf(event, 'to');
  return to.length > 0 ? to : [{ address: peer.value, name: peer.name }];
}

import type { Executor } from '../../../db/client.ts';
import type { ClientId, MessageId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { messageEvent, openedEvent } from '../conversation-events.ts';
import { type ConversationRow, insertConversation, lockConversation } from '../conversation-store.ts';
import { insertAttachments } from '../conversations/attachment-store.ts';
import { blankConversation, lockClient } from '../conversations/open.ts';
import { decideJoin, type JoinDecision } from '../join.ts';
import { joiningOf } from './arrival.ts';
import { type Automatic, actAutomatically, decideAutomatic } from './automatic.ts';
import { findClient } from './client.ts';
import { claimEvent } from './events.ts';
import { follow, isOwed } from './follow.ts';
import type { KeptFiles } from './kept-files.ts';
import { readNamed, readPair } from './known.ts';
import { messageOf } from './message-row.ts';
import type { Arrival, InboxParts } from './parts.ts';
import type { InboxSetting } from './setting.ts';

export interface Storing {
  readonly arrival: Arrival;
  readonly kept: KeptFiles;
  readonly setting: InboxSetting;
}

/** What was stored of a message. */
export interface Stored {
  readonly conversation: ConversationRow;
  readonly messageId: MessageId;
  /** An automatic answer. */
  readonly replyId: MessageId | null;
  /** A person owes an answer. */
  readonly isOwed: boolean;
}

/** The conversation that it was to join is another one now: its sender's own card is needed after all. */
class JoinLost extends Error {}

/**
 * Stores a message with everything that follows from it, in one transaction.
 * @returns `duplicate` when it was stored before, null when it is nobody's (a report of nothing of ours)
 */
export async function storeArrival(
  context: MessagesContext,
  parts: InboxParts,
  storing: Storing,
): Promise<Stored | 'duplicate' | null> {
  const { arrival, setting } = storing;
  const early = await decideEarly(context, storing);
  if (early.kind === 'none') return storeNothing(context, storing);
  const storeFor = async (clientId: ClientId, isOwn: boolean) => {
    const automatic = await decideAutomatic(context, parts, { arrival, clientId, setting });
    return commit(context, parts, { ...storing, clientId, isOwn, automatic });
  };
  const own = async (): Promise<ClientId> => (await findClient(context, arrival.event, arrival)).clientId;
  if (early.kind !== 'join') return storeFor(await own(), true);
  try {
    return await storeFor(early.conversation.clientId, false);
  } catch (error) {
    if (!(error instanceof JoinLost)) throw error;
    return storeFor(await own(), true);
  }
}

/** Where evidence leads before a card is looked for: who joins a conversation needs none. */
async function decideEarly({ db }: MessagesContext, { arrival, setting }: Storing): Promise<JoinDecision> {
  const { event, peer } = arrival;
  const message = joiningOf(event, peer);
  if (event.channel !== 'email' && !message.isReport) return { kind: 'new', continues: null };
  return decideJoin(message, await readNamed(db, message), setting.closeAfterDays);
}

/** It is remembered with what is needed to look at it, and shown nowhere. */
async function storeNothing({ db, log }: MessagesContext, { arrival, kept }: Storing): Promise<'duplicate' | null> {
  const { channel, sourceId, nature, from } = arrival.event;
  const raw = { nature, from: from.value.replaceAll('\0', ''), rawSha256: kept.rawSha256 };
  if (!(await claimEvent(db, arrival.event, raw))) return 'duplicate';
  log.info({ channel, sourceId, nature }, 'a program wrote of nothing of ours');
  return null;
}

interface Committing extends Storing {
  readonly clientId: ClientId;
  /** It is the card of who wrote, not the one of the conversation that he was to join. */
  readonly isOwn: boolean;
  readonly automatic: Automatic;
}

async function commit(
  context: MessagesContext,
  parts: InboxParts,
  committing: Committing,
): Promise<Stored | 'duplicate'> {
  const { db, journal } = context;
  const done = await db.transaction(async (tx) => {
    if (!(await claimEvent(tx, committing.arrival.event))) return null;
    const { stored, events } = await store(context, parts, tx, committing);
    return { stored, entries: await journal.append(tx, events) };
  });
  if (!done) return 'duplicate';
  journal.published(done.entries);
  return done.stored;
}

async function store(
  context: MessagesContext,
  parts: InboxParts,
  tx: Executor,
  { arrival, kept, setting, clientId: found, isOwn, automatic }: Committing,
): Promise<{ stored: Stored; events: JournalEvent[] }> {
  const { event } = arrival;
  const clientId = await lockClient(tx, found);
  const decision = await decide(tx, arrival, { clientId, setting });
  if (decision.kind !== 'join' && !isOwn) throw new JoinLost();
  const events: JournalEvent[] = [];
  const before = await conversationFor(context, tx, { arrival, clientId, decision, events });
  const files = await insertAttachments(tx, kept.attachments, new Date(context.clock.now()));
  const row = messageOf(arrival, { kept, decision, conversation: before });
  const attachmentIds = files.map(({ id }) => id);
  await parts.conversations.insertMessage(tx, { row, conversation: before, attachmentIds });
  const conversation = await follow(context, tx, { event, messageId: row.id, conversation: before, automatic, events });
  const { id, direction, at, origin, nature = 'human', userId = null } = row;
  events.unshift(messageEvent(conversation, { id, direction, at, origin, nature, userId }));
  const acted = await actAutomatically(context, parts, tx, { arrival, automatic, conversation, messageId: id });
  const stored = { conversation, messageId: id, replyId: acted.replyId, isOwed: isOwed({ event, automatic }) };
  return { stored, events: [...events, ...acted.events] };
}

async function decide(
  tx: Executor,
  { event, peer, address }: Arrival,
  { clientId, setting }: { readonly clientId: ClientId; readonly setting: InboxSetting },
): Promise<JoinDecision> {
  const message = joiningOf(event, peer);
  const known =
    event.channel === 'email' || message.isReport
      ? await readNamed(tx, message)
      : await readPair(tx, { channel: event.channel, peer: peer.value, addressId: address.id, clientId });
  return decideJoin(message, known, setting.closeAfterDays);
}

interface Choosing {
  readonly arrival: Arrival;
  readonly clientId: ClientId;
  readonly decision: JoinDecision;
  readonly events: JournalEvent[];
}

/** The conversation that it joins, locked, or a new one. */
async function conversationFor(
  { reading }: MessagesContext,
  tx: Executor,
  { arrival, clientId, decision, events }: Choosing,
): Promise<ConversationRow> {
  if (decision.kind === 'join') return lockConversation(tx, decision.conversation.id);
  const { event, peer, address } = arrival;
  const { channel, at, direction } = event;
  const isIn = direction === 'in';
  const conversation = await insertConversation(tx, {
    ...blankConversation({ channel, clientId, addressId: address.id, queueId: address.queueId, peer: peer.value, at }),
    subject: event.subject.replaceAll('\0', ''),
    subjectKey: channel === 'email' ? reading.subjectKey(event.subject.replaceAll('\0', '')) : null,
    lastDirection: isIn ? 'in' : 'out',
    // nothing is owed in it until somebody says so
    ...(isIn ? { state: 'closed' as const, closedAt: new Date(at) } : {}),
    continuesId: decision.kind === 'new' ? (decision.continues?.id ?? null) : null,
  });
  events.push(openedEvent(conversation, null));
  return conversation;
}

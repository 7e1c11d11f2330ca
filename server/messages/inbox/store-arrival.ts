import type { Receipt } from '../../../channels/channel.ts';
import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';
import { type ClientId, type MessageId, newId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { messageEvent, openedEvent, waitingEvent } from '../conversation-events.ts';
import { type ConversationRow, insertConversation, lockConversation, moveConversation } from '../conversation-store.ts';
import { insertAttachments } from '../conversations/attachment-store.ts';
import { answered, blankConversation, closeAfterDays, lockClient } from '../conversations/open.ts';
import { dueOf } from '../due.ts';
import { decideJoin, type JoinDecision } from '../join.ts';
import type { NewMessageRow } from '../rooms.ts';
import { addressesOf, joiningOf } from './arrival.ts';
import { findClient } from './client.ts';
import type { Arrival, InboxParts } from './index.ts';
import { type KeptFiles, keepFiles } from './kept-files.ts';
import { readNamed, readPair } from './known.ts';

/** Whether this event was stored before: asked early, so that a repeated one costs little. The insert decides. */
export async function isKnownEvent(
  db: Executor,
  { channel, sourceId }: Pick<MessageArrived, 'channel' | 'sourceId'>,
): Promise<boolean> {
  const rows = await db.run<{ one: number }>({
    name: 'inbound_event_known',
    text: 'SELECT 1 AS one FROM inbound_events WHERE channel = $1 AND source_id = $2',
    values: [channel, sourceId],
  });
  return rows.length > 0;
}

/** The one door's memory. @returns false when this event was stored before */
export async function claimEvent(
  tx: Executor,
  { channel, sourceId, at }: Pick<MessageArrived, 'channel' | 'sourceId' | 'at'>,
): Promise<boolean> {
  const rows = await tx.run<{ one: number }>({
    name: 'inbound_event_claim',
    text: `INSERT INTO inbound_events (channel, source_id, at) VALUES ($1, $2, $3)
           ON CONFLICT (channel, source_id) DO NOTHING RETURNING 1 AS one`,
    values: [channel, sourceId, new Date(at)],
  });
  return rows.length > 0;
}

interface Stored {
  readonly conversation: ConversationRow;
  readonly messageId: MessageId;
  readonly events: readonly JournalEvent[];
  readonly waits: boolean;
}

/** Everything that follows from a message in one transaction; then whoever looks at it is told. */
export async function storeArrival(context: MessagesContext, parts: InboxParts, arrival: Arrival): Promise<Receipt> {
  const { db, journal } = context;
  const kept = await keepFiles(parts.conversations.files, arrival.event);
  const attempt = (clientId: ClientId, isOwn: boolean) =>
    db.transaction(async (tx) => {
      if (!(await claimEvent(tx, arrival.event))) return 'duplicate';
      const stored = await store(context, parts, tx, { arrival, kept, clientId, isOwn });
      return { stored, entries: await journal.append(tx, stored.events) };
    });
  const early = await decideEarly(context, arrival);
  const own = (): Promise<ClientId> => findClient(context, arrival.event, arrival);
  const done =
    early.kind === 'join'
      ? await attempt(early.conversation.clientId, false).catch(async (error: unknown) => {
          if (!(error instanceof JoinLost)) throw error;
          return attempt(await own(), true);
        })
      : await attempt(await own(), true);
  if (done === 'duplicate') return { accepted: false, reason: 'duplicate' };
  const { stored, entries } = done;
  journal.published(entries);
  const { conversation, messageId, waits } = stored;
  await parts.conversations.changed({
    id: conversation.id,
    messageId,
    alert: waits && conversation.state === 'assigned',
  });
  return { accepted: true };
}

/** Where evidence leads before a card is looked for: who joins a conversation needs none. */
async function decideEarly({ db }: MessagesContext, { event, peer }: Arrival): Promise<JoinDecision> {
  if (event.channel !== 'email') return { kind: 'new', continues: null };
  const message = joiningOf(event, peer);
  return decideJoin(message, await readNamed(db, message), await closeAfterDays(db));
}

/** The conversation that it was to join is another one now: its sender's own card is needed after all. */
class JoinLost extends Error {}

interface Storing {
  readonly arrival: Arrival;
  readonly kept: KeptFiles;
  readonly clientId: ClientId;
  /** It is the card of who wrote, not the one of the conversation that he was to join. */
  readonly isOwn: boolean;
}

async function store(
  context: MessagesContext,
  parts: InboxParts,
  tx: Executor,
  { arrival, kept, clientId: found, isOwn }: Storing,
): Promise<Stored> {
  const { event, peer, address } = arrival;
  const clientId = await lockClient(tx, found);
  const message = joiningOf(event, peer);
  const known =
    event.channel === 'email'
      ? await readNamed(tx, message)
      : await readPair(tx, { channel: event.channel, peer: peer.value, addressId: address.id, clientId });
  const decision = decideJoin(message, known, await closeAfterDays(tx));
  if (decision.kind !== 'join' && !isOwn) throw new JoinLost();
  const events: JournalEvent[] = [];
  const before = await conversationFor(context, tx, { arrival, clientId, decision, events });
  const files = await insertAttachments(tx, kept.attachments, new Date(context.clock.now()));
  const row = messageOf(arrival, { kept, decision, conversation: before });
  const attachmentIds = files.map(({ id }) => id);
  await parts.conversations.insertMessage(tx, { row, conversation: before, attachmentIds });
  const waits = event.direction === 'in' && event.nature === 'human';
  const conversation = await follow(context, tx, { arrival, conversation: before, waits, events });
  const { id, direction, at, origin, nature = 'human', userId = null } = row;
  events.unshift(messageEvent(conversation, { id, direction, at, origin, nature, userId }));
  return { conversation, messageId: row.id, events, waits };
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
  const { channel, at } = event;
  const isLetter = channel === 'email';
  const conversation = await insertConversation(tx, {
    ...blankConversation({ channel, clientId, addressId: address.id, queueId: address.queueId, peer: peer.value, at }),
    subject: event.subject.replaceAll('\0', ''),
    subjectKey: isLetter ? reading.subjectKey(event.subject) : null,
    lastDirection: event.direction === 'in' ? 'in' : 'out',
    // nothing is owed in it until somebody says so
    ...(event.direction === 'in' ? { state: 'closed' as const, closedAt: new Date(at) } : {}),
    continuesId: decision.kind === 'new' ? (decision.continues?.id ?? null) : null,
  });
  events.push(openedEvent(conversation, null));
  return conversation;
}

/** What a message means for its conversation besides standing in it. */
async function follow(
  context: MessagesContext,
  tx: Executor,
  following: {
    readonly arrival: Arrival;
    readonly conversation: ConversationRow;
    readonly waits: boolean;
    readonly events: JournalEvent[];
  },
): Promise<ConversationRow> {
  const { arrival, conversation: before, waits, events } = following;
  const { at, direction } = arrival.event;
  if (direction === 'echo') {
    events.push(...(await answered(tx, before.id, { userId: null, messageId: null, at })));
    return lockConversation(tx, before.id);
  }
  if (!waits) return before;
  const isNewWait = before.waitingSince === null;
  const waitingSince = before.waitingSince ?? new Date(at);
  const changes = { unread: before.unread + 1, waitingSince, closedAt: null };
  const due = isNewWait ? { dueAt: dueOf(context.setup, before.queueId, waitingSince) } : {};
  const conversation = await moveConversation(tx, before, 'arrive', { ...changes, ...due });
  if (isNewWait) events.push(waitingEvent(conversation));
  return conversation;
}

function messageOf(
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
    askConversationId: decision.kind === 'ask' ? decision.conversation.id : null,
    askBecause: decision.kind === 'ask' ? decision.why : null,
    facts: { ...event.facts, ...(replyTo ? { replyTo } : {}) },
  };
}

function recipients(event: MessageArrived, peer: Arrival['peer']): { address: string; name: string }[] {
  const to = addressesOf(event, 'to');
  return to.length > 0 ? to : [{ address: peer.value, name: peer.name }];
}

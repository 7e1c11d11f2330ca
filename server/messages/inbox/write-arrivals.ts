import type { Executor } from '../../../db/client.ts';
import type { ClientId, ConversationId, MessageId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import type { MessagesContext } from '../context.ts';
import { messageEvent, openedEvent } from '../conversation-events.ts';
import {
  type ConversationRow,
  insertConversations,
  lockConversations,
  type NewConversation,
} from '../conversation-store.ts';
import { insertAttachments } from '../conversations/attachment-store.ts';
import { blankConversation, lockClients } from '../conversations/open.ts';
import { decideJoin, type JoinDecision } from '../join.ts';
import type { NewMessage } from '../rooms.ts';
import { joiningOf } from './arrival.ts';
import { type Automatic, actAutomatically } from './automatic.ts';
import { follow, isOwed } from './follow.ts';
import type { KeptFiles } from './kept-files.ts';
import { readNamed, readPair } from './known.ts';
import { messageOf } from './message-row.ts';
import type { Arrival, InboxParts } from './parts.ts';
import type { InboxSetting } from './setting.ts';

/** A message whose files are kept already. */
export interface Storing {
  readonly arrival: Arrival;
  readonly kept: KeptFiles;
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

/** A message of which is known whose it is, and what is done with it without people. */
export interface Ready extends Storing {
  readonly clientId: ClientId;
  /** It is the card of who wrote, not the one of the conversation that he was to join. */
  readonly isOwn: boolean;
  readonly automatic: Automatic;
}

/** The conversation that one was to join is another one now: its sender's own card is needed after all. */
export class JoinLost extends Error {}

/** Two of them belong to one conversation: they go one after the other. */
export class Together extends Error {}

/** What was stored of a message, and what is told of it. */
export interface Written {
  readonly stored: Stored;
  readonly events: readonly JournalEvent[];
}

/**
 * Everything that messages of this transaction write, the rows of all of them at once.
 * @param arrivals claimed for this transaction; no sender or thread of theirs twice
 * @throws JoinLost, and Together when two belong to one conversation after all
 */
export async function writeArrivals(
  context: MessagesContext,
  parts: InboxParts,
  tx: Executor,
  { mine, setting }: { readonly mine: readonly Ready[]; readonly setting: InboxSetting },
): Promise<Written[]> {
  const clients = await lockClients(tx, [...new Set(mine.map(({ clientId }) => clientId))]);
  const placing: Placing[] = [];
  for (const one of mine) {
    const clientId = clients.get(one.clientId) ?? one.clientId;
    const decision = await decide(tx, one.arrival, { clientId, setting });
    if (decision.kind !== 'join' && !one.isOwn) throw new JoinLost();
    placing.push({ ...one, clientId, decision });
  }
  const before = await conversationsFor(context, tx, placing);
  const rows: Row[] = [];
  for (const [index, one] of placing.entries()) {
    const place = before[index];
    if (!place) throw new Error('a conversation was not returned');
    const files = await insertAttachments(tx, one.kept.attachments, new Date(context.clock.now()));
    const row = messageOf(one.arrival, { kept: one.kept, decision: one.decision, conversation: place.conversation });
    rows.push({ ...one, ...place, row, attachmentIds: files.map(({ id }) => id) });
  }
  await parts.conversations.insertMessages(tx, rows);
  return finish(context, parts, tx, rows);
}

interface Placing extends Ready {
  readonly decision: JoinDecision;
}

interface Placed {
  readonly conversation: ConversationRow;
  /** Made by this message. */
  readonly isNew: boolean;
}

type Row = Placing & Placed & NewMessage;

/** What follows from messages that stand in their conversations. */
async function finish(
  context: MessagesContext,
  parts: InboxParts,
  tx: Executor,
  rows: readonly Row[],
): Promise<Written[]> {
  const followed = await follow(
    context,
    tx,
    rows.map(({ arrival: { event }, row, conversation, automatic }) => ({
      event,
      messageId: row.id,
      conversation,
      automatic,
    })),
  );
  const written: Written[] = [];
  for (const [index, { conversation, events }] of followed.entries()) {
    const { arrival, automatic, row, isNew, conversation: before } = rows[index] as Row;
    const { id, direction, at, origin, nature = 'human', userId = null } = row;
    const acted = await actAutomatically(context, parts, tx, { arrival, automatic, conversation, messageId: id });
    written.push({
      stored: {
        conversation,
        messageId: id,
        replyId: acted.replyId,
        isOwed: isOwed({ event: arrival.event, automatic }),
      },
      events: [
        messageEvent(conversation, { id, direction, at, origin, nature, userId }),
        ...(isNew ? [openedEvent(before, null)] : []),
        ...events,
        ...acted.events,
      ],
    });
  }
  return written;
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

/** The conversations that they join, locked, or new ones; in the order of `all`. */
async function conversationsFor(context: MessagesContext, tx: Executor, all: readonly Placing[]): Promise<Placed[]> {
  const joined = all.flatMap(({ decision }) => (decision.kind === 'join' ? [decision.conversation.id] : []));
  if (new Set(joined).size < joined.length) throw new Together();
  const locked = await lockConversations(tx, joined);
  const made = await insertConversations(
    tx,
    all.filter(({ decision }) => decision.kind !== 'join').map((one) => newConversation(context, one)),
  );
  return all.map(({ decision }) => {
    const conversation = decision.kind === 'join' ? standing(locked, decision.conversation.id) : made.shift();
    if (!conversation) throw new Error('an inserted conversation was not returned');
    return { conversation, isNew: decision.kind !== 'join' };
  });
}

/** @throws JoinLost when it was joined into another one, or is gone, since it was looked at */
function standing(locked: ReadonlyMap<ConversationId, ConversationRow>, id: ConversationId): ConversationRow {
  const row = locked.get(id);
  if (row?.joinedIntoId !== null) throw new JoinLost();
  return row;
}

function newConversation({ reading }: MessagesContext, { arrival, clientId, decision }: Placing): NewConversation {
  const { event, peer, address } = arrival;
  const { channel, at, direction } = event;
  const isIn = direction === 'in';
  const subject = event.subject.replaceAll('\0', '');
  return {
    ...blankConversation({ channel, clientId, addressId: address.id, queueId: address.queueId, peer: peer.value, at }),
    subject,
    subjectKey: channel === 'email' ? reading.subjectKey(subject) : null,
    lastDirection: isIn ? 'in' : 'out',
    // nothing is owed in it until somebody says so
    ...(isIn ? { state: 'closed' as const, closedAt: new Date(at) } : {}),
    continuesId: decision.kind === 'new' ? (decision.continues?.id ?? null) : null,
  };
}

import { and, desc, eq, isNull, ne } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { channelAddresses, conversations, messageSettings } from '../../../db/schema/index.ts';
import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { type AddressId, type ClientId, type ConversationId, newId, type QueueId } from '../../kernel/ids.ts';
import type { JournalEvent } from '../../kernel/journal.ts';
import { answeredEvents, openedEvent } from '../conversation-events.ts';
import {
  type ConversationRow,
  insertConversation,
  lockConversation,
  moveConversation,
  type NewConversation,
} from '../conversation-store.ts';
import { isSilent } from '../join.ts';
import type { Conversations } from '../rooms.ts';

/**
 * The cards that answer for these, with everybody else who stores messages of them waiting until the transaction ends. Take this
 * lock before any conversation's, and once in a transaction: moves of cards lock in the same order.
 * @throws AppError `not_found`
 */
export async function lockClients(tx: Executor, ids: readonly ClientId[]): Promise<Map<ClientId, ClientId>> {
  const rows = await tx.run<{ id: ClientId; merged_into_id: ClientId | null }>({
    name: 'clients_lock_for_message',
    text: 'SELECT id, merged_into_id FROM clients WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE',
    values: [ids],
  });
  const mergedInto = new Map(rows.map((row) => [row.id, row.merged_into_id]));
  const missing = ids.find((id) => !mergedInto.has(id));
  if (missing !== undefined) throw new AppError('not_found', `there is no card ${missing}`);
  const next = [...mergedInto.values()].filter((id) => id !== null);
  const further = next.length === 0 ? new Map<ClientId, ClientId>() : await lockClients(tx, next);
  return new Map([...mergedInto].map(([id, into]) => [id, into === null ? id : (further.get(into) ?? into)]));
}

/** The same of one. */
export const lockClient = async (tx: Executor, id: ClientId): Promise<ClientId> =>
  (await lockClients(tx, [id])).get(id) ?? id;

/** Days of silence after which an answer begins a new conversation. */
export async function closeAfterDays(db: Executor): Promise<number> {
  const [row] = await db.orm.select({ days: messageSettings.closeAfterDays }).from(messageSettings);
  return row?.days ?? 14;
}

/** A new conversation that waits for nobody yet; what differs is given. */
export const blankConversation = (
  wanted: {
    readonly channel: MessageChannelName;
    readonly clientId: ClientId;
    readonly addressId: AddressId;
    readonly queueId: QueueId;
    readonly peer: string;
    readonly at: number;
  } & Partial<NewConversation>,
): NewConversation => {
  const { at, ...same } = wanted;
  const when = new Date(at);
  return {
    id: newId<ConversationId>(),
    state: 'answered',
    lastMessageAt: when,
    lastDirection: 'out',
    openedAt: when,
    ...same,
  };
};

type Wanted = Parameters<Conversations['openFor']>[1];

export interface OpeningOptions {
  readonly clock: Clock;
  readonly subjectKey: (subject: string) => string | null;
}

/** See `Conversations.openFor`. */
export async function openFor({ clock, subjectKey }: OpeningOptions, tx: Executor, wanted: Wanted) {
  const clientId = await lockClient(tx, wanted.clientId);
  if (wanted.conversationId !== null) {
    const conversation = await lockConversation(tx, wanted.conversationId);
    if (conversation.clientId !== clientId)
      throw new AppError('not_found', `conversation ${conversation.id} is another client's`);
    return { conversation, events: [] };
  }
  const key = wanted.channel === 'email' ? subjectKey(wanted.subject) : null;
  const found = await findOpen(tx, { ...wanted, clientId }, key);
  if (found && !isSilent(found, clock.now(), await closeAfterDays(tx))) return { conversation: found, events: [] };
  const conversation = await insertConversation(tx, {
    ...blankConversation({
      channel: wanted.channel,
      clientId,
      addressId: wanted.addressId,
      queueId: await queueOf(tx, wanted.addressId),
      peer: wanted.peer,
      at: clock.now(),
    }),
    subject: wanted.subject,
    subjectKey: key,
    continuesId: found?.id ?? null,
  });
  return { conversation, events: [openedEvent(conversation, null)] };
}

/** The latest open one of this client between these two addresses; a letter about something else is another matter. */
async function findOpen(tx: Executor, wanted: Wanted, subjectKey: string | null): Promise<ConversationRow | null> {
  if (wanted.channel === 'email' && subjectKey === null) return null;
  const [row] = await tx.orm
    .select()
    .from(conversations)
    .where(
      and(
        eq(conversations.channel, wanted.channel),
        eq(conversations.peer, wanted.peer),
        eq(conversations.addressId, wanted.addressId),
        eq(conversations.clientId, wanted.clientId),
        ne(conversations.state, 'closed'),
        isNull(conversations.joinedIntoId),
        subjectKey === null ? undefined : eq(conversations.subjectKey, subjectKey),
      ),
    )
    .orderBy(desc(conversations.lastMessageAt), desc(conversations.id))
    .limit(1)
    .for('update');
  return row ?? null;
}

export async function queueOf(tx: Executor, addressId: AddressId): Promise<QueueId> {
  const [row] = await tx.orm
    .select({ queueId: channelAddresses.queueId })
    .from(channelAddresses)
    .where(eq(channelAddresses.id, addressId));
  if (!row) throw new AppError('not_found', `there is no address ${addressId} of ours`);
  return row.queueId;
}

/** See `Conversations.answered`. */
export async function answered(
  tx: Executor,
  id: ConversationId,
  by: Parameters<Conversations['answered']>[2],
): Promise<readonly JournalEvent[]> {
  const before = await lockConversation(tx, id);
  const { state, waitingSince, ownerId } = before;
  if (waitingSince === null) {
    // what is dealt with is not opened by being dealt with; a message of ours opens it
    if (by.messageId === null) return [];
    const isFirst = ownerId === null && by.userId !== null;
    // whoever begins it is asked first when it is answered
    const began = { ownerId: by.userId, assignedAt: new Date(by.at), assignedBecause: 'wrote_first' as const };
    const changes = { ...(isFirst ? began : {}), unread: 0, closedAt: null };
    if (state === 'closed' || isFirst || before.unread > 0) await moveConversation(tx, before, 'answer', changes);
    return [];
  }
  // an answer that was written before the question is none
  if (by.at < waitingSince.getTime()) return [];
  await moveConversation(tx, before, 'answer', { waitingSince: null, dueAt: null, unread: 0 });
  return answeredEvents(before, by);
}

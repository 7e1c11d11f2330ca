import { eq, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../../../db/client.ts';
import { conversationChanges, conversations, messages } from '../../../db/schema/index.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId, ConversationId, MessageId, UserId } from '../../kernel/ids.ts';
import type { ConversationRow } from '../conversation-store.ts';
import { takePart } from './message-store.ts';

/** A message as moves look at it. */
export interface MovedMessage {
  readonly id: MessageId;
  readonly at: Date;
  readonly direction: 'in' | 'out';
  readonly nature: string;
  readonly subject: string;
  readonly fromAddress: string;
  readonly to: readonly { readonly address: string }[];
}

const columns = {
  id: messages.id,
  at: messages.at,
  direction: messages.direction,
  nature: messages.nature,
  subject: messages.subject,
  fromAddress: messages.fromAddress,
  to: messages.to,
};

/** Everything in a conversation, oldest first. */
export const readMessages = (tx: Executor, id: ConversationId): Promise<MovedMessage[]> =>
  tx.orm.select(columns).from(messages).where(eq(messages.conversationId, id)).orderBy(messages.at, messages.id);

/**
 * Conversations as they are, locked in the order of their ids after the cards in theirs, so that two never wait for each other;
 * joined ones are not followed.
 * @throws AppError `not_found`
 */
export async function lockWithClients(
  tx: Executor,
  ids: readonly ConversationId[],
  clientIds: readonly ClientId[],
): Promise<Map<ConversationId, ConversationRow>> {
  await tx.run({
    name: 'clients_lock_for_move',
    text: `SELECT id FROM clients WHERE id = ANY($1::bigint[]) OR id IN (SELECT client_id FROM conversations WHERE id = ANY($2::text[]))
           ORDER BY id FOR NO KEY UPDATE`,
    values: [clientIds, ids],
  });
  const rows = await tx.orm
    .select()
    .from(conversations)
    .where(inArray(conversations.id, [...ids]))
    .orderBy(conversations.id)
    .for('update');
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const id of ids) if (!found.has(id)) throw new AppError('not_found', `there is no conversation ${id}`);
  return found;
}

/** Puts messages with their entries and what is left to send of them into another conversation, on its client's card. */
export async function moveMessages(
  tx: Executor,
  ids: readonly MessageId[],
  to: Pick<ConversationRow, 'id' | 'clientId'>,
): Promise<void> {
  await tx.run({
    name: 'messages_move',
    text: `WITH moved AS (UPDATE messages SET conversation_id = $2 WHERE id = ANY($1::text[]) RETURNING id),
             entries AS (UPDATE timeline_entries SET client_id = $3 WHERE id IN (SELECT id FROM moved) AND client_id <> $3)
           UPDATE message_outbox SET conversation_id = $2, client_id = $3 WHERE id IN (SELECT id FROM moved)`,
    values: [ids, to.id, to.clientId],
  });
}

/** Who takes part is who wrote or was written to: worked out anew after messages came or went. */
export async function renewParticipants(tx: Executor, ids: readonly ConversationId[]): Promise<void> {
  const values = [ids];
  await tx.run({
    name: 'participants_clear',
    text: 'DELETE FROM conversation_participants WHERE conversation_id = ANY($1::text[])',
    values,
  });
  await tx.run({
    name: 'participants_renew',
    text: takePart('(SELECT * FROM messages WHERE conversation_id = ANY($1::text[])) m'),
    values,
  });
}

/** Takes the question about a stranger's messages away, or (an id) asks it again. */
export async function setAsked(
  tx: Executor,
  ids: readonly MessageId[],
  conversationId: ConversationId | null,
): Promise<void> {
  await tx.orm
    .update(messages)
    .set({ askConversationId: conversationId })
    .where(inArray(messages.id, [...ids]));
}

export type ChangeRow = typeof conversationChanges.$inferSelect;

export async function insertChange(
  tx: Executor,
  change: Pick<ChangeRow, 'kind' | 'fromId' | 'toId' | 'messageIds' | 'before' | 'userId'> & { readonly at: Date },
): Promise<void> {
  await tx.orm.insert(conversationChanges).values(change);
}

/** @throws AppError `not_found` */
export async function lockChange(tx: Executor, id: number): Promise<ChangeRow> {
  const [row] = await tx.orm.select().from(conversationChanges).where(eq(conversationChanges.id, id)).for('update');
  if (!row) throw new AppError('not_found', `there is no change ${id}`);
  return row;
}

/** @throws AppError `not_found` */
export async function readChange(tx: Executor, id: number): Promise<ChangeRow> {
  const [row] = await tx.orm.select().from(conversationChanges).where(eq(conversationChanges.id, id));
  if (!row) throw new AppError('not_found', `there is no change ${id}`);
  return row;
}

export async function markChangeUndone(tx: Executor, id: number, userId: UserId, at: Date): Promise<void> {
  await tx.orm
    .update(conversationChanges)
    .set({ undoneAt: at, undoneById: userId })
    .where(eq(conversationChanges.id, id));
}

/** Messages of a conversation that are asked about: whether they belong to this other one. */
export async function readAsking(
  tx: Executor,
  id: ConversationId,
  askedFor: ConversationId,
): Promise<{ id: MessageId }[]> {
  return tx.orm
    .select({ id: messages.id })
    .from(messages)
    .where(sql`${messages.conversationId} = ${id} AND ${messages.askConversationId} = ${askedFor}`);
}

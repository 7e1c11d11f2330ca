import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { conversations } from '../../db/schema/index.ts';
import { AppError } from '../kernel/errors.ts';
import type { ConversationId } from '../kernel/ids.ts';
import { transition } from '../kernel/transition.ts';
import { type ConversationInput, conversationTransitions } from './conversation.ts';

export type ConversationRow = typeof conversations.$inferSelect;
export type NewConversation = typeof conversations.$inferInsert;

/** A conversation; the one that answers for it when it was joined into another one. Null when there is none. */
export async function readConversation(db: Executor, id: ConversationId): Promise<ConversationRow | null> {
  const [row] = await db.orm.select().from(conversations).where(eq(conversations.id, id));
  if (!row) return null;
  return row.joinedIntoId === null ? row : readConversation(db, row.joinedIntoId);
}

/**
 * The same, and nobody else changes it until the transaction ends.
 * @throws AppError `not_found`
 */
export async function lockConversation(tx: Executor, id: ConversationId): Promise<ConversationRow> {
  const [row] = await tx.orm.select().from(conversations).where(eq(conversations.id, id)).for('update');
  if (!row) throw new AppError('not_found', `there is no conversation ${id}`);
  return row.joinedIntoId === null ? row : lockConversation(tx, row.joinedIntoId);
}

export async function insertConversation(tx: Executor, row: NewConversation): Promise<ConversationRow> {
  const [inserted] = await tx.orm.insert(conversations).values(row).returning();
  if (!inserted) throw new Error('an inserted conversation was not returned');
  return inserted;
}

/** Fields besides the state, which only `moveConversation` changes. */
export type ConversationChanges = Partial<Omit<ConversationRow, 'id' | 'state' | 'version'>>;

/**
 * Writes the next state of a locked conversation with other fields, one version up.
 * @throws AppError `illegal_transition`
 */
export async function moveConversation(
  tx: Executor,
  row: ConversationRow,
  input: ConversationInput,
  changes: ConversationChanges,
): Promise<ConversationRow> {
  return write(tx, row, { ...changes, state: transition(conversationTransitions, row.state, input) });
}

/** Writes other fields of a locked conversation, one version up. */
export const changeConversation = (
  tx: Executor,
  row: ConversationRow,
  changes: ConversationChanges,
): Promise<ConversationRow> => write(tx, row, changes);

/** Writes where a conversation stands after messages came to it or went from it: state and all. One version up. */
export const setStanding = (
  tx: Executor,
  row: ConversationRow,
  standing: Partial<Omit<ConversationRow, 'id' | 'version'>>,
): Promise<ConversationRow> => write(tx, row, standing);

async function write(
  tx: Executor,
  row: ConversationRow,
  changes: Partial<Omit<ConversationRow, 'id' | 'version'>>,
): Promise<ConversationRow> {
  const [written] = await tx.orm
    .update(conversations)
    .set({ ...changes, version: row.version + 1 })
    .where(eq(conversations.id, row.id))
    .returning();
  if (!written) throw new Error('a locked conversation vanished');
  return written;
}

import { asc, eq, inArray } from 'drizzle-orm';
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

/** Several at once, in the order of their ids, so that two transactions never wait for each other. */
export async function lockConversations(
  tx: Executor,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, ConversationRow>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.orm
    .select()
    .from(conversations)
    .where(inArray(conversations.id, [...ids]))
    .orderBy(asc(conversations.id))
    .for('update');
  return new Map(rows.map((row) => [row.id, row]));
}

export async function insertConversation(tx: Executor, row: NewConversation): Promise<ConversationRow> {
  const [inserted] = await insertConversations(tx, [row]);
  if (!inserted) throw new Error('an inserted conversation was not returned');
  return inserted;
}

/** In the order of `rows`. */
export const insertConversations = async (
  tx: Executor,
  rows: readonly NewConversation[],
): Promise<ConversationRow[]> =>
  rows.length === 0
    ? []
    : tx.orm
        .insert(conversations)
        .values([...rows])
        .returning();

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

/** What of a conversation changes when many move at once. */
export interface ConversationMove {
  /** Locked. */
  readonly row: ConversationRow;
  /** null = its state stays. */
  readonly input: ConversationInput | null;
  readonly changes: Partial<
    Pick<ConversationRow, 'queueId' | 'unread' | 'waitingSince' | 'dueAt' | 'closedAt' | 'assignedBecause'>
  >;
}

const movesText = `
  UPDATE conversations k SET state = n.state, queue_id = n."queueId", unread = n.unread, waiting_since = n."waitingSince",
    due_at = n."dueAt", closed_at = n."closedAt", assigned_because = n."assignedBecause", version = n.version
  FROM jsonb_to_recordset($1::jsonb) AS n (id text, state text, "queueId" bigint, unread int, "waitingSince" timestamptz,
    "dueAt" timestamptz, "closedAt" timestamptz, "assignedBecause" text, version int)
  WHERE k.id = n.id
  RETURNING k.id, k.messages, k.last_message_at AS "lastMessageAt", k.last_direction AS "lastDirection"`;

/**
 * The same for many in one statement.
 * @returns in the order of `moves`
 * @throws AppError `illegal_transition`
 */
export async function moveConversations(tx: Executor, moves: readonly ConversationMove[]): Promise<ConversationRow[]> {
  if (moves.length === 0) return [];
  const next = moves.map(({ row, input, changes }) => ({
    ...row,
    ...changes,
    state: input === null ? row.state : transition(conversationTransitions, row.state, input),
    version: row.version + 1,
  }));
  type Counted = Pick<ConversationRow, 'id' | 'messages' | 'lastMessageAt' | 'lastDirection'>;
  const rows = await tx.run<Counted>({
    name: 'conversations_move',
    text: movesText,
    values: [
      JSON.stringify(
        next.map(({ id, state, queueId, unread, waitingSince, dueAt, closedAt, assignedBecause, version }) => ({
          id,
          state,
          queueId,
          unread,
          waitingSince,
          dueAt,
          closedAt,
          assignedBecause,
          version,
        })),
      ),
    ],
  });
  const counted = new Map(rows.map((row) => [row.id, row]));
  return next.map((row) => {
    const now = counted.get(row.id);
    if (!now) throw new Error('a locked conversation vanished');
    return { ...row, ...now };
  });
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

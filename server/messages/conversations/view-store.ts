import type { Executor } from '../../../db/client.ts';
import type { ConversationChange, ConversationView } from '../../contract/messages-schemas.ts';
import type { TimelineEntry } from '../../contract/schemas.ts';
import type { ClientId, ConversationId, UserId } from '../../kernel/ids.ts';
import { type EntryRow, entryText, viewOf } from '../../timeline/store.ts';

type ViewRow = Omit<ConversationView, 'waitingSince' | 'dueAt' | 'lastMessageAt' | 'writing'> & {
  waitingSince: Date | null;
  dueAt: Date | null;
  lastMessageAt: Date;
};

/** Everything that lists show of a conversation `k` in one round trip. Nobody has one that is waiting. */
const viewText = `
  SELECT k.id, k.version, k.channel, k.state, k.peer, k.subject, k.messages, k.unread,
    json_build_object('id', c.id, 'name', c.name, 'company', c.company, 'vip', c.vip) AS client,
    json_build_object('id', a.id, 'channel', a.channel, 'value', a.value, 'name', a.name) AS address,
    json_build_object('id', q.id, 'name', q.name) AS queue,
    CASE WHEN u.id IS NOT NULL AND k.state <> 'waiting' THEN json_build_object('id', u.id, 'name', u.name) END AS owner,
    k.assigned_because AS "assignedBecause", k.waiting_since AS "waitingSince", k.due_at AS "dueAt",
    k.last_message_at AS "lastMessageAt", k.last_direction AS "lastDirection",
    coalesce((SELECT t.note FROM messages m JOIN timeline_entries t ON t.id = m.id
              WHERE m.conversation_id = k.id ORDER BY m.at DESC, m.id DESC LIMIT 1), '') AS preview
  FROM conversations k JOIN clients c ON c.id = k.client_id JOIN channel_addresses a ON a.id = k.address_id
  JOIN queues q ON q.id = k.queue_id LEFT JOIN users u ON u.id = k.owner_id`;

/** A view as stored: who is writing is known in memory only. */
export type StoredView = Omit<ConversationView, 'writing'>;

const storedView = ({ waitingSince, dueAt, lastMessageAt, ...same }: ViewRow): StoredView => ({
  ...same,
  waitingSince: waitingSince?.toISOString() ?? null,
  dueAt: dueAt?.toISOString() ?? null,
  lastMessageAt: lastMessageAt.toISOString(),
});

async function readViews(db: Executor, name: string, where: string, values: readonly unknown[]): Promise<StoredView[]> {
  const rows = await db.run<ViewRow>({ name: `conversation_views_${name}`, text: `${viewText} ${where}`, values });
  return rows.map(storedView);
}

/** One conversation, or null; for one that was joined into another, that other one. */
export async function readStoredView(db: Executor, id: ConversationId): Promise<StoredView | null> {
  const [view] = await readViews(
    db,
    'one',
    `WHERE k.id = (WITH RECURSIVE joined AS (
       SELECT id, joined_into_id FROM conversations WHERE id = $1
       UNION SELECT n.id, n.joined_into_id FROM joined JOIN conversations n ON n.id = joined.joined_into_id
     ) SELECT id FROM joined WHERE joined_into_id IS NULL)`,
    [id],
  );
  return view ?? null;
}

/** What waits for an agent, the least time left first. */
export const readMine = (db: Executor, userId: UserId, limit: number): Promise<StoredView[]> =>
  readViews(
    db,
    'mine',
    `WHERE k.owner_id = $1 AND k.state = 'assigned' ORDER BY k.due_at NULLS LAST, k.waiting_since, k.id LIMIT $2`,
    [userId, limit],
  );

/** Whose conversations may be listed; null = everybody's. */
export interface ListScope {
  readonly people: readonly UserId[];
  readonly clients: readonly ClientId[];
}

const inScope = `
  ($1::bigint[] IS NULL OR c.responsible_id IS NULL OR c.responsible_id = ANY($1) OR c.id = ANY($2::bigint[]))`;

/** Those that nobody has, the least time left first. */
export const readWaiting = (db: Executor, scope: ListScope | null, limit: number): Promise<StoredView[]> =>
  readViews(
    db,
    'waiting',
    `WHERE ${inScope} AND k.state = 'waiting' ORDER BY k.due_at NULLS LAST, k.waiting_since, k.id LIMIT $3`,
    [scope?.people ?? null, scope?.clients ?? null, limit],
  );

/** All that are not closed, the latest first. */
export const readOpen = (db: Executor, scope: ListScope | null, limit: number): Promise<StoredView[]> =>
  readViews(
    db,
    'open',
    `WHERE ${inScope} AND k.state <> 'closed' ORDER BY k.last_message_at DESC, k.id DESC LIMIT $3`,
    [scope?.people ?? null, scope?.clients ?? null, limit],
  );

/** A client's, the latest first. */
export const readOfClient = (db: Executor, clientId: ClientId, limit: number): Promise<StoredView[]> =>
  readViews(
    db,
    'client',
    'WHERE k.client_id = $1 AND k.joined_into_id IS NULL ORDER BY k.last_message_at DESC, k.id DESC LIMIT $2',
    [clientId, limit],
  );

/** The last messages of a conversation as the timeline shows them, oldest first. */
export async function readConversationEntries(
  db: Executor,
  id: ConversationId,
  limit: number,
): Promise<TimelineEntry[]> {
  const rows = await db.run<EntryRow>({
    name: 'conversation_entries',
    text: `${entryText}
      WHERE t.id IN (SELECT m.id FROM messages m WHERE m.conversation_id = $1 ORDER BY m.at DESC, m.id DESC LIMIT $2)
      ORDER BY t.at, t.id`,
    values: [id, limit],
  });
  return rows.map(viewOf);
}

/** Timeline entries by their ids. */
export async function readEntries(db: Executor, ids: readonly string[]): Promise<TimelineEntry[]> {
  const values = [ids];
  const rows = await db.run<EntryRow>({
    name: 'message_entries',
    text: `${entryText} WHERE t.id = ANY($1::text[])`,
    values,
  });
  return rows.map(viewOf);
}

/** Splits and joins that this conversation was part of, the latest first. */
export async function readChanges(db: Executor, id: ConversationId): Promise<ConversationChange[]> {
  type Row = Omit<ConversationChange, 'at' | 'undoneAt'> & { at: Date; undoneAt: Date | null };
  const rows = await db.run<Row>({
    name: 'conversation_changes',
    text: `SELECT x.id, x.at, x.kind, x.from_id AS "fromId", x.to_id AS "toId", cardinality(x.message_ids) AS messages,
        json_build_object('id', u.id, 'name', u.name) AS "user", x.undone_at AS "undoneAt"
      FROM conversation_changes x JOIN users u ON u.id = x.user_id
      WHERE x.from_id = $1 OR x.to_id = $1 ORDER BY x.id DESC LIMIT 100`,
    values: [id],
  });
  return rows.map(({ at, undoneAt, ...same }) => ({
    ...same,
    at: at.toISOString(),
    undoneAt: undoneAt?.toISOString() ?? null,
  }));
}

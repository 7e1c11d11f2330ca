import type { Executor } from '../../../db/client.ts';
import type { Scope } from '../../clients/visibility.ts';
import type { AttachmentView, FailedMessage, MailAddress, StoredDraft } from '../../contract/messages-schemas.ts';
import type { MessageChannelName, OutboxState } from '../../contract/messages-words.ts';
import type {
  AccountId,
  AddressId,
  AttachmentId,
  ClientId,
  ConversationId,
  MessageId,
  UserId,
} from '../../kernel/ids.ts';
import type { MessageRow } from '../rooms.ts';

/** A message with what is needed to answer it or to send it again. */
export interface StoredLetter {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly clientId: ClientId;
  readonly channel: MessageChannelName;
  readonly direction: 'in' | 'out';
  readonly at: Date;
  readonly userId: UserId | null;
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly writtenText: string;
  readonly html: string | null;
  readonly purpose: MessageRow['purpose'];
  readonly templateId: MessageRow['templateId'];
  readonly answersId: MessageId | null;
  readonly references: readonly string[];
  /** Its Message-ID, once it is known. */
  readonly wireId: string | null;
  readonly facts: Readonly<Record<string, string>>;
  /** Of an outgoing one. */
  readonly state: OutboxState | null;
  readonly addressId: AddressId | null;
  readonly nature: 'person' | 'auto' | 'notice' | 'bulk' | null;
  readonly priority: number | null;
  readonly isResolved: boolean;
}

/** Locked when it is an outgoing one and `tx` is a transaction. */
export async function readLetter(tx: Executor, id: MessageId, lock = false): Promise<StoredLetter | null> {
  const [row] = await tx.run<{ letter: StoredLetter & { at: string } }>({
    name: lock ? 'compose_lock_letter' : 'compose_letter',
    text: `${lock ? 'WITH locked AS (SELECT * FROM message_outbox WHERE id = $1 FOR UPDATE)' : ''}
      SELECT json_build_object('id', m.id, 'conversationId', k.id, 'clientId', k.client_id, 'channel', m.channel,
        'direction', m.direction, 'at', m.at, 'userId', m.user_id,
        'from', json_build_object('address', m.from_address, 'name', m.from_name), 'to', m."to", 'cc', m.cc,
        'subject', m.subject, 'text', m.text, 'writtenText', m.written_text, 'html', m.html, 'purpose', m.purpose,
        'templateId', m.template_id, 'answersId', m.answers_id, 'references', m."references",
        'wireId', coalesce(m.provider_id, o.provider_id), 'facts', m.facts, 'state', o.state, 'addressId', k.address_id,
        'nature', o.nature, 'priority', o.priority, 'isResolved', o.resolved_at IS NOT NULL) AS letter
      FROM messages m JOIN conversations k ON k.id = m.conversation_id
      LEFT JOIN ${lock ? 'locked' : 'message_outbox'} o ON o.id = m.id WHERE m.id = $1`,
    values: [id],
  });
  return row ? { ...row.letter, at: new Date(row.letter.at) } : null;
}

/** Which of these files this user has uploaded and not sent yet. */
export async function readDraftFiles(
  db: Executor,
  userId: UserId,
  ids: readonly AttachmentId[],
): Promise<AttachmentView[]> {
  return db.run<AttachmentView>({
    name: 'compose_draft_files',
    text: `SELECT id, name, type, bytes, is_inline AS "isInline", content_id AS "contentId" FROM attachments
           WHERE id = ANY($2::text[]) AND message_id IS NULL AND user_id = $1 ORDER BY position, created_at, id`,
    values: [userId, ids],
  });
}

/** Rows of the same files for another message, that belong to none yet. @returns their ids, in order */
export async function copyFiles(
  tx: Executor,
  from: MessageId,
  newIds: () => AttachmentId,
  now: Date,
): Promise<AttachmentId[]> {
  const files = await tx.run<{ id: AttachmentId }>({
    name: 'compose_files_of',
    text: 'SELECT id FROM attachments WHERE message_id = $1 ORDER BY position, id',
    values: [from],
  });
  const copies = files.map(() => newIds());
  if (files.length > 0)
    await tx.run({
      name: 'compose_copy_files',
      text: `INSERT INTO attachments (id, name, type, bytes, sha256, content_id, is_inline, position, created_at)
             SELECT n.copy, f.name, f.type, f.bytes, f.sha256, f.content_id, f.is_inline, f.position, $3
             FROM unnest($1::text[], $2::text[]) AS n (original, copy) JOIN attachments f ON f.id = n.original`,
      values: [files.map(({ id }) => id), copies, now],
    });
  return copies;
}

/** Files that were uploaded for a message are its writer's again; copies go. @returns the uploaded ones */
export async function returnFiles(tx: Executor, id: MessageId): Promise<AttachmentId[]> {
  const rows = await tx.run<{ id: AttachmentId }>({
    name: 'compose_return_files',
    text: `WITH copies AS (DELETE FROM attachments WHERE message_id = $1 AND user_id IS NULL)
           UPDATE attachments SET message_id = NULL WHERE message_id = $1 AND user_id IS NOT NULL RETURNING id`,
    values: [id],
  });
  return rows.map((row) => row.id);
}

export async function setUndone(tx: Executor, id: MessageId, at: Date): Promise<void> {
  await tx.run({
    name: 'compose_undo',
    text: `UPDATE message_outbox SET state = 'undone', done_at = $2 WHERE id = $1`,
    values: [id, at],
  });
}

export async function setResolved(tx: Executor, id: MessageId, userId: UserId, at: Date): Promise<void> {
  await tx.run({
    name: 'compose_resolve',
    text: `UPDATE message_outbox SET resolved_at = coalesce(resolved_at, $2), resolved_by_id = coalesce(resolved_by_id, $3)
           WHERE id = $1`,
    values: [id, at, userId],
  });
}

/** The first message of the client since our last one that was not taken back; null = he does not wait. */
export async function waitsSince(tx: Executor, id: ConversationId): Promise<Date | null> {
  const [row] = await tx.run<{ at: Date | null }>({
    name: 'compose_waits_since',
    text: `SELECT min(m.at) AS at FROM messages m
           WHERE m.conversation_id = $1 AND m.direction = 'in' AND m.nature = 'human' AND NOT EXISTS (
             SELECT 1 FROM messages a LEFT JOIN message_outbox o ON o.id = a.id
             WHERE a.conversation_id = $1 AND a.direction = 'out' AND a.origin <> 'rule' AND a.at >= m.at
               AND o.state IS DISTINCT FROM 'undone')`,
    values: [id],
  });
  return row?.at ?? null;
}

/** Which of these addresses are ours. */
export async function ownAddresses(db: Executor, channel: MessageChannelName): Promise<Set<string>> {
  const rows = await db.run<{ value: string }>({
    name: 'compose_own_addresses',
    text: 'SELECT value FROM channel_addresses WHERE channel = $1',
    values: [channel],
  });
  return new Set(rows.map(({ value }) => value));
}

export interface OwnAddress {
  readonly id: AddressId;
  readonly channel: MessageChannelName;
  readonly value: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly accountId: AccountId;
}

export const readAddresses = (db: Executor): Promise<OwnAddress[]> =>
  db.run<OwnAddress>({
    name: 'compose_addresses',
    text: `SELECT a.id, a.channel, a.value, a.name, a.is_default AS "isDefault", a.account_id AS "accountId"
           FROM channel_addresses a JOIN channel_accounts t ON t.id = a.account_id AND t.enabled
           ORDER BY a.channel, a.is_default DESC, a.id`,
    values: [],
  });

export async function readSignature(db: Executor, userId: UserId): Promise<string> {
  const [row] = await db.run<{ signature: string | null }>({
    name: 'compose_signature',
    text: `SELECT settings->>'signature' AS signature FROM users WHERE id = $1`,
    values: [userId],
  });
  return row?.signature ?? '';
}

interface FailedColumns extends Omit<FailedMessage, 'createdAt' | 'failedAt'> {
  readonly createdAt: Date;
  readonly failedAt: Date;
  readonly total: number;
}

/**
 * Messages that were given up or came back, doubtful ones that a person must decide, and what is due or in doubt while its account
 * is off; the latest first.
 */
export async function readFailed(
  db: Executor,
  whose: { readonly userId: UserId | null; readonly scope: Scope | null },
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<{ items: FailedMessage[]; total: number }> {
  const rows = await db.run<FailedColumns>({
    name: 'compose_failed',
    text: `SELECT o.id, json_build_object('id', c.id, 'name', c.name) AS client, m.channel, t.name AS "accountName",
             coalesce(m."to"->0->>'address', k.peer) AS peer, m.subject, left(m.text, 200) AS preview,
             CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS "user",
             CASE WHEN o.state IN ('held', 'queued') THEN 'waiting' ELSE o.state END AS state, o.last_error AS error, o.attempts, o.created_at AS "createdAt",
             coalesce(o.done_at, o.created_at) AS "failedAt", count(*) OVER ()::int AS total
           FROM message_outbox o JOIN messages m ON m.id = o.id JOIN conversations k ON k.id = m.conversation_id
           JOIN clients c ON c.id = k.client_id JOIN channel_accounts t ON t.id = o.account_id
           LEFT JOIN users u ON u.id = m.user_id
           WHERE o.resolved_at IS NULL
             AND (o.state IN ('failed', 'dead') OR (o.state = 'unconfirmed' AND o.lease_until IS NULL)
               OR (NOT t.enabled AND o.not_before <= $5 AND o.state IN ('held', 'queued', 'unconfirmed')))
             AND ($1::bigint IS NULL OR m.user_id = $1)
             AND ($2::bigint[] IS NULL OR c.responsible_id IS NULL OR c.responsible_id = ANY($2)
               OR c.id = ANY($3::bigint[]))
           ORDER BY coalesce(o.done_at, o.created_at) DESC, o.id DESC LIMIT $4`,
    values: [whose.userId, whose.scope?.people ?? null, whose.scope?.clients ?? [], limit, new Date(now)],
  });
  const items = rows.map(({ total: _total, createdAt, failedAt, ...row }) => ({
    ...row,
    createdAt: createdAt.toISOString(),
    failedAt: failedAt.toISOString(),
  }));
  return { items, total: rows[0]?.total ?? 0 };
}

type DraftChannel = StoredDraft['channel'];

export async function readDrafts(db: Executor, userId: UserId, clientId: ClientId): Promise<StoredDraft[]> {
  const rows = await db.run<{ channel: DraftChannel; data: StoredDraft['draft']; updated_at: Date }>({
    name: 'compose_drafts',
    text: 'SELECT channel, data, updated_at FROM message_drafts WHERE user_id = $1 AND client_id = $2 ORDER BY channel',
    values: [userId, clientId],
  });
  return rows.map((row) => ({ channel: row.channel, draft: row.data, updatedAt: row.updated_at.toISOString() }));
}

export async function saveDraft(
  db: Executor,
  whose: { readonly userId: UserId; readonly clientId: ClientId; readonly channel: DraftChannel },
  draft: StoredDraft['draft'],
  at: Date,
): Promise<void> {
  await db.run({
    name: 'compose_save_draft',
    text: `INSERT INTO message_drafts (user_id, client_id, channel, data, updated_at) VALUES ($1, $2, $3, $4::jsonb, $5)
           ON CONFLICT (user_id, client_id, channel) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at`,
    values: [whose.userId, whose.clientId, whose.channel, JSON.stringify(draft).replaceAll('\\u0000', ''), at],
  });
}

export async function deleteDraft(
  db: Executor,
  whose: { readonly userId: UserId; readonly clientId: ClientId; readonly channel: DraftChannel },
): Promise<void> {
  await db.run({
    name: 'compose_delete_draft',
    text: 'DELETE FROM message_drafts WHERE user_id = $1 AND client_id = $2 AND channel = $3',
    values: [whose.userId, whose.clientId, whose.channel],
  });
}

import type { Executor } from '../../../db/client.ts';
import { storableJson } from '../../../db/json.ts';
import type { EntryId, MessageId } from '../../kernel/ids.ts';
import type { NewMessage, NewMessageRow } from '../rooms.ts';

/** New words of a message on the timeline, characters. */
const timelineText = 2_000;
/** Its first words, as lists and sentences show them. */
const noteText = 200;

const iso = (instant: string): string => `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A message's attachments `f` as JSON, in their order. */
const attachmentsJson = (from: string): string => `
  coalesce((SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'type', f.type, 'bytes', f.bytes,
                                              'isInline', f.is_inline, 'contentId', f.content_id)
                            ORDER BY f.position, f.id)
            FROM ${from}), '[]'::json)`;

/** How the outgoing message of outbox row `o` is, as JSON; null of one that has no such row. */
export const deliveryJson = `
  CASE WHEN o.id IS NOT NULL THEN json_build_object(
    'state', o.state, 'error', o.last_error, 'attempts', o.attempts, 'isResolved', o.resolved_at IS NOT NULL,
    'heldUntil', CASE WHEN o.state = 'held' THEN ${iso('o.not_before')} END,
    'waitsFor', CASE WHEN o.state IN ('held', 'queued')
      THEN (SELECT t.name FROM channel_accounts t WHERE t.id = o.account_id AND NOT t.enabled) END,
    'nextAttemptAt', CASE WHEN o.state = 'queued' THEN ${iso('o.not_before')} END,
    'segments', CASE WHEN o.segments IS NOT NULL THEN json_build_object('total', o.segments, 'delivered',
      (SELECT count(*) FROM message_parts p WHERE p.message_id = o.id AND p.step IN ('delivered', 'read'))) END) END`;

/** A message's attachments by its column, for views. */
export const attachmentsOf = (messageId: string): string =>
  attachmentsJson(`attachments f WHERE f.message_id = ${messageId}`);

/** The timeline's row of message `m` with attachments `taken`: everything that its line shows without opening it. */
const entrySelect = `
  SELECT m.id, c.client_id, m.at, m.channel, m.direction,
    CASE WHEN m.direction = 'in' THEN 'received' WHEN m.origin = 'echo' THEN 'sent' ELSE coalesce(o.state, 'queued') END,
    m.user_id,
    CASE WHEN m.direction = 'in' THEN m.from_address ELSE coalesce(m."to"->0->>'address', c.peer) END,
    coalesce(nullif(a.name, ''), a.value), q.name,
    left(regexp_replace(left(w.words, ${2 * noteText}), '\\s+', ' ', 'g'), ${noteText}),
    jsonb_build_object('message', json_build_object(
      'conversationId', m.conversation_id, 'subject', m.subject, 'text', left(w.words, ${timelineText}),
      'isCut', length(w.words) > ${timelineText}, 'hasHtml', m.html IS NOT NULL, 'origin', m.origin, 'nature', m.nature,
      'addressName', coalesce(nullif(a.name, ''), a.value), 'attachments', ${attachmentsJson('taken f WHERE f.message_id = m.id')},
      'delivery', ${deliveryJson},
      'ask', CASE WHEN m.ask_conversation_id IS NOT NULL THEN
        json_build_object('conversationId', m.ask_conversation_id, 'because', coalesce(m.ask_because, '')) END))
    || CASE WHEN m.channel = 'chat' AND m.facts ? 'page' THEN jsonb_build_object('page',
      jsonb_build_object('url', m.facts->>'page', 'title', coalesce(m.facts->>'pageTitle', ''))) ELSE '{}'::jsonb END
  FROM m JOIN conversations c ON c.id = m.conversation_id JOIN channel_addresses a ON a.id = c.address_id
  JOIN queues q ON q.id = c.queue_id LEFT JOIN message_outbox o ON o.id = m.id
  CROSS JOIN LATERAL (SELECT coalesce(nullif(btrim(m.written_text, E' \\n\\t'), ''), m.text) AS words) w`;

const entryColumns = `
  id, client_id, at, kind, direction, status, user_id, peer, line_name, queue_name, note, data`;

/**
 * Who writes a letter and who reads it take part in its conversation from then on; addresses of ours, and programs that report,
 * do not. `m` are messages of `from`.
 */
export const takePart = (from: string): string => `
    INSERT INTO conversation_participants (conversation_id, address, name)
    SELECT DISTINCT ON (m.conversation_id, lower(named.address)) m.conversation_id, lower(named.address), named.name
    FROM ${from} CROSS JOIN LATERAL (
      SELECT m.from_address AS address, m.from_name AS name
      UNION ALL SELECT x->>'address', coalesce(x->>'name', '') FROM jsonb_array_elements(m."to" || m.cc) AS x
    ) named
    WHERE m.channel = 'email' AND m.nature NOT IN ('report', 'loop') AND named.address <> ''
      AND NOT EXISTS (SELECT FROM channel_addresses a WHERE a.channel = 'email' AND a.value = lower(named.address))
    ORDER BY m.conversation_id, lower(named.address), m.at, m.id
    ON CONFLICT DO NOTHING`;

const insertText = `
  WITH m AS (
    INSERT INTO messages (id, conversation_id, channel, direction, at, user_id, origin, nature, purpose, from_address, from_name,
      "to", cc, subject, text, written_text, html, provider_id, answers_id, "references", template_id, raw_sha256,
      ask_conversation_id, ask_because, facts)
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS new (id text, "conversationId" text, channel text, direction text,
      at timestamptz, "userId" bigint, origin text, nature text, purpose text, "fromAddress" text, "fromName" text, "to" jsonb,
      cc jsonb, subject text, text text, "writtenText" text, html text, "providerId" text, "answersId" text, "references" text[],
      "templateId" bigint, "rawSha256" text, "askConversationId" text, "askBecause" text, facts jsonb)
    RETURNING *
  ), taken AS (
    UPDATE attachments f SET message_id = chosen."messageId", position = chosen.position
    FROM jsonb_to_recordset($2::jsonb) AS chosen (id text, "messageId" text, position int)
    WHERE f.id = chosen.id AND f.message_id IS NULL
    RETURNING f.*
  ), counted AS (
    UPDATE conversations k SET messages = k.messages + 1, version = k.version + 1,
      last_message_at = greatest(k.last_message_at, m.at),
      last_direction = CASE WHEN m.at >= k.last_message_at THEN m.direction ELSE k.last_direction END
    FROM m WHERE k.id = m.conversation_id
  ), joined AS (
    ${takePart('m')}
  )
  INSERT INTO timeline_entries (${entryColumns}) ${entrySelect}`;

/** Every column of `insertText`, so that none is NULL that has a default. */
const columnsOf = (row: NewMessageRow) => ({
  ...row,
  userId: row.userId ?? null,
  nature: row.nature ?? 'human',
  purpose: row.purpose ?? 'service',
  fromName: row.fromName ?? '',
  to: row.to ?? [],
  cc: row.cc ?? [],
  subject: row.subject ?? '',
  writtenText: row.writtenText ?? '',
  references: row.references ?? [],
  facts: row.facts ?? {},
});

/**
 * Inserts messages, their timeline entries with the same ids, takes over their attachments and counts them in their conversations,
 * whose version goes up by one; who writes and reads a letter takes part from now on: all in ONE statement. What else changes of a
 * conversation is the caller's.
 * @param all no conversation of theirs twice
 */
export async function insertMessages(tx: Executor, all: readonly NewMessage[]): Promise<void> {
  if (all.length === 0) return;
  const rows = all.map(({ row, conversation }) => ({ ...columnsOf(row), conversationId: conversation.id }));
  const files = all.flatMap(({ row, attachmentIds }) =>
    attachmentIds.map((id, index) => ({ id, messageId: row.id, position: index + 1 })),
  );
  await tx.run({ name: 'messages_insert', text: insertText, values: [storableJson(rows), storableJson(files)] });
}

const refreshText = `
  WITH m AS (SELECT * FROM messages WHERE id = ANY($1::text[])),
    taken AS (SELECT * FROM attachments WHERE message_id = ANY($1::text[]))
  INSERT INTO timeline_entries (${entryColumns}) ${entrySelect}
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, queue_name = excluded.queue_name,
    data = timeline_entries.data || excluded.data`;

/** Writes what the timeline shows of messages anew: their delivery, or their conversation, has changed. One statement. */
export async function refreshEntries(tx: Executor, ids: readonly MessageId[]): Promise<void> {
  if (ids.length > 0) await tx.run({ name: 'message_entries_refresh', text: refreshText, values: [ids] });
}

const deliveriesText = `
  UPDATE timeline_entries e SET status = o.state, data = jsonb_set(e.data, '{message,delivery}', (${deliveryJson})::jsonb)
  FROM message_outbox o WHERE o.id = e.id AND o.id = ANY($1::text[])`;

/** The same when nothing but deliveries is different: half the work, and it comes three times for each message that leaves. */
export async function refreshDeliveries(tx: Executor, ids: readonly MessageId[]): Promise<void> {
  if (ids.length > 0) await tx.run({ name: 'message_deliveries_refresh', text: deliveriesText, values: [ids] });
}

/** A message's timeline entry has its id. */
export const entryIdOf = (id: MessageId): EntryId => id as string as EntryId;

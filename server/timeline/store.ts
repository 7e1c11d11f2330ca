import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { recordings, timelineComments, timelineEntries } from '../../db/schema/index.ts';
import type { TimelineEntry } from '../contract/schemas.ts';
import type { TimelineKind } from '../contract/words.ts';
import type { ClientId, EntryId, InteractionId, RecordingId, UserId } from '../kernel/ids.ts';
import type { Cursor } from './entry.ts';

/** The columns of `entryText`. */
export interface EntryRow {
  id: EntryId;
  client_id: ClientId;
  kind: TimelineKind;
  direction: 'in' | 'out';
  status: string;
  result: TimelineEntry['result'];
  at: Date;
  peer: string;
  line_name: string;
  queue_name: string;
  wait_seconds: number | null;
  talk_seconds: number | null;
  note: string;
  interaction_id: InteractionId | null;
  user_ref: TimelineEntry['user'];
  disposition: TimelineEntry['disposition'];
  recording: TimelineEntry['recording'];
  message: TimelineEntry['message'];
  page: NonNullable<TimelineEntry['page']> | null;
  comments: { id: number; author: { id: number; name: string }; at: string; body: string }[];
}

/** Everything that one line of the timeline shows, in one round trip. */
export const entryText = `
  SELECT t.id, t.client_id, t.kind, t.direction, t.status, t.result, t.at, t.peer, t.line_name, t.queue_name,
         t.wait_seconds, t.talk_seconds, t.note, t.interaction_id, t.data->'message' AS message, t.data->'page' AS page,
         CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS user_ref,
         CASE WHEN d.id IS NOT NULL
              THEN json_build_object('id', d.id, 'nameRu', d.name_ru, 'nameEn', d.name_en) END AS disposition,
         CASE WHEN r.id IS NOT NULL
              THEN json_build_object('id', r.id, 'state', r.state, 'durationMs', r.duration_ms) END AS recording,
         coalesce((
           SELECT json_agg(json_build_object('id', c.id, 'author', json_build_object('id', c.author_id, 'name', a.name),
                                             'at', c.at, 'body', c.body) ORDER BY c.at, c.id)
           FROM timeline_comments c JOIN users a ON a.id = c.author_id WHERE c.entry_id = t.id), '[]'::json) AS comments
  FROM timeline_entries t
  LEFT JOIN users u ON u.id = t.user_id
  LEFT JOIN dispositions d ON d.id = t.disposition_id
  LEFT JOIN recordings r ON r.id = t.recording_id`;

/** The line as screens get it. */
export function viewOf(row: EntryRow): TimelineEntry {
  return {
    id: row.id,
    clientId: row.client_id,
    kind: row.kind,
    direction: row.direction,
    status: row.status,
    result: row.result,
    at: row.at.toISOString(),
    user: row.user_ref,
    peer: row.peer,
    lineName: row.line_name,
    queueName: row.queue_name,
    waitSeconds: row.wait_seconds,
    talkSeconds: row.talk_seconds,
    disposition: row.disposition,
    note: row.note,
    recording: row.recording,
    interactionId: row.interaction_id,
    message: row.message,
    ...(row.page && { page: row.page }),
    comments: row.comments.map((comment) => ({ ...comment, at: new Date(comment.at).toISOString() })),
  };
}

/** One entry, or null. */
export async function readEntry(db: Executor, id: EntryId): Promise<TimelineEntry | null> {
  const statement = { name: 'timeline_entry', text: `${entryText} WHERE t.id = $1`, values: [id] };
  const [row] = await db.run<EntryRow>(statement);
  return row ? viewOf(row) : null;
}

/** Calls that ended with a message are calls; whoever asks for messages gets these alone. */
const ofKind = (kind: string): string =>
  `(${kind} IS NULL OR t.kind = ${kind} OR (${kind} = 'call' AND t.kind = 'voicemail'))`;

/**
 * Entries of a card, newest first, older than the cursor. The cursor's instant has milliseconds while the database
 * keeps microseconds, so the entry's own row says where it stands as long as it is there.
 */
export async function readEntries(
  db: Executor,
  clientId: ClientId,
  page: { before: Cursor | null; limit: number; kind: TimelineKind | null },
): Promise<TimelineEntry[]> {
  const rows = await db.run<EntryRow>(
    page.before
      ? {
          name: 'timeline_page',
          text: `${entryText}
            WHERE t.client_id = $1 AND ${ofKind('$2::text')}
              AND (t.at, t.id) < (coalesce((SELECT at FROM timeline_entries WHERE id = $5), $4::timestamptz), $5)
            ORDER BY t.at DESC, t.id DESC LIMIT $3`,
          values: [clientId, page.kind, page.limit, page.before.at, page.before.id],
        }
      : {
          name: 'timeline_first_page',
          text: `${entryText} WHERE t.client_id = $1 AND ${ofKind('$2::text')}
            ORDER BY t.at DESC, t.id DESC LIMIT $3`,
          values: [clientId, page.kind, page.limit],
        },
  );
  return rows.map(viewOf);
}

/**
 * A call of `t` that nobody answered. Callers who hide their number and names in SIP addresses are left out: nobody
 * can call them back.
 */
export const missedCall = `
  t.kind IN ('call', 'voicemail') AND t.direction = 'in' AND t.status IN ('missed', 'abandoned') AND t.peer ~ '^[+*#0-9]'`;

/**
 * When the last talk with a client ended, whoever called whom: what was missed before that, or meanwhile, is owed no
 * more. One step down the index, however long the timeline is.
 */
export const lastTalk = (client: string): string => `
  SELECT a.at + make_interval(secs => coalesce(a.wait_seconds, 0) + coalesce(a.talk_seconds, 0)) AS until
  FROM timeline_entries a
  WHERE a.client_id = ${client} AND a.kind = 'call' AND a.status = 'answered'
  ORDER BY a.at DESC, a.id DESC LIMIT 1`;

export async function insertNote(
  tx: Executor,
  note: { id: EntryId; clientId: ClientId; at: Date; userId: UserId; note: string },
): Promise<void> {
  await tx.orm.insert(timelineEntries).values({ ...note, kind: 'note', direction: 'out', status: 'done' });
}

export async function insertComment(
  tx: Executor,
  comment: { entryId: EntryId; authorId: UserId; at: Date; body: string },
): Promise<number> {
  const [row] = await tx.orm.insert(timelineComments).values(comment).returning({ id: timelineComments.id });
  if (!row) throw new Error('an inserted comment was not returned');
  return row.id;
}

export async function insertRecording(
  db: Executor,
  recording: { id: RecordingId; interactionId: InteractionId; path: string; startedAt: Date },
): Promise<void> {
  await db.orm.insert(recordings).values({ ...recording, state: 'recording' });
}

/** Only a recording that still runs is finished: what came first stays. */
export async function finishRecording(
  db: Executor,
  id: RecordingId,
  result: { durationMs: number; bytes: number; sha256: string } | null,
): Promise<void> {
  await db.run({
    name: 'recording_finish',
    text: `UPDATE recordings SET state = $2, duration_ms = $3, bytes = $4, sha256 = $5
      WHERE id = $1 AND state = 'recording'`,
    values: [
      id,
      result ? 'ready' : 'failed',
      result?.durationMs ?? null,
      result?.bytes ?? null,
      result?.sha256 ?? null,
    ],
  });
}

/** A recording's file, and the card on whose timeline its call stands. */
export interface RecordingRow {
  readonly path: string;
  readonly state: 'recording' | 'ready' | 'failed';
  /** null: no entry names this call. */
  readonly clientId: ClientId | null;
}

export async function readRecording(db: Executor, id: RecordingId): Promise<RecordingRow | null> {
  const [row] = await db.orm
    .select({ path: recordings.path, state: recordings.state, clientId: timelineEntries.clientId })
    .from(recordings)
    .leftJoin(timelineEntries, eq(timelineEntries.interactionId, recordings.interactionId))
    .where(eq(recordings.id, id))
    .limit(1);
  return row ?? null;
}

/** The timeline entry of the call that was recorded, if any. */
export async function entryOfRecording(db: Executor, id: RecordingId): Promise<EntryId | null> {
  const [row] = await db.orm
    .select({ id: timelineEntries.id })
    .from(recordings)
    .innerJoin(timelineEntries, eq(timelineEntries.interactionId, recordings.interactionId))
    .where(eq(recordings.id, id));
  return row?.id ?? null;
}

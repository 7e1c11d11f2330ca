import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { ClientId, DispositionId, EntryId, InteractionId, RecordingId, UserId } from '../../server/kernel/ids.ts';
import { clients } from './clients.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

/** What a client's card shows of one communication. A call's entry exists from its first second and is kept up to date. */
export const timelineEntries = pgTable(
  'timeline_entries',
  {
    id: text().$type<EntryId>().primaryKey(),
    clientId: ref<ClientId>()
      .notNull()
      .references(() => clients.id),
    at: instant().notNull(),
    kind: text().$type<'call' | 'sms' | 'email' | 'chat' | 'note' | 'voicemail'>().notNull(),
    direction: text().$type<'in' | 'out'>().notNull(),
    /** Calls: `ongoing` until they end, then answered, missed, abandoned or failed. Notes: `done`. */
    status: text().notNull(),
    /** Why it ended, from the closed list in the contract (`client_hung_up`, `busy`, `no_answer` ...). */
    result: text(),
    interactionId: text().$type<InteractionId>(),
    /** Agent of a call, author of a note. */
    userId: ref<UserId>(),
    /** The client's number or address, canonical. */
    peer: text().notNull().default(''),
    lineName: text().notNull().default(''),
    queueName: text().notNull().default(''),
    /** Seconds of waiting before the answer and of talk. */
    waitSeconds: integer(),
    talkSeconds: integer(),
    dispositionId: ref<DispositionId>(),
    note: text().notNull().default(''),
    recordingId: text().$type<RecordingId>(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    index('timeline_client_idx').on(t.clientId, t.at.desc().nullsFirst(), t.id.desc().nullsFirst()),
    // People we owe an answer: the few calls that nobody took.
    index('timeline_missed_idx')
      .on(t.at)
      .where(sql`kind = 'call' and direction = 'in' and status in ('missed', 'abandoned')`),
    index('timeline_user_idx').on(t.userId, t.at).where(sql`kind = 'call'`),
    index('timeline_interaction_idx').on(t.interactionId).where(sql`interaction_id is not null`),
    // Visitors of sites who called before they wrote.
    index('timeline_visitor_idx').on(sql`(data->>'visitor')`, t.at).where(sql`data->>'visitor' is not null`),
    check('timeline_direction_ck', sql`direction in ('in','out')`),
  ],
);

export const timelineComments = pgTable(
  'timeline_comments',
  {
    id: serialId<number>(),
    entryId: text()
      .$type<EntryId>()
      .notNull()
      .references(() => timelineEntries.id, { onDelete: 'cascade' }),
    authorId: ref<UserId>().notNull(),
    at: createdAt(),
    body: text().notNull(),
  },
  (t) => [index('timeline_comments_entry_idx').on(t.entryId)],
);

/** A sound file under DATA_DIR/recordings. `expected` rows without a file are an alarm. */
export const recordings = pgTable('recordings', {
  id: text().$type<RecordingId>().primaryKey(),
  interactionId: text().$type<InteractionId>().notNull(),
  state: text().$type<'recording' | 'ready' | 'failed'>().notNull(),
  /** Relative to the recordings folder. */
  path: text().notNull(),
  startedAt: createdAt(),
  durationMs: integer(),
  bytes: integer(),
  sha256: text(),
});

import type { Executor } from '../../db/client.ts';
import type { InteractionId, UserId } from '../kernel/ids.ts';
import type { JournalEntry } from '../kernel/journal.ts';
import { countedTypes } from './counted.ts';
import { countedMessageTypes } from './message-figures.ts';

interface Row {
  /** Text, because a Date has no microseconds and would find the same rows again. */
  position: string;
  seq: number;
  type: string;
  interaction_id: InteractionId | null;
  user_id: UserId | null;
  data: Record<string, unknown>;
}

const types = [...countedTypes, ...countedMessageTypes];

/** Rows in memory at a time. */
const pageRows = 1_000;

/**
 * Reads the journal's events that figures count, written from `from` until `to` (milliseconds since the epoch, by the
 * database's clock), page by page.
 */
export async function* readEvents(db: Executor, from: number, to: number): AsyncGenerator<JournalEntry> {
  let position = new Date(from).toISOString();
  let seq = -1;
  for (;;) {
    const rows = await db.run<Row>({
      name: 'reports_events',
      text: `SELECT at::text AS position, seq, type, interaction_id, user_id, data FROM journal
             WHERE at >= $1::timestamptz AND (at, seq) > ($1::timestamptz, $2::bigint) AND at < $3
               AND type = ANY($4::text[])
             ORDER BY at, seq LIMIT ${pageRows}`,
      values: [position, seq, new Date(to), types],
    });
    for (const row of rows)
      yield {
        seq: row.seq,
        type: row.type,
        interactionId: row.interaction_id ?? undefined,
        userId: row.user_id ?? undefined,
        data: row.data,
      };
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    position = last.position;
    seq = last.seq;
  }
}

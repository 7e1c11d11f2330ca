import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../../db/client.ts';
import type { InteractionId, RecordingId } from '../kernel/ids.ts';
import type { Journal, JournalEvent } from '../kernel/journal.ts';
import type { Log } from '../kernel/log.ts';
import type { CallTimeline } from './context.ts';

/** Bytes of a WAV header; its bytes a second stand at 28 (talks are stereo, voice messages mono). */
const wavHeaderBytes = 44;
const wavRateAt = 28;

interface LeftRow {
  id: InteractionId;
  queue_id: number;
  arrived_at: Date;
  /** Waited, and nobody had ever answered him; for how long is not known. */
  left_queue: boolean;
}

const recoveredEvent = (row: LeftRow): JournalEvent => ({
  type: 'interaction.recovered',
  interactionId: row.id,
  data: { queueId: row.queue_id, arrivedAt: row.arrived_at.getTime(), leftQueue: row.left_queue },
});

/**
 * After a crash or a stop in mid-call: calls of earlier processes close (their sockets died with them), their offers
 * are withdrawn, their timeline entries say what is known. Whoever was not talked to stands there as missed.
 * One transaction; running it twice changes nothing.
 * @param now milliseconds since the epoch: what is still open ends then
 * @returns how many calls were closed
 */
export async function closeLeftCalls(db: Database, journal: Journal, now: number): Promise<number> {
  const entries = await db.transaction(async (tx) => {
    const rows = await tx.run<LeftRow>({
      name: 'recovery_interactions',
      text: `UPDATE interactions i SET state = 'closed', closed_at = $1::timestamptz, ended_at = coalesce(i.ended_at, $1::timestamptz),
               wrap_up_until = NULL, version = i.version + 1, result = coalesce(i.result,
                 CASE WHEN i.answered_at IS NULL AND i.direction = 'in' THEN 'abandoned' ELSE 'system_error' END)
             FROM (SELECT id, state FROM interactions WHERE state <> 'closed' FOR UPDATE) AS before
             WHERE i.id = before.id
             RETURNING i.id, i.queue_id, i.arrived_at,
               i.direction = 'in' AND i.answered_at IS NULL AND before.state IN ('queued', 'offered') AND NOT EXISTS (
                 SELECT 1 FROM journal j WHERE j.interaction_id = i.id AND j.type = 'interaction.opened'
                   AND (j.data ->> 'turnedAway')::boolean) AS left_queue`,
      values: [new Date(now)],
    });
    const ids = rows.map((row) => row.id);
    await tx.run({
      name: 'recovery_offers',
      text: `UPDATE offers SET ended_at = $1, result = 'withdrawn' WHERE ended_at IS NULL`,
      values: [new Date(now)],
    });
    await tx.run({
      name: 'recovery_entries',
      text: `UPDATE timeline_entries t SET result = i.result, note = i.note, user_id = i.user_id,
               status = CASE WHEN i.answered_at IS NOT NULL AND i.user_id IS NOT NULL THEN 'answered' WHEN i.direction = 'in' THEN 'missed' ELSE 'failed' END,
               wait_seconds = extract(epoch FROM coalesce(i.answered_at, i.ended_at) - i.arrived_at)::int,
               talk_seconds = extract(epoch FROM i.ended_at - i.answered_at)::int,
               recording_id = (SELECT r.id FROM recordings r WHERE r.interaction_id = i.id LIMIT 1)
             FROM interactions i WHERE t.interaction_id = i.id AND t.status = 'ongoing' AND i.id = ANY($1::text[])`,
      values: [ids],
    });
    return journal.append(tx, rows.map(recoveredEvent));
  });
  journal.published(entries);
  return entries.length;
}

/** Recordings that a crash cut short: the file is readable up to its last flush, a missing one is an alarm. */
export async function finishLeftRecordings(context: {
  readonly db: Database;
  readonly timeline: Pick<CallTimeline, 'finishRecording'>;
  readonly recordingsDir: string;
  readonly log: Log;
}): Promise<void> {
  const rows = await context.db.run<{ id: RecordingId; path: string }>({
    name: 'recovery_recordings',
    text: `SELECT id, path FROM recordings WHERE state = 'recording'`,
    values: [],
  });
  for (const { id, path } of rows) {
    const file = await readFile(join(context.recordingsDir, path)).catch(() => null);
    if (!file || file.length <= wavHeaderBytes) {
      context.log.error({ recordingId: id, path }, 'recording expected but absent');
      await context.timeline.finishRecording(id, null);
      continue;
    }
    const durationMs = Math.round(((file.length - wavHeaderBytes) / file.readUInt32LE(wavRateAt)) * 1000);
    const sha256 = createHash('sha256').update(file).digest('hex');
    await context.timeline.finishRecording(id, { durationMs, bytes: file.length, sha256 });
  }
}

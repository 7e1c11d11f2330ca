import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';

/** The one door's memory of what came from a wire: each event once by channel and source id. */

type Source = Pick<MessageArrived, 'channel' | 'sourceId' | 'at'>;

/** Whether this event was stored before: asked early, so that a repeated one costs little. The claim decides. */
export async function isKnownEvent(db: Executor, { channel, sourceId }: Omit<Source, 'at'>): Promise<boolean> {
  const rows = await db.run<{ one: number }>({
    name: 'inbound_event_known',
    text: 'SELECT 1 AS one FROM inbound_events WHERE channel = $1 AND source_id = $2',
    values: [channel, sourceId],
  });
  return rows.length > 0;
}

/**
 * Takes an event for this transaction.
 * @param raw what is kept of one that became no message
 * @returns false when this event was stored before
 */
export async function claimEvent(
  tx: Executor,
  { channel, sourceId, at }: Source,
  raw: Readonly<Record<string, unknown>> = {},
): Promise<boolean> {
  const rows = await tx.run<{ one: number }>({
    name: 'inbound_event_claim',
    text: `INSERT INTO inbound_events (channel, source_id, at, raw) VALUES ($1, $2, $3, $4)
           ON CONFLICT (channel, source_id) DO NOTHING RETURNING 1 AS one`,
    values: [channel, sourceId, new Date(at), JSON.stringify(raw)],
  });
  return rows.length > 0;
}

import type { MessageArrived } from '../../../channels/message-channel.ts';
import type { Executor } from '../../../db/client.ts';

/** The one door's memory of what came from a wire: each event once by channel and source id. */

/** What names an event: each is stored once. */
export type Source = Pick<MessageArrived, 'channel' | 'sourceId'>;

/** The same for every event that has it. */
export const sourceKey = ({ channel, sourceId }: Source): string => `${channel} ${sourceId}`;

interface Row {
  channel: Source['channel'];
  source_id: string;
}

const keysOf = (rows: readonly Row[]): Set<string> =>
  new Set(rows.map(({ channel, source_id }) => sourceKey({ channel, sourceId: source_id })));

const columnsOf = (events: readonly Source[]): unknown[] => [
  events.map(({ channel }) => channel),
  events.map(({ sourceId }) => sourceId),
];

/** Which of these were stored before, by `sourceKey`: asked early, so that a repeated one costs little. The claim decides. */
export async function knownEvents(db: Executor, events: readonly Source[]): Promise<Set<string>> {
  const rows = await db.run<Row>({
    name: 'inbound_events_known',
    text: `SELECT e.channel, e.source_id FROM unnest($1::text[], $2::text[]) AS asked (channel, source_id)
           JOIN inbound_events e USING (channel, source_id)`,
    values: columnsOf(events),
  });
  return keysOf(rows);
}

/** An event, and what is kept of one that became no message. */
export interface Claim {
  readonly event: Source & Pick<MessageArrived, 'at'>;
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** Takes events for this transaction. @returns those that it got, by `sourceKey`; the others were stored before */
export async function claimEvents(tx: Executor, claims: readonly Claim[]): Promise<Set<string>> {
  const rows = await tx.run<Row>({
    name: 'inbound_events_claim',
    text: `INSERT INTO inbound_events (channel, source_id, at, raw)
           SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[])
           ON CONFLICT (channel, source_id) DO NOTHING RETURNING channel, source_id`,
    values: [
      ...columnsOf(claims.map(({ event }) => event)),
      claims.map(({ event }) => new Date(event.at)),
      claims.map(({ raw = {} }) => JSON.stringify(raw)),
    ],
  });
  return keysOf(rows);
}

/** Takes one event. @returns false when it was stored before */
export const claimEvent = async (tx: Executor, event: Claim['event'], raw: Claim['raw'] = {}): Promise<boolean> =>
  (await claimEvents(tx, [{ event, raw }])).size > 0;

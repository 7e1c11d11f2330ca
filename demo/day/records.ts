import { type Figures, noFigures, type Thresholds } from './figures.ts';

/** Asks the server's database. */
export type Query = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

/** A call as its row has it. */
export interface CallRow {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly state: string;
  readonly peer: string;
  readonly clientId: number;
  readonly queueId: number;
  readonly result: string | null;
  readonly arrivedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly closedAt: number | null;
}

/** Everything that the database has of the calls since a moment. */
export interface Records {
  readonly calls: readonly CallRow[];
  readonly offers: readonly {
    readonly interactionId: string;
    readonly userId: number;
    readonly result: string | null;
  }[];
  /** The journal's events about calls, in order. */
  readonly events: readonly {
    readonly type: string;
    readonly interactionId: string;
    /** Of a talk that was over with it. */
    readonly talkMs: number | null;
  }[];
  /** Calls that had begun before and went on. */
  readonly older: number;
}

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** The last event of the journal. */
export async function lastSeq(query: Query): Promise<number> {
  const [row] = await query<{ seq: number | string }>('SELECT coalesce(max(seq), 0) AS seq FROM journal', []);
  return Number(row?.seq ?? 0);
}

/** Reads what was written after the journal's event `seq`; calls that began before are left out. */
export async function readRecords(query: Query, seq: number): Promise<Records> {
  const begun = `SELECT interaction_id FROM journal WHERE seq > $1 AND type = 'interaction.opened'`;
  const calls = await query<CallRow>(
    `SELECT id, direction, state, peer, client_id::int AS "clientId", queue_id::int AS "queueId", result,
            ${ms('arrived_at')} AS "arrivedAt", ${ms('answered_at')} AS "answeredAt",
            ${ms('ended_at')} AS "endedAt", ${ms('closed_at')} AS "closedAt"
     FROM interactions WHERE id IN (${begun}) ORDER BY arrived_at`,
    [seq],
  );
  const offers = await query<Records['offers'][number]>(
    `SELECT interaction_id AS "interactionId", user_id::int AS "userId", result FROM offers
     WHERE interaction_id IN (${begun}) ORDER BY offered_at`,
    [seq],
  );
  const events = await query<Records['events'][number]>(
    `SELECT type, interaction_id AS "interactionId", (data->>'talkMs')::float8 AS "talkMs" FROM journal WHERE seq > $1 AND interaction_id IN (${begun})
     ORDER BY seq`,
    [seq],
  );
  const [older] = await query<{ calls: number }>(
    `SELECT count(DISTINCT interaction_id)::int AS calls FROM journal
     WHERE seq > $1 AND type LIKE 'interaction.%' AND interaction_id NOT IN (${begun})`,
    [seq],
  );
  return { calls: calls.map(rounded), offers, events, older: older?.calls ?? 0 };
}

/** A row's instants have a resolution of a millisecond; a fraction is the arithmetic's. */
const rounded = (row: CallRow): CallRow => ({
  ...row,
  arrivedAt: Math.round(row.arrivedAt),
  answeredAt: row.answeredAt === null ? null : Math.round(row.answeredAt),
  endedAt: row.endedAt === null ? null : Math.round(row.endedAt),
  closedAt: row.closedAt === null ? null : Math.round(row.closedAt),
});

/**
 * The figures from the rows of the calls, their offers and the types of their events: counted without the sums that the
 * board is made of, so that the two can disagree.
 */
export function recordedFigures({ calls, offers, events }: Omit<Records, 'older'>, thresholds: Thresholds): Figures {
  const figures = noFigures();
  const eventsOf = Map.groupBy(events, ({ interactionId }) => interactionId);
  for (const call of calls) countCall(figures, call, eventsOf.get(call.id) ?? [], thresholds);
  for (const { result } of offers) {
    figures.rings++;
    if (result === 'accepted') figures.ringsTaken++;
    if (result === 'not_delivered') figures.phantomRings++;
  }
  for (const { type } of events) {
    if (type === 'interaction.voicemail') figures.voicemails++;
    if (type === 'interaction.callback_requested') figures.callbacksRequested++;
    if (type === 'interaction.rescued') figures.rescued++;
    if (type === 'interaction.returned') figures.returned++;
  }
  return figures;
}

function countCall(figures: Figures, call: CallRow, events: Records['events'], thresholds: Thresholds): void {
  const types = events.map(({ type }) => type);
  const { direction, answeredAt, endedAt, closedAt, result, state } = call;
  if (direction === 'out') {
    figures.dialled++;
    if (answeredAt !== null) figures.reached++;
  } else if (result === 'out_of_hours') figures.closedHours++;
  else {
    figures.offered++;
    countWait(figures, call, types, thresholds);
  }
  if (types.includes('interaction.returned')) countTalks(figures, events);
  else if (answeredAt !== null && endedAt !== null) {
    figures.talks++;
    figures.talkMs += endedAt - answeredAt;
  }
  if (state === 'closed' && types.includes('interaction.closed') && closedAt !== null && endedAt !== null) {
    figures.wrapUps++;
    figures.wrapUpMs += closedAt - endedAt;
  }
}

/** A call that was given back was talked to by several, and its row does not say when each began. */
function countTalks(figures: Figures, events: Records['events']): void {
  for (const { talkMs } of events) {
    if (talkMs === null) continue;
    figures.talks++;
    figures.talkMs += talkMs;
  }
}

function countWait(figures: Figures, call: CallRow, types: readonly string[], thresholds: Thresholds): void {
  const { arrivedAt, answeredAt, endedAt } = call;
  if (answeredAt !== null) {
    const waitMs = answeredAt - arrivedAt;
    figures.answered++;
    figures.answeredWaitMs += waitMs;
    if (waitMs <= thresholds.answerSeconds * 1000) figures.answeredInTime++;
  } else if (
    types.includes('interaction.diverted') ||
    call.result === 'callback_requested' ||
    call.result === 'timeout'
  ) {
    figures.flowedOut++;
  } else if (endedAt !== null) {
    const waitMs = endedAt - arrivedAt;
    figures.abandoned++;
    figures.abandonedWaitMs += waitMs;
    if (waitMs <= thresholds.shortAbandonSeconds * 1000) figures.shortAbandoned++;
  } else figures.open++;
}

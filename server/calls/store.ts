import type { Executor, Statement } from '../../db/client.ts';
import type { CallStatus } from '../contract/words.ts';
import { AppError } from '../kernel/errors.ts';
import type { InteractionId } from '../kernel/ids.ts';
import {
  type JournalEntry,
  type JournalEvent,
  journalColumns,
  journalEntries,
  journalInsert,
} from '../kernel/journal.ts';
import { candidatesText } from './candidates.ts';
import type { EndedOffer, LiveCall, OpenOffer } from './live-call.ts';

/**
 * The rows of a call: its interaction, its timeline entry, its offers and its part of the journal change together in
 * ONE statement each time (measured: a transaction of five statements costs the embedded engine four times as much).
 * That is why this store also writes the timeline's row of a call.
 */

interface SavedRow {
  saved: number;
  seqs: (string | number)[];
}

const at = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
const seconds = (from: number, to: number): number => Math.max(0, Math.round((to - from) / 1000));

/** A caller who spoke to the machine left a message; every other call is one. */
export const entryKind = (call: LiveCall): 'call' | 'voicemail' => (call.result === 'voicemail' ? 'voicemail' : 'call');

/** His talk broke off with his agent's phone, he waited again, and nobody took him: what he wanted is still owed. */
const isLostTwice = ({ lastUserId, userId }: LiveCall): boolean => lastUserId !== null && userId === null;

/** What the card's timeline says of the call. A caller who gave up stands there as missed. */
export function entryStatus(call: LiveCall): CallStatus {
  if (call.endedAt === null) return 'ongoing';
  if (call.answeredAt !== null && !isLostTwice(call)) return 'answered';
  return call.direction === 'in' ? 'missed' : 'failed';
}

export function waitSeconds(call: LiveCall): number | null {
  const end = call.answeredAt ?? call.endedAt;
  return end === null ? null : seconds(call.arrivedAt, end);
}

export function talkSeconds(call: LiveCall): number | null {
  return call.answeredAt === null || call.endedAt === null ? null : seconds(call.answeredAt, call.endedAt);
}

/** Texts by name: building them for every call cost more than filling in their values. */
const texts = new Map<string, string>();

/** Builds a statement of common table expressions with its parameters numbered as they are added; `name` tells its parts. */
function createStatement(name: string): {
  add(sql: (...numbers: string[]) => string, ...values: unknown[]): void;
  done(events: readonly JournalEvent[], saved: string): Statement;
} {
  const known = texts.get(name);
  const parts: string[] = [];
  const values: unknown[] = [];
  return {
    add(sql, ...added) {
      if (known === undefined) parts.push(sql(...added.map((_, index) => `$${values.length + index + 1}`)));
      values.push(...added);
    },
    done(events, saved) {
      const text = known ?? wholeText(parts, saved, values.length + 1);
      texts.set(name, text);
      return { name, text, values: [...values, ...journalColumns(events)] };
    },
  };
}

function wholeText(parts: readonly string[], saved: string, firstJournalNumber: number): string {
  const journal = journalInsert(firstJournalNumber, `EXISTS (SELECT 1 FROM ${saved})`);
  return `WITH ${parts.join(',\n')},${journal}
    SELECT (SELECT count(*) FROM ${saved})::int AS saved, ARRAY(SELECT seq FROM appended ORDER BY seq) AS seqs`;
}

async function run(
  db: Executor,
  statement: Statement,
  events: readonly JournalEvent[],
): Promise<JournalEntry[] | null> {
  const [row] = await db.run<SavedRow>(statement);
  if (!row || row.saved === 0) return null;
  return journalEntries(
    events,
    row.seqs.map((seq) => Number(seq)),
  );
}

/** Where an inbound call came from, as the one door's memory keeps it. */
export interface CallSource {
  readonly channel: string;
  readonly sourceId: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The visitor by name: his chat finds the card of his calls by it (server/messages/inbox/client.ts). */
function entryData({ page }: LiveCall): Record<string, unknown> {
  if (!page) return {};
  const { visitor, ...shown } = page;
  return { visitor, page: shown };
}

/** What is stored of an offer that is made. */
type StoredOffer = Pick<OpenOffer, 'id' | 'userId' | 'offeredAt' | 'expiresAt' | 'reason' | 'candidates'>;

/** What is stored with a new call. */
export interface Opening {
  readonly source: CallSource;
  readonly nodeId: string;
  readonly events: readonly JournalEvent[];
  /** The agent who was free when it came. */
  readonly offerMade?: StoredOffer | undefined;
}

/**
 * Stores a new call: the inbound event (once by channel and source id), the interaction, its timeline entry and the
 * first offer, when there is one.
 * @returns null when this event was stored before: somebody has this call already
 */
export function openCall(
  db: Executor,
  call: LiveCall,
  { source, nodeId, events, offerMade }: Opening,
): Promise<JournalEntry[] | null> {
  const statement = createStatement(offerMade ? 'call_open_offer' : 'call_open');
  statement.add(
    (channel, sourceId, arrived, id, raw) =>
      `stored AS (INSERT INTO inbound_events (channel, source_id, at, interaction_id, raw)
         VALUES (${channel}, ${sourceId}, ${arrived}, ${id}, ${raw}) ON CONFLICT DO NOTHING RETURNING 1)`,
    source.channel,
    source.sourceId,
    at(call.arrivedAt),
    call.id,
    JSON.stringify(source.facts),
  );
  statement.add(
    (...n) => `opened AS (INSERT INTO interactions
        (id, channel, direction, state, client_id, queue_id, line_id, peer_raw, peer, peer_extension, peer_name,
         peer_reason, user_id, arrived_at, node_id, version)
      SELECT ${n[0]}, 'call', ${n[1]}, ${n[2]}, ${n[3]}::bigint, ${n[4]}::bigint, ${n[5]}::bigint, ${n[6]}, ${n[7]}, ${n[8]},
             ${n[9]}, ${n[10]}, ${n[11]}::bigint, ${n[12]}::timestamptz, ${n[13]}, ${n[14]}::int FROM stored)`,
    call.id,
    call.direction,
    call.state,
    call.client.id,
    call.queue.id,
    call.line.id,
    call.peer.raw,
    call.peer.number,
    call.peer.extension,
    call.peer.name,
    call.peer.reason ?? '',
    call.userId,
    at(call.arrivedAt),
    nodeId,
    call.version,
  );
  statement.add(
    (...n) => `entered AS (INSERT INTO timeline_entries
        (id, client_id, at, kind, direction, status, interaction_id, user_id, peer, line_name, queue_name, data)
      SELECT ${n[0]}, ${n[1]}::bigint, ${n[2]}::timestamptz, 'call', ${n[3]}, 'ongoing', ${n[4]}, ${n[5]}::bigint, ${n[6]},
             ${n[7]}, ${n[8]}, ${n[9]}::jsonb FROM stored)`,
    call.entryId,
    call.client.id,
    at(call.arrivedAt),
    call.direction,
    call.id,
    call.userId,
    call.peer.number || call.peer.raw,
    call.line.name,
    call.queue.name,
    JSON.stringify(entryData(call)),
  );
  if (offerMade) addOffer(statement, call, offerMade, 'stored');
  return run(db, statement.done(events, 'stored'), events);
}

/**
 * What the database has of a call whose save got no answer: its version, and the numbers of its latest journal events.
 * @returns null when there is no such row
 */
export async function readStored(
  db: Executor,
  id: InteractionId,
  events: number,
): Promise<{ version: number; seqs: number[] } | null> {
  const [row] = await db.run<{ version: number; seqs: (string | number)[] }>({
    name: 'call_stored',
    text: `SELECT version, ARRAY(SELECT seq FROM (SELECT seq FROM journal WHERE interaction_id = $1
             ORDER BY seq DESC LIMIT $2) latest ORDER BY seq) AS seqs
           FROM interactions WHERE id = $1`,
    values: [id, events],
  });
  return row ? { version: row.version, seqs: row.seqs.map(Number) } : null;
}

export interface CallChanges {
  readonly events: readonly JournalEvent[];
  readonly offerMade?: StoredOffer | undefined;
  readonly offersEnded: readonly EndedOffer[];
}

/**
 * Writes the call as it is now, its whole changeable state: a save that failed is made good by the next one.
 * @throws AppError `conflict` when another process has written this call since (its version is not ours)
 */
export async function saveCall(db: Executor, call: LiveCall, changes: CallChanges): Promise<JournalEntry[]> {
  const { events, offerMade, offersEnded } = changes;
  const statement = createStatement(`call_save${offerMade ? '_offer' : ''}${offersEnded.length > 0 ? '_ended' : ''}`);
  addInteraction(statement, call);
  addEntry(statement, call);
  if (offersEnded.length > 0) addOfferEnds(statement, offersEnded, call.stateSince);
  if (offerMade) addOffer(statement, call, offerMade, 'saved');
  const entries = await run(db, statement.done(events, 'saved'), events);
  if (!entries) throw new AppError('conflict', 'the call was changed by another process', { details: { id: call.id } });
  return entries;
}

type Builder = ReturnType<typeof createStatement>;

function addInteraction(statement: Builder, call: LiveCall): void {
  statement.add(
    (...n) => `saved AS (UPDATE interactions SET state = ${n[2]}, client_id = ${n[3]}, user_id = ${n[4]},
        answered_at = ${n[5]}, ended_at = ${n[6]}, wrap_up_until = ${n[7]}, closed_at = ${n[8]}, result = ${n[9]},
        disposition_id = ${n[10]}, note = ${n[11]}, recording_id = ${n[12]}, version = ${n[13]}
      WHERE id = ${n[0]} AND version = ${n[1]} RETURNING 1)`,
    call.id,
    call.savedVersion,
    call.state,
    call.client.id,
    call.userId,
    at(call.answeredAt),
    at(call.endedAt),
    at(call.wrapUpUntil),
    at(call.closedAt),
    call.result,
    call.dispositionId,
    call.note,
    call.recording?.id ?? null,
    call.version,
  );
}

function addEntry(statement: Builder, call: LiveCall): void {
  statement.add(
    (...n) => `entered AS (UPDATE timeline_entries SET status = ${n[1]}, result = ${n[2]}, client_id = ${n[3]},
        user_id = ${n[4]}, wait_seconds = ${n[5]}, talk_seconds = ${n[6]}, disposition_id = ${n[7]}, note = ${n[8]},
        recording_id = ${n[9]}, kind = ${n[10]}
      WHERE id = ${n[0]} AND EXISTS (SELECT 1 FROM saved))`,
    call.entryId,
    entryStatus(call),
    call.result,
    call.client.id,
    call.userId,
    waitSeconds(call),
    talkSeconds(call),
    call.dispositionId,
    call.note,
    call.recording?.id ?? null,
    entryKind(call),
  );
}

function addOfferEnds(statement: Builder, offers: readonly EndedOffer[], endedAt: number): void {
  statement.add(
    (ids, results, ended) => `offers_ended AS (UPDATE offers SET ended_at = ${ended}, result = ended.result
      FROM unnest(${ids}::text[], ${results}::text[]) AS ended (id, result)
      WHERE offers.id = ended.id AND ended_at IS NULL)`,
    offers.map((offer) => offer.id),
    offers.map((offer) => offer.result),
    at(endedAt),
  );
}

/** @param saved the expression without whose row there is no offer */
function addOffer(statement: Builder, call: LiveCall, offer: StoredOffer, saved: 'stored' | 'saved'): void {
  statement.add(
    (...n) => `offered AS (INSERT INTO offers (id, interaction_id, user_id, offered_at, expires_at, reason, candidates)
      SELECT ${n[0]}, ${n[1]}, ${n[2]}::bigint, ${n[3]}::timestamptz, ${n[4]}::timestamptz, ${n[5]}, ${n[6]} FROM ${saved})`,
    offer.id,
    call.id,
    offer.userId,
    at(offer.offeredAt),
    at(offer.expiresAt),
    offer.reason,
    candidatesText(offer.candidates),
  );
  statement.add(
    (queue, user) => `pointed AS (UPDATE queues SET last_offered_user_id = ${user} WHERE id = ${queue})`,
    call.queue.id,
    offer.userId,
  );
}

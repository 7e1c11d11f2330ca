import type { Database } from '../../../db/client.ts';
import type { FarEnd, Taken } from './far-end.ts';
import { channelOf, strangerAt } from './people.ts';

/** What the providers and the house say of the same messages, of one channel. */
export interface ChannelCounts {
  /** Written by our people. */
  readonly out: number;
  /** Not in the house although the API acknowledged them; there more than once. */
  readonly outUnknown: number;
  readonly outTwice: number;
  /** Taken by the provider, once or more often. */
  readonly taken: number;
  readonly takenTwice: number;
  /** Of these under the same Message-ID, by which most mailboxes show them once: what the doc admits of SMTP. */
  readonly takenTwiceSameId: number;
  /** Neither taken nor shown as doubtful: lost. */
  readonly missing: number;
  /** In doubt for a person to decide; `heldAndTaken` of them the provider did take. */
  readonly held: number;
  readonly heldAndTaken: number;
  /** Not taken although the house says that they were. */
  readonly wronglyTaken: number;
  readonly delivered: number;
  /** Written by strangers. */
  readonly in: number;
  readonly stored: number;
  readonly lost: number;
  readonly storedTwice: number;
  /** Cards beyond one for each stranger. */
  readonly extraCards: number;
  /** Messages whose entry on the client's timeline is missing, on another card, or says another state. */
  readonly offTimeline: number;
}

interface Row {
  readonly id: string;
  readonly text: string;
  readonly direction: 'in' | 'out';
  /** Null: it came in. */
  readonly state: string | null;
  readonly onTimeline: boolean;
}

const rowsOf = (db: Database, channel: string): Promise<Row[]> =>
  db.run<Row>({
    name: 'kill_rows',
    text: `SELECT m.id, btrim(m.written_text, E' \\r\\n') AS text, m.direction, o.state,
             coalesce(e.client_id = c.client_id AND (o.state IS NULL OR e.status = o.state), false) AS "onTimeline"
           FROM messages m JOIN conversations c ON c.id = m.conversation_id
           LEFT JOIN message_outbox o ON o.id = m.id LEFT JOIN timeline_entries e ON e.id = m.id
           WHERE m.channel = $1 AND m.written_text ~ '^(in|out) [0-9]+'`,
    values: [channel],
  });

async function cardsOf(db: Database, addresses: readonly string[]): Promise<number> {
  const [row] = await db.run<{ cards: number }>({
    name: 'kill_cards',
    text: 'SELECT count(*)::int AS cards FROM contact_points WHERE value = ANY($1::text[])',
    values: [addresses],
  });
  return row?.cards ?? 0;
}

function timesOf(texts: Iterable<string>): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}

const isIn = (state: string | null | undefined, ...states: readonly string[]): boolean => states.includes(state ?? '');

function countOut(taken: readonly Taken[], rows: readonly Row[], indexes: readonly number[]) {
  const all = indexes.map((index) => `out ${index}`);
  const known = timesOf(rows.map(({ text }) => text));
  const stateOf = new Map(rows.map(({ text, state }) => [text, state]));
  const times = timesOf(taken.map(({ text }) => text));
  // the same message under the same id counts once here
  const ids = timesOf(
    new Set(taken.map(({ text, messageId }, index) => `${text}\n${messageId ?? index}`))
      .values()
      .map((key) => key.split('\n')[0] ?? ''),
  );
  const count = (isIt: (text: string) => boolean): number => all.filter(isIt).length;
  const isTwice = (text: string): boolean => (times.get(text) ?? 0) > 1;
  const isHeld = (text: string): boolean => isIn(stateOf.get(text), 'sending', 'unconfirmed');
  return {
    out: all.length,
    outUnknown: count((text) => !known.has(text)),
    outTwice: count((text) => (known.get(text) ?? 0) > 1),
    taken: count((text) => times.has(text)),
    takenTwice: count(isTwice),
    takenTwiceSameId: count((text) => isTwice(text) && ids.get(text) === 1),
    missing: count((text) => !times.has(text) && !isHeld(text)),
    held: count(isHeld),
    heldAndTaken: count((text) => isHeld(text) && times.has(text)),
    wronglyTaken: count((text) => isIn(stateOf.get(text), 'accepted', 'sent', 'delivered') && !times.has(text)),
    delivered: count((text) => stateOf.get(text) === 'delivered'),
  };
}

function countIn(rows: readonly Row[], indexes: readonly number[]) {
  const all = indexes.map((index) => `in ${index}`);
  const times = timesOf(rows.map(({ text }) => text));
  return {
    in: all.length,
    stored: all.filter((text) => times.has(text)).length,
    lost: all.filter((text) => !times.has(text)).length,
    storedTwice: all.filter((text) => (times.get(text) ?? 0) > 1).length,
  };
}

/** Both channels, and what is known of messages that a fault struck, for people. */
export interface Counted {
  readonly sms: ChannelCounts;
  readonly email: ChannelCounts;
  readonly faults: readonly string[];
}

/** Counts on both sides; nothing may be under way. @param messages of each direction, both channels together */
export async function countAll(db: Database, farEnd: FarEnd, messages: number): Promise<Counted> {
  const faults: string[] = [];
  const count = async (channel: 'sms' | 'email', taken: readonly Taken[]): Promise<ChannelCounts> => {
    const indexes = Array.from({ length: messages }, (_, index) => index).filter(
      (index) => channelOf(index) === channel,
    );
    const rows = await rowsOf(db, channel);
    faults.push(...(await describe(db, suspects(taken, rows, indexes))));
    const strangers = [...new Set(indexes.map(strangerAt))];
    const out = rows.filter(({ direction }) => direction === 'out');
    return {
      ...countOut(taken, out, indexes),
      ...countIn(
        rows.filter(({ direction }) => direction === 'in'),
        indexes,
      ),
      extraCards: (await cardsOf(db, strangers)) - strangers.length,
      offTimeline: rows.filter(({ onTimeline }) => !onTimeline).length,
    };
  };
  const sms = await count('sms', farEnd.sms);
  const email = await count('email', farEnd.mails);
  return { sms, email, faults };
}

interface Suspect {
  readonly text: string;
  readonly times: number;
  readonly rows: readonly Row[];
}

/** Messages that are not exactly once on each side, or are wrong on the timeline. */
function suspects(taken: readonly Taken[], rows: readonly Row[], indexes: readonly number[]): Suspect[] {
  const times = timesOf(taken.map(({ text }) => text));
  const byText = Map.groupBy(rows, ({ text }) => text);
  const texts = indexes.flatMap((index) => [`out ${index}`, `in ${index}`]);
  return texts
    .map((text) => ({ text, times: times.get(text) ?? 0, rows: byText.get(text) ?? [] }))
    .filter(
      ({ text, times: many, rows: known }) =>
        known.length !== 1 || known.some(({ onTimeline }) => !onTimeline) || (text.startsWith('out') && many !== 1),
    );
}

async function describe(db: Database, all: readonly Suspect[]): Promise<string[]> {
  const ids = all.flatMap(({ rows }) => rows.map(({ id }) => id));
  const known = await db.run<{ id: string; outbox: unknown; attempts: unknown }>({
    name: 'kill_faults',
    text: `SELECT o.id, to_jsonb(o) AS outbox, (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.attempt) FROM message_attempts a
             WHERE a.message_id = o.id) AS attempts FROM message_outbox o WHERE o.id = ANY($1::text[])`,
    values: [ids],
  });
  return all.map(({ text, times, rows }) =>
    JSON.stringify({ text, taken: times, rows, outbox: known.filter(({ id }) => rows.some((row) => row.id === id)) }),
  );
}

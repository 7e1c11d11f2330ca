import type { ClientId, InteractionId, UserId } from './ids.ts';
import type { Log } from './log.ts';

/** What happened, in past tense: `interaction.opened`, `offer.accepted`, `client.changed`. */
export interface JournalEvent {
  readonly type: string;
  readonly interactionId?: InteractionId | undefined;
  readonly clientId?: ClientId | undefined;
  readonly userId?: UserId | undefined;
  /** Facts that a later reader needs; small, no secrets. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** An event as readers get it. */
export interface JournalEntry extends JournalEvent {
  readonly seq: number;
}

/** The part of a database that the journal needs: a pool or an open transaction. */
export interface StatementRunner {
  run<Row>(statement: { name: string; text: string; values: readonly unknown[] }): Promise<Row[]>;
}

/** Hears of every event at least once, in the order of `seq`; must be idempotent. A throw is logged and tried again at the next start. */
export type JournalReader = (entry: JournalEntry) => void | Promise<void>;

export interface Journal {
  /** Appends inside the caller's transaction; readers hear of it after `published`. */
  append(tx: StatementRunner, events: readonly JournalEvent[]): Promise<JournalEntry[]>;
  /** Tells the readers, after the commit, and empties the outbox behind them. */
  published(entries: readonly JournalEntry[]): void;
  /** What was committed but not yet told when the process ended. Call once at the start, after every `subscribe`. */
  replay(): Promise<number>;
  subscribe(reader: JournalReader): void;
  /** Waits until the outbox is empty. */
  close(): Promise<void>;
}

/**
 * Columns of an event as parallel arrays: the tail of any statement that writes rows and their journal together
 * (see `journalInsert`).
 */
export function journalColumns(events: readonly JournalEvent[]): unknown[] {
  return [
    events.map((event) => event.type),
    events.map((event) => event.interactionId ?? null),
    events.map((event) => event.clientId ?? null),
    events.map((event) => event.userId ?? null),
    events.map((event) => JSON.stringify(event.data ?? {})),
  ];
}

/**
 * The journal part of a larger statement: two common table expressions that append events and put them into the
 * outbox in the same transaction. `first` is the number of the first of the five parameters of `journalColumns`;
 * nothing is appended unless `condition` holds.
 */
export const journalInsert = (first: number, condition = 'true'): string => `
  appended AS (
    INSERT INTO journal (type, interaction_id, client_id, user_id, data)
    SELECT * FROM unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::bigint[], $${first + 3}::bigint[], $${first + 4}::jsonb[])
    WHERE ${condition}
    RETURNING seq
  ), posted AS (INSERT INTO outbox (seq) SELECT seq FROM appended)`;

/** Events with the sequence numbers that `appended` returned, in order. */
export function journalEntries(events: readonly JournalEvent[], seqs: readonly number[]): JournalEntry[] {
  return events.map((event, index) => ({ ...event, seq: seqs[index] ?? 0 }));
}

interface JournalRow {
  seq: string | number;
  type: string;
  interaction_id: InteractionId | null;
  client_id: string | null;
  user_id: string | null;
  data: Record<string, unknown>;
}

function entryOf(row: JournalRow): JournalEntry {
  return {
    seq: Number(row.seq),
    type: row.type,
    interactionId: row.interaction_id ?? undefined,
    clientId: row.client_id === null ? undefined : (Number(row.client_id) as ClientId),
    userId: row.user_id === null ? undefined : (Number(row.user_id) as UserId),
    data: row.data,
  };
}

const appendStatement = {
  name: 'journal_append',
  text: `WITH ${journalInsert(1)} SELECT seq FROM appended ORDER BY seq`,
};

/** Told events leave the outbox together, some milliseconds later: one statement for many calls. */
const sweepMs = 250;
/** Entries that are told beside each other at the start. */
const replayedAtOnce = 200;

export interface JournalOptions {
  readonly db: StatementRunner;
  readonly log: Log;
  /** Runs `fn` later; the clock's `after`. */
  readonly after: (ms: number, fn: () => void) => { cancel(): void };
}

/** The append-only journal with its outbox (see docs/adr/0003-journal-and-outbox.md). */
export function createJournal({ db, log, after }: JournalOptions): Journal {
  const readers: JournalReader[] = [];
  let told: number[] = [];
  let sweep: { cancel(): void } | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  /** All at once: a reader that is slow, or fails, keeps nothing from the others. */
  const tell = async (entry: JournalEntry): Promise<boolean> =>
    (await Promise.all(readers.map((reader) => tellOne(reader, entry)))).every((isTold) => isTold);

  async function tellOne(reader: JournalReader, entry: JournalEntry): Promise<boolean> {
    try {
      await reader(entry);
      return true;
    } catch (error) {
      log.error({ err: error, seq: entry.seq, type: entry.type }, 'journal reader failed');
      return false;
    }
  }

  function empty(): Promise<void> {
    sweep?.cancel();
    sweep = undefined;
    const seqs = told;
    told = [];
    if (seqs.length === 0) return sweeping;
    sweeping = sweeping
      .then(() =>
        db.run({ name: 'outbox_sweep', text: 'DELETE FROM outbox WHERE seq = ANY($1::bigint[])', values: [seqs] }),
      )
      .then(
        () => undefined,
        // The rows stay and are told again at the next start: at least once, never lost.
        (error: unknown) => log.warn({ err: error }, 'outbox sweep failed'),
      );
    return sweeping;
  }

  return {
    async append(tx, events) {
      if (events.length === 0) return [];
      const rows = await tx.run<{ seq: string | number }>({ ...appendStatement, values: journalColumns(events) });
      return journalEntries(
        events,
        rows.map((row) => Number(row.seq)),
      );
    },
    published(entries) {
      for (const entry of entries)
        void tell(entry).then((done) => {
          if (!done) return;
          told.push(entry.seq);
          sweep ??= after(sweepMs, () => void empty());
        });
    },
    async replay() {
      const rows = await db.run<JournalRow>({
        name: 'outbox_replay',
        text: `SELECT j.seq, j.type, j.interaction_id, j.client_id, j.user_id, j.data
               FROM outbox o JOIN journal j USING (seq) ORDER BY seq`,
        values: [],
      });
      const entries = rows.map(entryOf);
      // in groups, as they would have been told: readers that work in rounds take them together
      while (entries.length > 0)
        await Promise.all(
          entries.splice(0, replayedAtOnce).map(async (entry) => {
            if (await tell(entry)) told.push(entry.seq);
          }),
        );
      await empty();
      return rows.length;
    },
    subscribe: (reader) => void readers.push(reader),
    close: () => empty(),
  };
}

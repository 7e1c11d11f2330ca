import type { ImportPolicy } from '../../contract/client-imports.ts';
import type { ClientId } from '../../kernel/ids.ts';
import { isStale, keysOf, lookUp, readMatched, type StatementRunner, writeBatch } from './batch-store.ts';
import { type Decision, decide } from './decide.ts';
import { type Draft, type DraftOptions, draftOf } from './draft.ts';
import { importLimits } from './limits.ts';
import { type FileFormat, rowsOf } from './source.ts';

/** Everything about one import that its thread needs. */
export interface ImportJob {
  readonly id: number;
  /** Absolute path of the file. */
  readonly path: string;
  readonly format: FileFormat;
  readonly reading: DraftOptions;
  readonly onMatch: ImportPolicy;
  readonly userId: number;
  /** Rows dealt with before. */
  readonly doneRows: number;
  /** How long a batch may take, milliseconds. */
  readonly batchMs: number;
}

export interface RunEvents {
  /** After each batch. */
  onRows(doneRows: number): void;
  /** Cards of others that were changed, with their new versions. */
  onChanged(cards: readonly { id: number; version: number }[]): void;
  /** Milliseconds, for measuring batches. */
  now(): number;
}

/** The first rows that share no number or address with each other: what one statement can decide. */
function withoutRepeats(queue: readonly Draft[], most: number): Draft[] {
  const seen = new Set<string>();
  const batch: Draft[] = [];
  for (const draft of queue.slice(0, most)) {
    const keys = keysOf(draft);
    if (keys.some((key) => seen.has(key))) break;
    for (const key of keys) seen.add(key);
    batch.push(draft);
  }
  return batch;
}

async function decideBatch(db: StatementRunner, batch: readonly Draft[], onMatch: ImportPolicy): Promise<Decision[]> {
  const owners = await lookUp(db, batch);
  const cards = await readMatched(db, [...new Set(owners.values())]);
  // two rows of one batch may belong to one card by different numbers: the second waits for the next batch
  const taken = new Set<ClientId>();
  const decisions: Decision[] = [];
  for (const draft of batch) {
    const ids = new Set(keysOf(draft).flatMap((key) => owners.get(key) ?? []));
    if ([...ids].some((id) => taken.has(id))) break;
    for (const id of ids) taken.add(id);
    decisions.push(
      decide(
        draft,
        [...ids].flatMap((id) => cards.get(id) ?? []),
        onMatch,
      ),
    );
  }
  return decisions;
}

/**
 * Decides and writes rows from the head of the batch; null when the import was stopped.
 * @param meanwhile called while the database writes
 */
async function writeHead(
  db: StatementRunner,
  job: ImportJob,
  { from, batch, meanwhile }: { from: number; batch: readonly Draft[]; meanwhile: () => void },
): Promise<Decision[] | null> {
  for (let attempt = 1; ; attempt++) {
    const decisions = await decideBatch(db, batch, job.onMatch);
    const to = decisions.at(-1)?.row ?? from;
    try {
      const writing = writeBatch(db, { importId: job.id, userId: job.userId, from, to, decisions });
      meanwhile();
      return (await writing) ? decisions : null;
    } catch (error) {
      if (!isStale(error) || attempt === importLimits.attempts) throw error;
    }
  }
}

/** The next size: what would have taken `batchMs` at this pace, without jumping. */
function nextSize(size: number, rows: number, ms: number, batchMs: number): number {
  // a batch cut short by a repeat says little about full ones
  if (rows < size && ms < batchMs) return size;
  const ideal = (rows * batchMs) / Math.max(ms, 0.5);
  const next = Math.round(Math.min(ideal, size * 1.5));
  return Math.min(importLimits.largestBatch, Math.max(importLimits.smallestBatch, next));
}

/**
 * Imports a file from the row behind `doneRows` on, batch by batch; each is one short statement, so that calls never
 * wait long. Returns `finished`, or `stopped` when the import is no longer running.
 */
export async function runImport(
  db: StatementRunner,
  job: ImportJob,
  events: RunEvents,
): Promise<'finished' | 'stopped'> {
  const rows = rowsOf(job.path, job.format, job.doneRows);
  const queue: Draft[] = [];
  const fill = (wanted: number): void => {
    while (queue.length < wanted) {
      const next = rows.next();
      if (next.done) return;
      queue.push(draftOf(next.value.row, next.value.cells, job.reading));
    }
  };
  let done = job.doneRows;
  let size: number = importLimits.firstBatch;
  try {
    for (;;) {
      fill(size);
      if (queue.length === 0) return 'finished';
      const begun = events.now();
      const batch = withoutRepeats(queue, size);
      const ahead = batch.length + size;
      const decisions = await writeHead(db, job, { from: done, batch, meanwhile: () => fill(ahead) });
      if (!decisions) return 'stopped';
      queue.splice(0, decisions.length);
      done = decisions.at(-1)?.row ?? done;
      size = nextSize(size, decisions.length, events.now() - begun, job.batchMs);
      tell(decisions, done, events);
    }
  } finally {
    rows.return(undefined);
  }
}

function tell(decisions: readonly Decision[], done: number, events: RunEvents): void {
  events.onRows(done);
  const cards = decisions.flatMap(({ changed }) => (changed ? [{ id: changed.id, version: changed.version + 1 }] : []));
  if (cards.length > 0) events.onChanged(cards);
}

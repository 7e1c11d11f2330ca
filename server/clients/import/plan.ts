import { closeSync, openSync, writeSync } from 'node:fs';
import type { ImportCounts, ImportProblem } from '../../contract/client-imports.ts';
import { keysOf, lookUp, readMatched, type StatementRunner } from './batch-store.ts';
import { conflictOf, type Decision, decide, type MatchedCard } from './decide.ts';
import { type Draft, draftOf } from './draft.ts';
import { importLimits } from './limits.ts';
import { problemLine } from './report.ts';
import type { ImportJob } from './run.ts';
import { rowsOf, type SourceRow } from './source.ts';

export interface PlanResult {
  readonly totalRows: number;
  readonly counts: ImportCounts;
  readonly problems: ImportProblem[];
}

/** Who would have a key by now: a card (its id), or a row of the file that would make one (its number, negative). */
type Owners = Map<string, number>;

function decideRow(draft: Draft, owners: Owners, cards: ReadonlyMap<number, MatchedCard>, job: ImportJob): Decision {
  const ids = [...new Set(keysOf(draft).flatMap((key) => owners.get(key) ?? []))];
  const [first = 0] = ids;
  if (!draft.isValid || ids.length === 0) return decide(draft, [], job.onMatch);
  if (ids.length > 1)
    return conflictOf(
      draft,
      ids.map((id) => ({ id, name: cards.get(id)?.name ?? `row ${-id}` })),
    );
  const card = cards.get(first);
  if (card) return decide(draft, [card], job.onMatch);
  // an earlier row's card
  const outcome = job.onMatch === 'skip' ? 'skipped' : 'updated';
  return { row: draft.row, outcome, points: [], note: null, reasons: draft.reasons, cells: draft.cells };
}

/** Keys of a row belong from now on to the card that it would make or change. */
function remember(draft: Draft, { outcome }: Decision, owners: Owners): void {
  if (outcome !== 'created' && outcome !== 'updated') return;
  const keys = keysOf(draft);
  const owner = keys.map((key) => owners.get(key)).find((id) => id !== undefined) ?? -draft.row;
  for (const key of keys) owners.set(key, owner);
}

function* batchesOf(rows: Generator<SourceRow>): Generator<SourceRow[]> {
  let batch: SourceRow[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < importLimits.planBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Says what would become of each row, in the order of the file, and writes the problem rows to a file of their own.
 * Writes no card. Null when it was stopped.
 * @param problemsPath where the list of problems goes, CSV
 */
export async function planImport(
  db: StatementRunner,
  job: ImportJob,
  {
    problemsPath,
    language,
    isStopped,
    onRows,
  }: {
    problemsPath: string;
    language: 'ru' | 'en';
    isStopped(): boolean;
    onRows(done: number, bytesRead: number): void;
  },
): Promise<PlanResult | null> {
  const counts = { created: 0, updated: 0, skipped: 0, conflict: 0, invalid: 0, incomplete: 0 };
  const problems: ImportProblem[] = [];
  const inFile: Owners = new Map();
  let totalRows = 0;
  const file = openSync(problemsPath, 'w');
  try {
    for (const batch of batchesOf(rowsOf(job.path, job.format))) {
      if (isStopped()) return null;
      const drafts = batch.map(({ row, cells }) => draftOf(row, cells, job.reading));
      const found = await lookUp(db, drafts);
      for (const [key, id] of found) if (!inFile.has(key)) inFile.set(key, id);
      const cards = await readMatched(db, [...new Set(found.values())]);
      let lines = '';
      for (const draft of drafts) {
        const decision = decideRow(draft, inFile, cards, job);
        remember(draft, decision, inFile);
        const { row, outcome, reasons } = decision;
        counts[outcome]++;
        if (reasons.length === 0) continue;
        if (outcome !== 'conflict' && outcome !== 'invalid') counts.incomplete++;
        if (problems.length < importLimits.problems) problems.push({ row, outcome, reasons: [...reasons] });
        lines += problemLine({ row, outcome, reasons, cells: draft.cells }, language);
      }
      if (lines !== '') writeSync(file, lines);
      totalRows = batch.at(-1)?.row ?? totalRows;
      onRows(totalRows, batch.at(-1)?.bytesRead ?? 0);
    }
  } finally {
    closeSync(file);
  }
  return { totalRows, counts, problems };
}

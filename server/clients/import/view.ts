import type { Executor } from '../../../db/client.ts';
import type { ClientImport, ImportProblem } from '../../contract/client-imports.ts';
import { importLimits } from './limits.ts';
import { type ImportRow, readKept, readProblems } from './store.ts';

/** Pace of the work in hand, known to the process that does it. */
export interface Pace {
  readonly done: number;
  readonly total: number | null;
  readonly rowsPerSecond: number | null;
}

const dayMs = 86_400_000;
const hasBegun = ({ startedAt }: ImportRow): boolean => startedAt !== null;

/** Until when an import can be undone: not before it has ended, not after the limit. */
export function undoUntil(row: ImportRow): Date | null {
  const isOver = row.state === 'done' || row.state === 'cancelled' || row.state === 'failed';
  if (!isOver || !row.finishedAt || !hasBegun(row)) return null;
  return new Date(row.finishedAt.getTime() + importLimits.undoDays * dayMs);
}

function progressOf(row: ImportRow, pace: Pace | null): ClientImport['progress'] {
  const { state, created, updated, removed, restored, kept } = row;
  const undone = removed + restored + kept;
  const isUndo = state === 'undoing' || state === 'undone';
  const done = isUndo ? undone : (pace?.done ?? row.doneRows);
  const total = isUndo ? created + updated : (pace?.total ?? row.totalRows);
  const rowsPerSecond = pace?.rowsPerSecond ?? null;
  const etaSeconds = rowsPerSecond && total !== null ? Math.ceil(Math.max(0, total - done) / rowsPerSecond) : null;
  return { done, total, rowsPerSecond: rowsPerSecond && Math.round(rowsPerSecond), etaSeconds };
}

async function undoOf(db: Executor, row: ImportRow): Promise<ClientImport['undo']> {
  if (row.state !== 'undoing' && row.state !== 'undone') return null;
  const cards = await readKept(db, row.id, importLimits.problems);
  const { removed, restored, kept } = row;
  const keptCards = cards.map(({ id, name, reason }) => ({
    client: { id: id ?? 0, name: name ?? '' },
    reason: (reason ?? 'gone') as 'gone',
  }));
  return { removed, restored, kept, keptCards };
}

async function problemsOf(db: Executor, row: ImportRow): Promise<ImportProblem[]> {
  if (!hasBegun(row)) return row.plan?.problems ?? [];
  const problems = await readProblems(db, row.id, 0, importLimits.problems);
  return problems.map(({ row: number, outcome, reasons }) => ({ row: number, outcome, reasons: reasons ?? [] }));
}

/** An import as the browser gets it. */
export async function importView(db: Executor, row: ImportRow, pace: Pace | null): Promise<ClientImport> {
  const { id, state, fileName, bytes, size, encoding, delimiter, hasHeader, mapping, region, onMatch, error } = row;
  const { created, updated, skipped, conflict, invalid, incomplete } = row;
  return {
    id,
    state,
    fileName,
    bytes,
    size,
    encoding,
    delimiter,
    hasHeader,
    mapping,
    region,
    onMatch,
    createdBy: { id: row.createdBy, name: row.creator },
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    undoUntil: undoUntil(row)?.toISOString() ?? null,
    progress: progressOf(row, pace),
    plan: row.plan?.counts ?? null,
    result: { created, updated, skipped, conflict, invalid, incomplete },
    problems: await problemsOf(db, row),
    undo: await undoOf(db, row),
    error,
  };
}

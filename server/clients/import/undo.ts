import type { ClientId } from '../../kernel/ids.ts';
import { readCards } from '../card-rows.ts';
import type { StoredCard } from '../client.ts';
import { searchText } from '../search-text.ts';
import { keyOf, type StatementRunner } from './batch-store.ts';
import { importLimits } from './limits.ts';
import {
  keepRow,
  type RestoredRow,
  readWritten,
  removeCreated,
  restoreChanged,
  type WrittenRow,
} from './undo-store.ts';

export interface UndoEvents {
  onRows(count: number): void;
  onChanged(cards: readonly { id: number; version: number }[]): void;
}

/** The head of the rows in which no card occurs twice: what later rows did must be undone first. */
function withoutRepeats(rows: readonly WrittenRow[]): WrittenRow[] {
  const seen = new Set<ClientId>();
  const end = rows.findIndex(({ clientId }) => seen.size === seen.add(clientId).size);
  return end < 0 ? [...rows] : rows.slice(0, end);
}

/** The card as it was before the row, but for fields that somebody has changed since. */
function restoredRow(card: StoredCard, { row, change, noteId }: WrittenRow): RestoredRow {
  const { before = {}, after = {}, points = [], version: baseVersion = 0 } = change ?? {};
  const present: Record<string, unknown> = { ...card, responsibleId: card.responsible?.id ?? null };
  const fields = Object.keys(before);
  const isOurs = (field: string): boolean => JSON.stringify(present[field]) === JSON.stringify(after[field]);
  const back = Object.fromEntries(fields.filter(isOurs).map((field) => [field, before[field]]));
  const merged = { ...card, responsibleId: card.responsible?.id ?? null, ...back } as StoredCard & {
    responsibleId: number | null;
  };
  const added = new Set(points.map(keyOf));
  const contactPoints = card.contactPoints.filter((point) => !added.has(keyOf(point)));
  const { id, kind, name, company, position, responsibleId, stage, vip, source, tags, warning } = merged;
  const search = searchText({ name, company, position, contactPoints });
  const kept = fields.every(isOurs) ? null : 'field_changed_since';
  const same = { kind, name, company, position, responsibleId, stage, vip, source, tags, warning };
  return { row, id, version: card.version, ...same, search, noteId, baseVersion, kept };
}

async function restore(
  db: StatementRunner,
  job: UndoJob,
  rows: readonly WrittenRow[],
  events: UndoEvents,
): Promise<void> {
  let left = rows;
  for (let attempt = 1; left.length > 0; attempt++) {
    const cards = new Map(
      (
        await readCards(
          db,
          left.map(({ clientId }) => clientId),
        )
      ).map((card) => [card.id, card]),
    );
    for (const { row } of left.filter(({ clientId }) => !cards.has(clientId))) await keepRow(db, job.id, row, 'gone');
    left = left.filter(({ clientId }) => cards.has(clientId));
    const restored = left.flatMap((written) => {
      const card = cards.get(written.clientId);
      return card ? [restoredRow(card, written)] : [];
    });
    const points = left.flatMap(({ row, change }) => (change?.points ?? []).map((point) => ({ row, ...point })));
    const done = await restoreChanged(db, { importId: job.id, userId: job.userId, cards: restored, points });
    events.onChanged(done);
    const ids = new Set<number>(done.map(({ id }) => id));
    left = left.filter(({ clientId }) => !ids.has(clientId));
    if (attempt < importLimits.attempts) continue;
    for (const { row } of left) await keepRow(db, job.id, row, 'changed_since');
    return;
  }
}

async function remove(db: StatementRunner, job: UndoJob, rows: readonly number[]): Promise<boolean> {
  try {
    return await removeCreated(db, job.id, rows);
  } catch (error) {
    // 23503: something refers to one of the cards that this room knows nothing of
    if ((error as { code?: unknown }).code !== '23503') throw error;
  }
  for (const row of rows)
    await removeCreated(db, job.id, [row]).catch(async (error) => {
      if (error.code !== '23503') throw error;
      await keepRow(db, job.id, row, 'in_use');
    });
  return true;
}

export interface UndoJob {
  readonly id: number;
  readonly userId: number;
  readonly batchMs: number;
}

/**
 * Takes back what an import did, the last row first. What it cannot is marked with the reason and counted. May be
 * begun again after a crash.
 */
export async function undoImport(
  db: StatementRunner,
  job: UndoJob,
  events: UndoEvents,
  now: () => number,
): Promise<void> {
  let below = 2 ** 31 - 1;
  let size: number = importLimits.firstBatch;
  for (;;) {
    const rows = withoutRepeats(await readWritten(db, job.id, below, size));
    const last = rows.at(-1);
    if (!last) return;
    const begun = now();
    const created = rows.filter(({ outcome }) => outcome === 'created').map(({ row }) => row);
    if (created.length > 0 && !(await remove(db, job, created))) return;
    const changed = rows.filter(({ outcome }) => outcome === 'updated');
    if (changed.length > 0) await restore(db, job, changed, events);
    below = last.row;
    const ideal = (rows.length * job.batchMs) / Math.max(now() - begun, 0.5);
    size = Math.round(
      Math.min(importLimits.largestBatch, Math.max(importLimits.smallestBatch, Math.min(ideal, size * 1.5))),
    );
    events.onRows(rows.length);
  }
}

import type { ClientId } from '../../kernel/ids.ts';
import type { StatementRunner } from './batch-store.ts';

export interface WrittenRow {
  readonly row: number;
  readonly outcome: 'created' | 'updated';
  readonly clientId: ClientId;
  readonly version: number;
  readonly noteId: string | null;
  readonly change: {
    readonly before: Record<string, unknown>;
    readonly after: Record<string, unknown>;
    readonly points: readonly { kind: string; value: string; extension: string }[];
    readonly version: number;
  } | null;
}

/** Rows that made or changed a card and were not taken back yet, last first. */
export async function readWritten(
  db: StatementRunner,
  importId: number,
  below: number,
  limit: number,
): Promise<WrittenRow[]> {
  return db.run<WrittenRow>({
    name: 'import_written',
    text: `SELECT "row", outcome, client_id AS "clientId", version, note_id AS "noteId", change
           FROM client_import_rows
           WHERE import_id = $1 AND "row" < $2 AND outcome IN ('created', 'updated') AND kept IS NULL
           ORDER BY "row" DESC LIMIT $3`,
    values: [importId, below, limit],
  });
}

/** A card that stands as the import made it and that nothing else hangs on goes; the rest stays, with the reason. */
const removeText = `
  WITH undoing AS (
    SELECT id FROM client_imports WHERE id = $1 AND state = 'undoing'
  ), seen AS MATERIALIZED (
    SELECT r."row", r.client_id, r.note_id, CASE
        WHEN c.id IS NULL THEN 'gone'
        WHEN c.version <> r.version THEN 'changed_since'
        WHEN EXISTS (SELECT FROM timeline_entries t WHERE t.client_id = c.id AND t.id IS DISTINCT FROM r.note_id)
          OR EXISTS (SELECT FROM timeline_comments m WHERE m.entry_id = r.note_id)
          OR EXISTS (SELECT FROM interactions i WHERE i.client_id = c.id)
          OR EXISTS (SELECT FROM clients o WHERE o.merged_into_id = c.id) THEN 'in_use'
      END AS kept
    FROM undoing, client_import_rows r LEFT JOIN clients c ON c.id = r.client_id
    WHERE r.import_id = $1 AND r."row" = ANY($2::int[])
  ), notes AS (
    DELETE FROM timeline_entries WHERE id IN (SELECT note_id FROM seen WHERE kept IS NULL)
  ), removed AS (
    DELETE FROM clients WHERE id IN (SELECT client_id FROM seen WHERE kept IS NULL) RETURNING id
  ), dropped AS (
    DELETE FROM client_import_rows WHERE import_id = $1 AND "row" IN (SELECT "row" FROM seen WHERE kept IS NULL)
  ), marked AS (
    UPDATE client_import_rows r SET kept = s.kept FROM seen s
    WHERE r.import_id = $1 AND r."row" = s."row" AND s.kept IS NOT NULL
  ), counted AS (
    UPDATE client_imports SET removed = client_imports.removed + (SELECT count(*) FROM removed),
      kept = client_imports.kept + (SELECT count(*) FROM seen WHERE seen.kept IS NOT NULL)
    WHERE id = $1
  )
  SELECT id FROM undoing`;

/** Removes the cards that these rows made. False when nobody is undoing any more. @throws the database's error */
export async function removeCreated(db: StatementRunner, importId: number, rows: readonly number[]): Promise<boolean> {
  const found = await db.run({ name: 'import_remove', text: removeText, values: [importId, rows] });
  return found.length > 0;
}

/** Something that this room knows nothing of hangs on the card. */
export async function keepRow(db: StatementRunner, importId: number, row: number, reason: string): Promise<void> {
  await db.run({
    name: 'import_keep',
    text: `WITH marked AS (UPDATE client_import_rows SET kept = $3 WHERE import_id = $1 AND "row" = $2 RETURNING 1)
           UPDATE client_imports SET kept = kept + (SELECT count(*) FROM marked) WHERE id = $1`,
    values: [importId, row, reason],
  });
}

/** A card as the undo leaves it. */
export interface RestoredRow {
  readonly row: number;
  readonly id: number;
  readonly version: number;
  readonly kind: string;
  readonly name: string;
  readonly company: string;
  readonly position: string;
  readonly responsibleId: number | null;
  readonly stage: string;
  readonly vip: boolean;
  readonly source: string;
  readonly tags: readonly string[];
  readonly warning: string;
  readonly search: string;
  readonly noteId: string | null;
  readonly baseVersion: number;
  /** Why some of it was left; null = all is as it was before. */
  readonly kept: string | null;
}

/**
 * Fields, contact points and notes go back. A card that was as this row left it counts, for the rows of this import
 * before it, as one that this row never touched.
 */
const restoreText = `
  WITH undoing AS (
    SELECT id FROM client_imports WHERE id = $1 AND state = 'undoing'
  ), wanted AS MATERIALIZED (
    SELECT d.*
    FROM undoing, json_to_recordset($2::json) AS d("row" int, id bigint, version int, kind text, name text,
      company text, position text, "responsibleId" bigint, stage text, vip boolean, source text, tags text[],
      warning text, search text, "noteId" text, "baseVersion" int, kept text)
  ), restored AS (
    UPDATE clients c SET kind = w.kind, name = w.name, company = w.company, position = w.position,
      responsible_id = w."responsibleId", stage = w.stage, vip = w.vip, source = w.source, tags = w.tags,
      warning = w.warning, version = c.version + 1, updated_at = now()
    FROM wanted w WHERE c.id = w.id AND c.version = w.version
    RETURNING w."row", c.id, c.version, w.version AS old, w."baseVersion" AS base, w.kept, w."noteId", w.search
  ), found AS (
    UPDATE client_search s SET text = r.search FROM restored r WHERE s.client_id = r.id
  ), points AS (
    DELETE FROM contact_points p
    USING json_to_recordset($3::json) AS d("row" int, kind text, value text, extension text), restored r
    WHERE r."row" = d."row" AND p.client_id = r.id AND p.kind = d.kind AND p.value = d.value AND p.extension = d.extension
    RETURNING p.id, p.client_id, p.kind, p.value
  ), ledger AS (
    INSERT INTO identity_ledger (client_id, contact_point_id, action, evidence, user_id)
    SELECT client_id, id, 'removed', kind || ' ' || value || ': import ' || $1 || ' undone', $4::bigint FROM points
  ), notes AS (
    DELETE FROM timeline_entries t WHERE t.id IN (SELECT "noteId" FROM restored)
      AND NOT EXISTS (SELECT FROM timeline_comments m WHERE m.entry_id = t.id)
  ), earlier AS (
    UPDATE client_import_rows e SET version = r.version
    FROM restored r JOIN client_import_rows u ON u.import_id = $1 AND u."row" = r."row"
    WHERE e.import_id = $1 AND e.client_id = r.id AND e."row" < r."row" AND e.version = r.base AND u.version = r.old
  ), dropped AS (
    DELETE FROM client_import_rows WHERE import_id = $1 AND "row" IN (SELECT "row" FROM restored WHERE kept IS NULL)
  ), marked AS (
    UPDATE client_import_rows i SET kept = r.kept FROM restored r
    WHERE i.import_id = $1 AND i."row" = r."row" AND r.kept IS NOT NULL
  ), counted AS (
    UPDATE client_imports SET restored = client_imports.restored + (SELECT count(*) FROM restored r WHERE r.kept IS NULL),
      kept = client_imports.kept + (SELECT count(*) FROM restored r WHERE r.kept IS NOT NULL)
    WHERE id = $1
  )
  SELECT id, version FROM restored`;

/** Puts changed cards back. Answers those that were: one that was changed meanwhile is not, and is to be read again. */
export async function restoreChanged(
  db: StatementRunner,
  undo: { importId: number; userId: number; cards: readonly RestoredRow[]; points: readonly object[] },
): Promise<{ id: number; version: number }[]> {
  return db.run<{ id: number; version: number }>({
    name: 'import_restore',
    text: restoreText,
    values: [undo.importId, JSON.stringify(undo.cards), JSON.stringify(undo.points), undo.userId],
  });
}

import type { Statement } from '../../../db/client.ts';
import type { ClientId } from '../../kernel/ids.ts';
import { readCards } from '../card-rows.ts';
import type { Decision, MatchedCard } from './decide.ts';
import type { Draft } from './draft.ts';

/** What the thread of an import has of the database: statements, each its own transaction. */
export interface StatementRunner {
  run<Row>(statement: Statement): Promise<Row[]>;
}

/** A number or address as the unique constraint of contact points sees it. */
export const keyOf = (point: { kind: string; value: string; extension: string }): string =>
  `${point.kind} ${point.value} ${point.extension}`;

/** Every key under which a card may hold an address of the row. */
export const keysOf = (draft: Draft): string[] =>
  draft.points.flatMap((point) => [point.value, ...point.alternates].map((value) => keyOf({ ...point, value })));

/** One key at a time down the index, however many cards there are and whatever the planner knows of them. */
const lookUpText = `
  SELECT k.n, p.client_id
  FROM json_to_recordset($1::json) AS k(n int, kind text, value text, extension text)
  CROSS JOIN LATERAL (
    SELECT client_id FROM contact_points p WHERE p.kind = k.kind AND p.value = k.value AND p.extension = k.extension LIMIT 1
  ) p`;

/** The card of each key that has one. */
export async function lookUp(db: StatementRunner, drafts: readonly Draft[]): Promise<Map<string, ClientId>> {
  const keys = drafts.flatMap((draft) =>
    draft.points.flatMap(({ kind, value, alternates, extension }) =>
      [value, ...alternates].map((candidate) => ({ kind, value: candidate, extension })),
    ),
  );
  if (keys.length === 0) return new Map();
  const rows = await db.run<{ n: number; client_id: ClientId }>({
    name: 'import_look_up',
    text: lookUpText,
    values: [JSON.stringify(keys.map((key, n) => ({ n, ...key })))],
  });
  const owners = new Map<string, ClientId>();
  for (const { n, client_id } of rows) {
    const key = keys[n];
    if (key) owners.set(keyOf(key), client_id);
  }
  return owners;
}

/** Cards by id, with the comments that imports left on them. */
export async function readMatched(db: StatementRunner, ids: readonly ClientId[]): Promise<Map<ClientId, MatchedCard>> {
  if (ids.length === 0) return new Map();
  const notes = await db.run<{ client_id: ClientId; note: string }>({
    name: 'import_notes',
    text: `SELECT client_id, note FROM timeline_entries
           WHERE client_id = ANY($1::bigint[]) AND kind = 'note' AND data ? 'importId'`,
    values: [ids],
  });
  const cards = await readCards(db, ids);
  return new Map(
    cards.map((card) => {
      const importedNotes = notes.filter(({ client_id }) => client_id === card.id).map(({ note }) => note);
      return [card.id, { ...card, importedNotes }];
    }),
  );
}

/**
 * One batch in one statement: the cursor moves and everything is written, or nothing is. The cursor is the guard
 * against a second writer and a cancel; the unique constraint of contact points against a number that came meanwhile;
 * the check on `client_import_rows` against a card that was changed meanwhile.
 */
const writeText = `
  WITH moved AS (
    UPDATE client_imports SET done_rows = $3, created = created + $9, updated = updated + $10, skipped = skipped + $11,
      conflict = conflict + $12, invalid = invalid + $13, incomplete = incomplete + $14
    WHERE id = $1 AND state = 'running' AND done_rows = $2 RETURNING id
  ), made AS MATERIALIZED (
    SELECT nextval('clients_id_seq') AS id, d.*
    FROM moved, json_to_recordset($4::json) AS d("row" int, kind text, name text, company text, position text,
      "responsibleId" bigint, stage text, vip boolean, source text, tags text[], warning text, search text,
      "noteId" text, note text, reasons jsonb, cells jsonb)
  ), cards AS (
    INSERT INTO clients (id, kind, name, company, position, responsible_id, stage, vip, source, tags, warning)
    SELECT id, kind, name, company, position, "responsibleId", stage, vip, source, tags, warning FROM made
  ), wanted AS MATERIALIZED (
    SELECT d.*
    FROM moved, json_to_recordset($5::json) AS d("row" int, id bigint, version int, kind text, name text, company text,
      position text, "responsibleId" bigint, stage text, vip boolean, source text, tags text[], warning text,
      search text, "noteId" text, note text, reasons jsonb, cells jsonb, change jsonb)
  ), changed AS (
    UPDATE clients c SET kind = w.kind, name = w.name, company = w.company, position = w.position,
      responsible_id = w."responsibleId", stage = w.stage, vip = w.vip, source = w.source, tags = w.tags,
      warning = w.warning, version = c.version + 1, updated_at = now()
    FROM wanted w WHERE c.id = w.id AND c.version = w.version RETURNING c.id, c.version
  ), found AS (
    UPDATE client_search s SET text = w.search FROM wanted w WHERE s.client_id = w.id AND s.text <> w.search
  ), searchable AS (
    INSERT INTO client_search (client_id, text) SELECT id, search FROM made
  ), points AS MATERIALIZED (
    SELECT nextval('contact_points_id_seq') AS id, p.*
    FROM (
      SELECT t.client_id, d.*
      FROM json_to_recordset($6::json) AS d(n int, "row" int, kind text, value text, raw text, extension text,
        "isPrimary" boolean, evidence text)
      JOIN (SELECT "row", id AS client_id FROM made UNION ALL SELECT "row", id FROM wanted) t USING ("row")
      ORDER BY n
    ) p
  ), held AS (
    INSERT INTO contact_points (id, client_id, kind, value, raw, extension, is_primary)
    SELECT id, client_id, kind, value, raw, extension, "isPrimary" FROM points
  ), ledger AS (
    INSERT INTO identity_ledger (client_id, contact_point_id, action, evidence, user_id)
    SELECT client_id, id, 'added', kind || ' ' || value || ': ' || evidence || '; import ' || $1 || ', row ' || "row", $8::bigint
    FROM points
  ), noted AS (
    INSERT INTO timeline_entries (id, client_id, at, kind, direction, status, user_id, note, data)
    SELECT n."noteId", n.id, now(), 'note', 'out', 'done', $8::bigint, n.note, jsonb_build_object('importId', $1::bigint)
    FROM (SELECT "noteId", id, note FROM made UNION ALL SELECT "noteId", id, note FROM wanted) n
    WHERE n."noteId" IS NOT NULL
  ), kept AS (
    INSERT INTO client_import_rows (import_id, "row", outcome, client_id, version, note_id, change, reasons, cells)
    SELECT $1::bigint, "row", 'created', id, 1, "noteId", NULL::jsonb, reasons, cells FROM made
    UNION ALL
    SELECT $1::bigint, w."row", 'updated', w.id, c.version, w."noteId", w.change, w.reasons, w.cells
    FROM wanted w LEFT JOIN changed c ON c.id = w.id
    UNION ALL
    SELECT $1::bigint, p."row", p.outcome, NULL, NULL, NULL, NULL, p.reasons, p.cells
    FROM moved, json_to_recordset($7::json) AS p("row" int, outcome text, reasons jsonb, cells jsonb)
  )
  SELECT id FROM moved`;

/** Rows with reasons keep them, with their cells, for the list of problems. */
const problemColumns = ({ reasons, cells }: Decision) =>
  reasons.length > 0 ? { reasons, cells } : { reasons: null, cells: null };

const noteColumns = ({ note }: Decision) => ({ noteId: note?.id ?? null, note: note?.text ?? null });

const isIncomplete = ({ outcome, reasons }: Decision): boolean =>
  reasons.length > 0 && (outcome === 'created' || outcome === 'updated' || outcome === 'skipped');

/** How many rows came to what. */
export function countOutcomes(decisions: readonly Decision[]) {
  const count = (wanted: Decision['outcome']) => decisions.filter(({ outcome }) => outcome === wanted).length;
  return {
    created: count('created'),
    updated: count('updated'),
    skipped: count('skipped'),
    conflict: count('conflict'),
    invalid: count('invalid'),
    incomplete: decisions.filter(isIncomplete).length,
  };
}

/**
 * Writes a batch. False when the import is not running any more, or somebody else has written these rows.
 * @throws the database's error; see `isStale`
 */
export async function writeBatch(
  db: StatementRunner,
  batch: { importId: number; userId: number; from: number; to: number; decisions: readonly Decision[] },
): Promise<boolean> {
  const { importId, userId, from, to, decisions } = batch;
  const cardRow = (decision: Decision, card: object) => ({
    ...card,
    ...noteColumns(decision),
    ...problemColumns(decision),
  });
  const made = decisions.flatMap((one) => (one.made ? [cardRow(one, one.made)] : []));
  const changed = decisions.flatMap((one) => (one.changed ? [cardRow(one, one.changed)] : []));
  const problems = decisions
    .filter(({ made, changed, reasons }) => !made && !changed && reasons.length > 0)
    .map(({ row, outcome, reasons, cells }) => ({ row, outcome, reasons, cells }));
  const points = decisions.flatMap((one) => one.points).map((point, n) => ({ n, ...point }));
  const json = [made, changed, points, problems].map((rows) => JSON.stringify(rows));
  const counts = countOutcomes(decisions);
  const { created, updated, skipped, conflict, invalid, incomplete } = counts;
  const values = [importId, from, to, ...json, userId, created, updated, skipped, conflict, invalid, incomplete];
  const rows = await db.run<{ id: number }>({ name: 'import_write', text: writeText, values });
  return rows.length > 0;
}

/** Whether a batch failed because a card or a number changed between reading and writing: unique and check violations, deadlocks. */
export function isStale(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === '23505' || code === '23514' || code === '40P01' || code === '40001';
}

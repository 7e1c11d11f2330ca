import type { ImportOutcome, ImportPolicy } from '../../contract/client-imports.ts';
import { uuidv7 } from '../../kernel/ids.ts';
import type { CardFields, StoredCard } from '../client.ts';
import { formatPhone } from '../phone-number.ts';
import { searchText } from '../search-text.ts';
import type { Draft, DraftPoint, Reason } from './draft.ts';

/** A new card as the writing statement takes it. */
export interface NewCardRow {
  readonly row: number;
  readonly kind: StoredCard['kind'];
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
}

/** A changed card: every field as it shall be, guarded by the version it was read with. */
export interface ChangedCardRow extends NewCardRow {
  readonly id: number;
  readonly version: number;
  /** For the undo. */
  readonly change: {
    readonly before: Record<string, unknown>;
    readonly after: Record<string, unknown>;
    readonly points: readonly { kind: string; value: string; extension: string }[];
    /** Version that it was made on. */
    readonly version: number;
  };
}

/** A card that has a number or e-mail of a row, with the comments that imports left on it. */
export interface MatchedCard extends StoredCard {
  readonly importedNotes: readonly string[];
}

export interface PointRow extends Pick<DraftPoint, 'kind' | 'value' | 'raw' | 'extension' | 'evidence'> {
  readonly row: number;
  readonly isPrimary: boolean;
}

/** What shall become of one row. */
export interface Decision {
  readonly row: number;
  readonly outcome: ImportOutcome;
  readonly made?: NewCardRow;
  readonly changed?: ChangedCardRow;
  readonly points: readonly PointRow[];
  readonly note: { readonly id: string; readonly text: string } | null;
  readonly reasons: readonly Reason[];
  readonly cells: readonly string[];
}

const none = { points: [], note: null } as const;

/** Rows go to the list of problems with their cells, the rest without. */
const problemOf = ({ row, reasons, cells }: Draft) => ({ row, reasons, cells: reasons.length > 0 ? cells : [] });

const noteOf = (comment: string) => (comment === '' ? null : { id: uuidv7(), text: comment });

function nameOf(draft: Draft): string {
  const [first] = draft.points;
  return draft.fields.name ?? (first?.kind === 'phone' ? formatPhone(first.value) : (first?.value ?? ''));
}

/** Points with the first of each kind as the primary one, unless the card has one of the kind. */
function pointRows(row: number, points: readonly DraftPoint[], has: readonly { kind: string }[]): PointRow[] {
  const kinds = new Set(has.map(({ kind }) => kind));
  return points.map(({ kind, value, raw, extension, evidence }) => {
    const isPrimary = !kinds.has(kind);
    kinds.add(kind);
    return { row, kind, value, raw, extension, evidence, isPrimary };
  });
}

function newCard(draft: Draft): Decision {
  const { row, fields, points, comment } = draft;
  const { kind = 'person', company = '', position = '', responsibleId = null, stage = 'lead' } = fields;
  const { vip = false, source = 'import', tags = [], warning = '' } = fields;
  const name = nameOf(draft);
  const search = searchText({ name, company, position, contactPoints: points });
  // like a card that a call made: somebody has yet to give it a name
  const card = { row, kind: draft.isNameless ? ('unknown' as const) : kind, name, company, position, responsibleId };
  return {
    ...problemOf(draft),
    outcome: 'created',
    made: { ...card, stage, vip, source, tags, warning, search },
    points: pointRows(row, points, []),
    note: noteOf(comment),
  };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0);

/** Fields that the policy changes. A card that a call made has no name yet: the row gives it one. */
function changesOf(card: StoredCard, fields: CardFields, onMatch: ImportPolicy): CardFields {
  const present: Record<string, unknown> = { ...card, responsibleId: card.responsible?.id ?? null };
  const wanted = Object.entries(fields).filter(([field, value]) => {
    if (JSON.stringify(present[field]) === JSON.stringify(value)) return false;
    if (field === 'name' || field === 'kind') return onMatch === 'overwrite' || card.kind === 'unknown';
    return onMatch === 'overwrite' || isEmpty(present[field]);
  });
  const changes: CardFields = Object.fromEntries(wanted);
  if (changes.name !== undefined && card.kind === 'unknown') changes.kind = fields.kind ?? 'person';
  return changes;
}

function changedCard(draft: Draft, card: MatchedCard, onMatch: ImportPolicy): Decision {
  const { row, points } = draft;
  const set = changesOf(card, draft.fields, onMatch);
  const holds = (point: DraftPoint): boolean =>
    card.contactPoints.some(
      ({ kind, value, extension }) =>
        kind === point.kind && extension === point.extension && [point.value, ...point.alternates].includes(value),
    );
  const added = points.filter((point) => !holds(point));
  // the same file again says nothing new
  const note = card.importedNotes.includes(draft.comment) ? null : noteOf(draft.comment);
  if (Object.keys(set).length === 0 && added.length === 0 && note === null)
    return { ...problemOf(draft), ...none, outcome: 'skipped' };
  const present: Record<string, unknown> = { ...card, responsibleId: card.responsible?.id ?? null };
  const { kind, name, company, position, stage, vip, source, tags, warning } = { ...card, ...set };
  const responsibleId = set.responsibleId === undefined ? (card.responsible?.id ?? null) : set.responsibleId;
  const search = searchText({ name, company, position, contactPoints: [...card.contactPoints, ...added] });
  const change = {
    before: Object.fromEntries(Object.keys(set).map((field) => [field, present[field]])),
    after: { ...set } as Record<string, unknown>,
    points: added.map((point) => ({ kind: point.kind, value: point.value, extension: point.extension })),
    version: card.version,
  };
  const fields = { kind, name, company, position, responsibleId, stage, vip, source, tags, warning, search };
  return {
    ...problemOf(draft),
    outcome: 'updated',
    changed: { row, id: card.id, version: card.version, ...fields, change },
    points: pointRows(row, added, card.contactPoints),
    note,
  };
}

/** A row that would make one of several cards; a negative id is a row of the file. */
export function conflictOf(draft: Draft, cards: readonly { id: number; name: string }[]): Decision {
  const text = cards.map(({ id, name }) => (id < 0 ? name : `${name} (${id})`)).join(', ');
  const reasons = [{ code: 'two_cards' as const, text }, ...draft.reasons];
  return { ...none, row: draft.row, outcome: 'conflict', reasons, cells: draft.cells };
}

/**
 * What becomes of a row, given the cards that have one of its numbers or e-mails. Pure but for the ids of notes.
 */
export function decide(draft: Draft, owners: readonly MatchedCard[], onMatch: ImportPolicy): Decision {
  if (!draft.isValid) return { ...problemOf(draft), ...none, outcome: 'invalid' };
  const [card, other] = owners;
  if (card && other) return conflictOf(draft, owners);
  if (!card) return newCard(draft);
  return onMatch === 'skip' ? { ...problemOf(draft), ...none, outcome: 'skipped' } : changedCard(draft, card, onMatch);
}

import type { ClientCard, ClientChange } from '../../server/contract/schemas.ts';

/** The part of a change without its version: what a person did on the card. */
export type CardEdit = Omit<ClientChange, 'version'>;

/** The value that an edit would replace, in the words of the change. */
function presentValue(card: ClientCard, field: keyof CardEdit): unknown {
  return field === 'responsibleId' ? (card.responsible?.id ?? null) : card[field];
}

/**
 * Whether an edit made on `base` may be repeated on `latest`: true when nobody else changed the same fields. Edits of
 * different fields by two people do not disturb each other.
 */
export function canRebase(edit: CardEdit, base: ClientCard, latest: ClientCard): boolean {
  const fields = Object.keys(edit) as (keyof CardEdit)[];
  return fields.every(
    (field) => JSON.stringify(presentValue(base, field)) === JSON.stringify(presentValue(latest, field)),
  );
}

/** What one asks a new caller. */
export interface CallerFields {
  readonly name: string;
  readonly company: string;
  readonly source: string;
}

/** What the fields change on the card; undefined when nothing. A name or a company makes the caller known. Pure. */
export function unknownCallerEdit(card: ClientCard, fields: CallerFields): CardEdit | undefined {
  const name = fields.name.trim();
  const company = fields.company.trim();
  const source = fields.source.trim();
  const edit: CardEdit = {
    ...(name !== '' && name !== card.name ? { name } : {}),
    ...(company !== card.company ? { company } : {}),
    ...(source !== card.source ? { source } : {}),
  };
  if (Object.keys(edit).length === 0) return undefined;
  return card.kind === 'unknown' && name !== '' ? { ...edit, kind: 'person' } : edit;
}

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

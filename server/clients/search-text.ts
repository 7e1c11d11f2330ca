/** What of a card can be found by typing. */
export interface SearchableCard {
  readonly name: string;
  readonly company: string;
  readonly position: string;
  readonly contactPoints: readonly { readonly kind: 'phone' | 'email'; readonly value: string }[];
}

/** Cannot occur inside a field (fields are folded to one line), so a hit never spans two of them. */
const separator = '\n';

/**
 * The text of `client_search` for one card: name, company, position, every phone as digits only and every e-mail,
 * lower case, one a line, empty ones left out. Queries are lower-cased the same way and matched by LIKE.
 */
export function searchText(card: SearchableCard): string {
  const addresses = card.contactPoints.map(({ kind, value }) => (kind === 'phone' ? value.replace(/\D/g, '') : value));
  return [card.name, card.company, card.position, ...addresses]
    .map((field) => field.replace(/\s+/g, ' ').trim().toLowerCase())
    .filter((field) => field !== '')
    .join(separator);
}

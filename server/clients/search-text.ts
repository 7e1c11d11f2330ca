/** What of a card can be found by typing. */
export interface SearchableCard {
  readonly name: string;
  readonly company: string;
  readonly position: string;
  readonly contactPoints: readonly { readonly kind: 'phone' | 'email'; readonly value: string }[];
}

/** Letters that people type one for the other are one: case, and the Russian ё written as е. Texts and queries alike. */
export const foldCase = (text: string): string => text.toLowerCase().replaceAll('ё', 'е');

/** Cannot occur inside a field (fields are folded to one line), so a hit never spans two of them. */
const separator = '\n';

/**
 * The text of `client_search` for one card: name, company, position, every phone as digits only and every e-mail,
 * lower case, ё as е, one a line, empty ones left out. Queries are folded the same way and matched by LIKE.
 */
export function searchText(card: SearchableCard): string {
  const addresses = card.contactPoints.map(({ kind, value }) => (kind === 'phone' ? value.replace(/\D/g, '') : value));
  return [card.name, card.company, card.position, ...addresses]
    .map((field) => foldCase(field.replace(/\s+/g, ' ').trim()))
    .filter((field) => field !== '')
    .join(separator);
}

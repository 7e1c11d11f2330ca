import type { ClientListItem } from '../../server/contract/schemas.ts';
import type { RecentCard } from '../state/own-settings.ts';
import { isDialable } from './names.ts';

/** One line of the palette. */
export type SearchItem =
  | { readonly type: 'call'; readonly key: string; readonly number: string }
  | { readonly type: 'client'; readonly key: string; readonly client: ClientListItem }
  | { readonly type: 'recent'; readonly key: string; readonly card: RecentCard }
  | { readonly type: 'create'; readonly key: string; readonly name: string }
  | { readonly type: 'command'; readonly key: string; readonly command: SearchCommand };

export interface SearchCommand {
  readonly id: string;
  readonly text: string;
  readonly run: () => void;
}

export interface SearchInput {
  readonly query: string;
  /** undefined while the server is being asked. */
  readonly clients: readonly ClientListItem[] | undefined;
  readonly recent: readonly RecentCard[];
  readonly commands: readonly SearchCommand[];
}

/** Shorter names are typing, not a wish for a card. */
const MIN_NAME = 3;

/** The lines for what is typed: a number to dial first, then people, then commands by name. Pure. */
export function searchItems({ query, clients, recent, commands }: SearchInput): SearchItem[] {
  const text = query.trim();
  if (text === '') return recent.map((card) => ({ type: 'recent', key: `recent-${card.id}`, card }));
  const words = text.toLowerCase();
  const items: SearchItem[] = [];
  if (isDialable(text)) items.push({ type: 'call', key: 'call', number: text });
  for (const client of clients ?? []) items.push({ type: 'client', key: `client-${client.id}`, client });
  for (const command of commands) {
    if (command.text.toLowerCase().includes(words)) items.push({ type: 'command', key: command.id, command });
  }
  if (clients?.length === 0 && text.length >= MIN_NAME && !isDialable(text)) {
    items.push({ type: 'create', key: 'create', name: text });
  }
  return items;
}

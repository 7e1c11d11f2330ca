import type { Database } from '../../db/client.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import type { ClientCard, ClientListItem } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ClientId, InteractionId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import { type ClientChanges, createClientChanges } from './change.ts';
import { canSee, cardView, noCard, type StoredCard } from './client.ts';
import { type Matched, type MatchOptions, matchOrCreateByPhone } from './match.ts';
import type { ParsedNumber } from './phone-number.ts';
import { clientRoutes } from './routes.ts';
import { otherLayout, searchQuery } from './search-query.ts';
import { findCards, latestCards } from './search-store.ts';
import { readCard } from './store.ts';

export interface ClientsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  /** Whose habits decide how people write numbers, ISO 3166-1. Default: Russia. */
  readonly region?: string;
  /** Called after the commit of every change and creation by a person, for pushes. */
  readonly onChanged?: (clientId: ClientId, version: number) => void;
  /** Called after the commit when interactions, live ones among them, went over to another card. */
  readonly onMoved?: (move: { readonly interactionIds: readonly InteractionId[]; readonly to: ClientId }) => void;
}

/** Client cards: the base, matching of callers, search. */
export interface Clients extends ClientChanges {
  /** The card of a caller, found or made; see match.ts. */
  matchOrCreateByPhone(parsed: ParsedNumber, options: MatchOptions): Promise<Matched>;
  /** A card as the browser gets it, in one round trip. @throws AppError `not_found` */
  card(id: ClientId): Promise<ClientCard>;
  /** Whether this user may see this card. @throws AppError `not_found` when not, or when there is none */
  requireVisible(id: ClientId, user: SignedInUser): Promise<StoredCard>;
  /** By any fragment; nothing typed = the cards changed last. */
  search(typed: string, limit: number): Promise<ClientListItem[]>;
  readonly routes: Routes;
}

/** Wires the noun. Holds no resources of its own. */
export function createClients(options: ClientsOptions): Clients {
  const { db, clock, journal, region = 'RU', onChanged = () => {}, onMoved = () => {} } = options;
  const find = async (typed: string, limit: number): Promise<ClientListItem[]> => {
    const query = searchQuery(typed, region);
    return query ? findCards(db, query, limit) : [];
  };
  const search = async (typed: string, limit: number): Promise<ClientListItem[]> => {
    if (typed.trim() === '') return latestCards(db, limit);
    const found = await find(typed, limit);
    const other = otherLayout(typed);
    return found.length > 0 || other === typed.toLowerCase() ? found : find(other, limit);
  };
  const present = async (id: ClientId): Promise<StoredCard> => {
    const card = await readCard(db, id);
    if (!card) throw noCard(id);
    return card;
  };
  const requireVisible = async (id: ClientId, user: SignedInUser): Promise<StoredCard> => {
    const card = await present(id);
    if (!canSee(user, card)) throw noCard(id);
    return card;
  };
  const changes = createClientChanges({ db, clock, journal, region, onChanged, onMoved });
  return {
    ...changes,
    matchOrCreateByPhone: (parsed, options) => matchOrCreateByPhone(db, parsed, options),
    card: async (id) => cardView(await present(id)),
    requireVisible,
    search,
    routes: clientRoutes({ db, changes, search, requireVisible }),
  };
}

import type { Database } from '../../db/client.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import type { ClientCard, ClientListItem } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ClientId, InteractionId } from '../kernel/ids.ts';
import type { Journal } from '../kernel/journal.ts';
import { readCard } from './card-rows.ts';
import { type ClientChanges, createClientChanges } from './change.ts';
import { cardView, noCard, type StoredCard } from './client.ts';
import { type Contact, type Matched, type MatchOptions, matchOrCreate, matchOrCreateByPhone } from './match.ts';
import type { ParsedNumber } from './phone-number.ts';
import { clientRoutes } from './routes.ts';
import { otherLayout, searchQuery } from './search-query.ts';
import { findCards, latestCards } from './search-store.ts';
import { createVisibility, type Look, type Sight, type Visibility } from './visibility.ts';

export type { Look, Sight } from './visibility.ts';

export interface ClientsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  /** Whose habits decide how people write numbers, ISO 3166-1. Default: Russia. */
  readonly region?: string;
  readonly sight: Sight;
  /** Called when somebody looked at a card, or was refused it: for the audit log. Must not wait. */
  readonly onLook?: (look: Look) => void;
  /** Called after the commit of every change and creation by a person, for pushes. */
  readonly onChanged?: (clientId: ClientId, version: number) => void;
  /** Called after the commit when interactions, live ones among them, went over to another card. */
  readonly onMoved?: (move: { readonly interactionIds: readonly InteractionId[]; readonly to: ClientId }) => void;
}

/** Client cards: the base, matching of callers, search. */
export interface Clients extends ClientChanges {
  /** The card of a caller, found or made; see match.ts. */
  matchOrCreateByPhone(parsed: ParsedNumber, options: MatchOptions): Promise<Matched>;
  /** The cards of many who wrote or called, found or made at once; null for what is no e-mail address. */
  matchOrCreate(contacts: readonly Contact[]): Promise<(Matched | null)[]>;
  /** A card as the browser gets it, in one round trip. @throws AppError `not_found` */
  card(id: ClientId): Promise<ClientCard>;
  /**
   * A card that this user may see; the card that answers for an emptied one.
   * @throws AppError `not_found` when he may not, or when there is none
   */
  requireVisible(id: ClientId, user: SignedInUser): Promise<StoredCard>;
  /** The same as an answer; nobody is told of a refusal. */
  isVisible(id: ClientId, user: SignedInUser): Promise<boolean>;
  /**
   * By any fragment, among the cards that the viewer may see; nothing typed = those changed last.
   * @param viewer null = the house itself
   */
  search(typed: string, limit: number, viewer: SignedInUser | null): Promise<ClientListItem[]>;
  readonly visibility: Pick<Visibility, 'scopeOf'>;
  readonly routes: Routes;
}

/** Wires the noun. Holds no resources of its own. */
export function createClients(options: ClientsOptions): Clients {
  const { db, clock, journal, region = 'RU', onChanged = () => {}, onMoved = () => {}, onLook = () => {} } = options;
  const visibility = createVisibility(options.sight, onLook);
  const search = async (typed: string, limit: number, viewer: SignedInUser | null): Promise<ClientListItem[]> => {
    const scope = viewer && (await visibility.scopeOf(db, viewer));
    if (typed.trim() === '') return latestCards(db, scope, limit);
    const find = async (text: string): Promise<ClientListItem[]> => {
      const query = searchQuery(text, region);
      return query ? findCards(db, query, { scope, limit }) : [];
    };
    const found = await find(typed);
    const other = otherLayout(typed);
    return found.length > 0 || other === typed.toLowerCase() ? found : find(other);
  };
  const present = async (id: ClientId): Promise<StoredCard> => {
    const card = await readCard(db, id);
    if (!card) throw noCard(id);
    return card;
  };
  const requireVisible = async (id: ClientId, user: SignedInUser): Promise<StoredCard> => {
    const card = await present(id);
    await visibility.require(db, user, card);
    return card;
  };
  const look = async (id: ClientId, user: SignedInUser): Promise<StoredCard> => {
    const card = await requireVisible(id, user);
    onLook({ userId: user.id, clientId: card.id, allowed: true });
    return card;
  };
  const changes = createClientChanges({ db, clock, journal, region, visibility, onChanged, onMoved });
  return {
    ...changes,
    matchOrCreateByPhone: (parsed, options) => matchOrCreateByPhone(db, parsed, options),
    matchOrCreate: (contacts) => matchOrCreate(db, contacts),
    card: async (id) => cardView(await present(id)),
    requireVisible,
    async isVisible(id, user) {
      const card = await readCard(db, id);
      return card !== null && visibility.isVisible(db, user, card);
    },
    search,
    visibility,
    routes: clientRoutes({ db, changes, search, requireVisible, look }),
  };
}

import { type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import type { Teams } from '../access/index.ts';
import { seesAll } from '../access/route.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import { canSee, noCard, type SeenCard, type Viewer } from './client.ts';

/** What cards cannot know themselves: teams, and who works with whom. */
export interface Sight {
  readonly teams: Teams;
  /** Clients whom this user works with now, whatever card he may see otherwise. Inside the caller's transaction. */
  worksWith(db: Executor, userId: UserId): Promise<ReadonlySet<ClientId>>;
}

/** Somebody looked at a card, or was refused it. */
export interface Look {
  readonly userId: UserId;
  readonly clientId: ClientId;
  readonly allowed: boolean;
}

/** Which cards a list may hold: those of these people, those of nobody, and these. */
export interface Scope {
  readonly people: readonly UserId[];
  readonly clients: readonly ClientId[];
}

/** Who sees which card. */
export interface Visibility {
  isVisible(db: Executor, user: Viewer, card: SeenCard): Promise<boolean>;
  /** A refusal is told to `onLook`. @throws AppError `not_found`, as for a card that is not there */
  require(db: Executor, user: Viewer, card: SeenCard): Promise<void>;
  /** null = everything. */
  scopeOf(db: Executor, user: Viewer): Promise<Scope | null>;
}

const none: ReadonlySet<never> = new Set();

export function createVisibility(sight: Sight, onLook: (look: Look) => void): Visibility {
  async function isVisible(db: Executor, user: Viewer, card: SeenCard): Promise<boolean> {
    const mates = sight.teams.mates(user.id);
    // most looks are decided without asking whom he works with
    if (canSee(user, card, { mates, works: none })) return true;
    return canSee(user, card, { mates, works: await sight.worksWith(db, user.id) });
  }

  return {
    isVisible,
    async require(db, user, card) {
      if (await isVisible(db, user, card)) return;
      onLook({ userId: user.id, clientId: card.id, allowed: false });
      throw noCard(card.id);
    },
    async scopeOf(db, user) {
      if (seesAll(user)) return null;
      const people = user.sees === 'team' ? [user.id, ...sight.teams.mates(user.id)] : [user.id];
      return { people: [...new Set(people)], clients: [...(await sight.worksWith(db, user.id))] };
    },
  };
}

/** The rule of `canSee` for cards `c` of a statement. */
export function inScope({ people, clients }: Scope): SQL {
  return sql`(c.responsible_id IS NULL OR c.responsible_id = ANY(${sql.param(people)}::bigint[])
    OR c.id = ANY(${sql.param(clients)}::bigint[]))`;
}

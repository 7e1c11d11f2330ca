import { eq, sql } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { setupFacts, users } from '../../db/schema/index.ts';
import type { UserRef } from '../contract/schemas.ts';
import type { UserId } from '../kernel/ids.ts';

type FactName = (typeof setupFacts.$inferSelect)['name'];

export interface Fact {
  readonly at: string;
  readonly user: UserRef | null;
}

/** What happened once and is not asked for again: one row each. */
export interface Facts {
  /** Keeps the first time. One statement in the life of a process, then nothing. */
  first(name: FactName, userId: UserId | null): Promise<void>;
  /** Keeps the last time. */
  latest(name: FactName, userId: UserId | null): Promise<void>;
  read(): Promise<ReadonlyMap<FactName, Fact>>;
}

export function createFacts(db: Executor): Facts {
  const known = new Set<FactName>();
  return {
    async first(name, userId) {
      if (known.has(name)) return;
      known.add(name);
      try {
        await db.orm.insert(setupFacts).values({ name, userId }).onConflictDoNothing();
      } catch (error) {
        known.delete(name);
        throw error;
      }
    },
    async latest(name, userId) {
      const set = { at: sql`now()`, userId };
      await db.orm.insert(setupFacts).values({ name, userId }).onConflictDoUpdate({ target: setupFacts.name, set });
    },
    async read() {
      const rows = await db.orm
        .select({ fact: setupFacts, userName: users.name })
        .from(setupFacts)
        .leftJoin(users, eq(users.id, setupFacts.userId));
      return new Map(
        rows.map(({ fact: { name, at, userId }, userName }) => [
          name,
          { at: at.toISOString(), user: userId === null ? null : { id: userId, name: userName ?? `#${userId}` } },
        ]),
      );
    },
  };
}

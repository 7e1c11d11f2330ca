import { sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { seedClientCards } from './client-cards.ts';
import { type SeededCompany, seedCompany } from './company.ts';
import { seedHistories } from './histories.ts';
import { createRandom } from './random.ts';

export interface SeedDemoOptions {
  /** Of every demo user. */
  readonly password: string;
  /** Histories end here and begin a year before. */
  readonly now: Date;
  hashPassword(plain: string): Promise<string>;
}

/** Any constant: the demo company is the same everywhere, only its dates move. */
const seed = 20_260_112;
/** Held while the first users are made. Any number that no other program on the same database takes: "swse" in ASCII. */
export const firstUsersLock = 0x73777365;

/**
 * A company to look at: team, line, schedules, clients and a year of their history. Only when the database has no
 * users; several processes that start at once seed it once.
 * @returns whether it did
 */
export async function seedDemo(database: Database, options: SeedDemoOptions): Promise<boolean> {
  // Outside the transaction: a password hash takes its time and the embedded engine would serve nobody meanwhile.
  const passwordHash = await options.hashPassword(options.password);
  return database.transaction(async (tx) => {
    await tx.orm.execute(sql`select pg_advisory_xact_lock(${firstUsersLock})`);
    const { rows } = await tx.orm.execute(sql`select 1 from users limit 1`);
    if (rows.length > 0) return false;
    const random = createRandom(seed);
    const company: SeededCompany = await seedCompany(tx.orm, passwordHash);
    const cards = await seedClientCards(tx.orm, { random, company, now: options.now });
    await seedHistories(tx.orm, { random, company, cards, now: options.now });
    return true;
  });
}

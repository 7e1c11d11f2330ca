import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { openTestDatabase } from '../support/database.ts';

describe('migrate', async () => {
  const database = await openTestDatabase();
  afterAll(() => database.close());

  it('changes nothing when nothing is pending', async () => {
    const count = () => database.orm.execute(sql`select count(*)::int as n from drizzle.__drizzle_migrations`);
    const before = await count();
    await migrate(database);
    expect((await count()).rows).toEqual(before.rows);
    expect(before.rows[0]?.['n']).toBeGreaterThanOrEqual(2);
  });

  it('may run several times at once from nothing', async () => {
    await database.orm.execute(sql`drop schema public cascade`);
    await database.orm.execute(sql`drop schema drizzle cascade`);
    await database.orm.execute(sql`create schema public`);
    await Promise.all([1, 2, 3, 4].map(() => migrate(database)));
    const { rows } = await database.orm.execute(sql`select count(*)::int as n from users`);
    expect(rows).toEqual([{ n: 0 }]);
  });
});

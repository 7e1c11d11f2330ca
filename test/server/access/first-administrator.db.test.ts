import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { users } from '../../../db/schema/access.ts';
import { type Access, createAccess, makeFirstAdministrator } from '../../../server/access/index.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

describe('an empty house', () => {
  let db: TestDatabase;
  let access: Access;

  beforeEach(async () => {
    db = await openTestDatabase();
    access = await createAccess({ db, clock: createFakeClock(), log: silentLog, realm: 'switchroom.test' });
  });
  afterEach(async () => {
    await access.close();
    await db.close();
  });

  const signIn = (made: { login: string; password: string } | null) =>
    access.signIn({ login: '', password: '', ...made, address: '192.0.2.1', userAgent: 'test' });

  it('gets one administrator who can sign in, with a first password', async () => {
    const made = await makeFirstAdministrator(db);
    expect((await signIn(made)).session.user).toMatchObject({ login: 'admin', role: 'admin' });
    expect(await db.orm.select().from(users)).toMatchObject([{ passwordSetAt: null, disabledAt: null }]);
  });

  it('tells another password at each start until he has signed in', async () => {
    const lost = await makeFirstAdministrator(db);
    const found = await makeFirstAdministrator(db);
    await expect(signIn(lost)).rejects.toMatchObject({ code: 'wrong_credentials' });
    await signIn(found);
    expect(await makeFirstAdministrator(db)).toBeNull();
    await signIn(found);
  });

  it('is made once by processes that start together', async () => {
    await Promise.all([makeFirstAdministrator(db), makeFirstAdministrator(db)]);
    expect(await db.orm.select().from(users)).toHaveLength(1);
  });

  it('touches nobody where there are others', async () => {
    const row = { role: 'agent' as const, passwordHash: '', sipSecret: '' };
    await db.orm.insert(users).values([
      { ...row, login: 'admin', name: 'A' },
      { ...row, login: 'anna', name: 'Anna' },
    ]);
    expect(await makeFirstAdministrator(db)).toBeNull();
  });
});

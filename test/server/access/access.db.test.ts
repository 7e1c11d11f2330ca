import { createHash } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditLog, authSessions, users } from '../../../db/schema/access.ts';
import { limits } from '../../../server/access/limits.ts';
import { openTestHouse, password, type TestHouse } from '../http/app-support.ts';

const day = 24 * 60 * 60_000;

describe('access', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await openTestHouse();
  });
  afterAll(() => house.close());
  // the failures of one test are not the next one's
  beforeEach(() => house.clock.advance(60_000));

  const signIn = (login: string, secret = password, address = '192.0.2.1') =>
    house.access.signIn({ login, password: secret, address, userAgent: 'test' });
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => {
        throw new Error('it succeeded');
      },
      (error: unknown) => error,
    );
  const audits = async () => {
    const { action, subject, allowed } = auditLog;
    return await house.db.orm.select({ action, subject, allowed }).from(auditLog).orderBy(asc(auditLog.id));
  };

  it('keeps the hash of a session token only', async () => {
    const { token, session } = await signIn('anna');
    const [row] = await house.db.orm.select().from(authSessions).where(eq(authSessions.tokenHash, session.id));
    expect(row).toMatchObject({ userId: house.people.anna, userAgent: 'test' });
    expect(session.id).toBe(createHash('sha256').update(token).digest('hex'));
    expect(JSON.stringify(row)).not.toContain(token);
    expect(token).toMatch(/^[\w-]{43}$/);
  });

  it('finds a session until it ends, and forgets it at once', async () => {
    const { token, session } = await signIn('anna');
    expect(await house.access.findSession(token)).toMatchObject({ user: { login: 'anna', role: 'agent' } });
    await house.access.signOut(session);
    await house.access.signOut(session);
    expect(await house.access.findSession(token)).toBeNull();
  });

  it('never brings back a session that was looked up while it ended', async () => {
    const { token, session } = await signIn('anna');
    const lookups = Promise.all(Array.from({ length: 5 }, () => house.access.findSession(token)));
    await Promise.all([house.access.signOut(session), lookups]);
    expect(await house.access.findSession(token)).toBeNull();
  });

  it('notices within seconds that a session was ended elsewhere', async () => {
    const { token, session } = await signIn('anna');
    expect(await house.access.findSession(token)).not.toBeNull();
    await house.db.orm.delete(authSessions).where(eq(authSessions.tokenHash, session.id));
    expect(await house.access.findSession(token)).not.toBeNull();
    house.clock.advance(limits.sessionCacheMs);
    expect(await house.access.findSession(token)).toBeNull();
  });

  it('ends a session after thirty days, used or not', async () => {
    const { token } = await signIn('anna');
    house.clock.advance(30 * day - 1000);
    expect(await house.access.findSession(token)).not.toBeNull();
    house.clock.advance(1000);
    expect(await house.access.findSession(token)).toBeNull();
    await signIn('anna');
    const old = await house.db.orm.select().from(authSessions);
    expect(old.every((row) => row.expiresAt.getTime() > house.clock.now())).toBe(true);
  });

  it.each(['', 'x', 'a'.repeat(43), `${'a'.repeat(42)}'`, 'a'.repeat(5000)])('knows no session %j', async (token) => {
    expect(await house.access.findSession(token)).toBeNull();
  });

  it('says the same about an unknown login, a wrong password and a disabled account', async () => {
    await house.db.orm.update(users).set({ disabledAt: new Date() }).where(eq(users.login, 'boris'));
    const before = (await audits()).length;
    const errors = [
      await failure(signIn('nobody')),
      await failure(signIn('anna', 'wrong')),
      await failure(signIn('boris')),
    ];
    await house.db.orm.update(users).set({ disabledAt: null }).where(eq(users.login, 'boris'));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'wrong_credentials', message: 'wrong login or password', details: {} });
    }
    expect((await audits()).slice(before)).toEqual([
      { action: 'session.refused', subject: 'login:unknown', allowed: false },
      { action: 'session.refused', subject: 'login:anna', allowed: false },
      { action: 'session.refused', subject: 'login:boris', allowed: false },
    ]);
  });

  it('ends the sessions of an account that is disabled', async () => {
    const { token } = await signIn('boris');
    await house.db.orm.update(users).set({ disabledAt: new Date() }).where(eq(users.login, 'boris'));
    await house.access.reload();
    expect(await house.access.findSession(token)).toBeNull();
    expect(await house.access.findByLogin('boris')).toBeNull();
    expect((await house.access.listUsers()).map((user) => user.name)).toEqual(['Anna', 'Olga']);
    expect(house.access.ha1('boris', 'switchroom.test', 'MD5')).toBeNull();
    await house.db.orm.update(users).set({ disabledAt: null }).where(eq(users.login, 'boris'));
    await house.access.reload();
    expect(await house.access.findByLogin('BORIS')).toMatchObject({ login: 'boris' });
  });

  it('limits failures per login, from wherever they come', async () => {
    for (let i = 0; i < limits.failedSignInsPerMinute; i++) {
      expect(await failure(signIn('anna', 'wrong', `192.0.2.${i}`))).toMatchObject({ code: 'wrong_credentials' });
    }
    const refused = await failure(signIn('Anna ', password, '198.51.100.1'));
    expect(refused).toMatchObject({ code: 'too_many_requests', details: { retryAfterSeconds: 60 } });
    await signIn('olga', password, '198.51.100.1');
    house.clock.advance(60_000);
    await signIn('anna');
  });

  it('limits failures per address, whatever the login', async () => {
    for (let i = 0; i < limits.failedSignInsPerMinute; i++) await failure(signIn(`nobody${i}`));
    expect(await failure(signIn('olga'))).toMatchObject({ code: 'too_many_requests' });
    await signIn('olga', password, '198.51.100.1');
  });

  it('does not let a burst past the limit', async () => {
    const burst = Array.from({ length: 2 * limits.failedSignInsPerMinute }, () => failure(signIn('anna', 'wrong')));
    const codes = (await Promise.all(burst)).map((error) => (error as { code: string }).code);
    expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(limits.failedSignInsPerMinute);
  });

  it('does not count sign-ins that succeed, one after another or all at once', async () => {
    const times = 2 * limits.failedSignInsPerMinute;
    for (let i = 0; i < times; i++) await signIn('anna');
    await Promise.all(Array.from({ length: times }, () => signIn('anna')));
  });

  it('merges settings key by key, also from two tabs at once, and removes what is null', async () => {
    const { anna } = house.people;
    await house.access.changeSettings(anna, { settings: { scheme: 'dark', old: 1 } });
    await Promise.all([
      house.access.changeSettings(anna, { settings: { keys: { answer: 'F2' } } }),
      house.access.changeSettings(anna, { language: 'en', settings: { old: null } }),
    ]);
    const me = await house.access.me(anna);
    expect(me).toMatchObject({ language: 'en', settings: { scheme: 'dark', keys: { answer: 'F2' } } });
    expect(Object.keys(me.settings).sort()).toEqual(['keys', 'scheme']);
  });

  it('shows a changed language in the session at once', async () => {
    const { token } = await signIn('olga');
    expect(await house.access.findSession(token)).toMatchObject({ user: { language: 'ru' } });
    await house.access.changeSettings(house.people.olga, { language: 'en' });
    expect(await house.access.findSession(token)).toMatchObject({ user: { language: 'en' } });
  });

  it('refuses settings that grow too large', async () => {
    const settings = { a: 'x'.repeat(limits.settingsBytes) };
    const error = await failure(house.access.changeSettings(house.people.anna, { settings }));
    expect(error).toMatchObject({ code: 'too_large' });
  });

  it('gives the HA1 of SIP accounts, also after a change', async () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const { ha1, reload } = house.access;
    expect(ha1('anna', 'switchroom.test', 'MD5')).toBe(md5('anna:switchroom.test:sip-anna'));
    const sha256 = createHash('sha256').update('anna:other:sip-anna').digest('hex');
    expect(ha1('anna', 'other', 'SHA-256')).toBe(sha256);
    expect(ha1('nobody', 'switchroom.test', 'MD5')).toBeNull();
    await house.db.orm.update(users).set({ sipSecret: 'new' }).where(eq(users.login, 'anna'));
    await house.db.orm.update(users).set({ sipSecret: '' }).where(eq(users.login, 'olga'));
    await reload();
    expect(ha1('anna', 'switchroom.test', 'MD5')).toBe(md5('anna:switchroom.test:new'));
    expect(ha1('olga', 'switchroom.test', 'MD5')).toBeNull();
  });

  it('writes down who signed in and out', async () => {
    const before = (await audits()).length;
    const { session } = await signIn('anna');
    await house.access.signOut(session);
    expect((await audits()).slice(before)).toEqual([
      { action: 'session.begun', subject: 'login:anna', allowed: true },
      { action: 'session.ended', subject: 'login:anna', allowed: true },
    ]);
  });

  it('keeps an audit line only if the deed is kept', async () => {
    const before = (await audits()).length;
    const undone = house.db.transaction(async (tx) => {
      await house.access.audit({ action: 'thing.done', subject: 'thing:1' }, tx);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect((await audits()).length).toBe(before);
  });
});

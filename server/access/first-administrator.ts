import { and, eq, sql } from 'drizzle-orm';
import type { Database, Executor } from '../../db/client.ts';
import { auditLog, users } from '../../db/schema/access.ts';
import { firstUsersLock } from '../../db/seed/demo.ts';
import { hashPassword } from './password.ts';
import { newPassword, newSecret } from './secrets.ts';

/** Whoever sets up an empty house. */
export interface FirstAdministrator {
  readonly login: string;
  /** Stored nowhere: it is to be told at once. */
  readonly password: string;
}

const login = 'admin';

/**
 * Makes the one who signs in first, where there is nobody yet; until he has done so once, every start gives him a new
 * password, because the last one may have scrolled away unread.
 * @returns null when somebody has signed in here already, or when there are others
 */
export async function makeFirstAdministrator(db: Database): Promise<FirstAdministrator | null> {
  const password = newPassword();
  // Outside the transaction: a password hash takes its time and the embedded engine would serve nobody meanwhile.
  const passwordHash = await hashPassword(password);
  return db.transaction(async (tx) => {
    await tx.orm.execute(sql`select pg_advisory_xact_lock(${firstUsersLock})`);
    const everybody = await tx.orm
      .select({ id: users.id, login: users.login, passwordSetAt: users.passwordSetAt })
      .from(users)
      .limit(2);
    const [only] = everybody;
    if (only === undefined) {
      const admin = { login, name: 'Администратор', role: 'admin' as const, mayExport: true };
      await tx.orm.insert(users).values({ ...admin, passwordHash, sipSecret: newSecret() });
      return { login, password };
    }
    const isWaiting = everybody.length === 1 && only.login === login && only.passwordSetAt === null;
    if (!isWaiting || (await hasSignedIn(tx, only.login))) return null;
    await tx.orm.update(users).set({ passwordHash }).where(eq(users.id, only.id));
    return { login, password };
  });
}

async function hasSignedIn({ orm }: Executor, who: string): Promise<boolean> {
  const begun = and(eq(auditLog.action, 'session.begun'), eq(auditLog.subject, `login:${who}`));
  const rows = await orm.select({ id: auditLog.id }).from(auditLog).where(begun).limit(1);
  return rows.length > 0;
}

import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Database, Executor } from '../../db/client.ts';
import { users } from '../../db/schema/access.ts';
import type { Me, UserRef } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { limits } from './limits.ts';
import type { SignedInUser } from './route.ts';

/** Columns of a signed-in user, for selects and joins. */
export const userColumns = {
  id: users.id,
  login: users.login,
  name: users.name,
  role: users.role,
  teamId: users.teamId,
  language: users.language,
  sees: users.sees,
  mayExport: users.mayExport,
} as const;

/** What a person may change about his own account. Absent = unchanged; a setting that is null is removed. */
export interface SettingsChange {
  readonly language?: 'ru' | 'en';
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Logins are compared without regard to case and surrounding blanks. */
export const canonicalLogin = (login: string): string => login.normalize('NFC').trim().toLowerCase();

/** The user with this login; null when there is none, or when the account is disabled. */
export async function findByLogin(db: Executor, login: string): Promise<SignedInUser | null> {
  const [found] = await db.orm
    .select({ ...userColumns, disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.login, canonicalLogin(login)));
  if (found === undefined || found.disabledAt !== null) return null;
  const { disabledAt: _, ...user } = found;
  return user;
}

/** The user with this id; null when there is none, or when the account is disabled. */
export async function findUser(db: Executor, id: UserId): Promise<SignedInUser | null> {
  const isThere = and(eq(users.id, id), isNull(users.disabledAt));
  const [found] = await db.orm.select(userColumns).from(users).where(isThere);
  return found ?? null;
}

/** Everybody who can be a client's responsible or a colleague on a call, by name. */
export async function listUsers(db: Executor): Promise<UserRef[]> {
  return await db.orm
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(isNull(users.disabledAt))
    .orderBy(asc(users.name), asc(users.id));
}

/** The account as its owner sees it. @throws AppError `not_signed_in` when it is gone */
export async function viewMe(db: Executor, userId: UserId, realm: string): Promise<Me> {
  const [row] = await db.orm
    .select({ ...userColumns, settings: users.settings })
    .from(users)
    .where(eq(users.id, userId));
  if (row === undefined) throw new AppError('not_signed_in', 'the account is gone');
  const { teamId: _, sees: _sees, ...me } = row;
  return { ...me, sip: { aor: me.login, realm } };
}

/**
 * Merges settings key by key, so that two tabs do not undo each other's.
 * @throws AppError `too_large` past the limit of one account
 */
export async function changeSettings(db: Database, userId: UserId, change: SettingsChange): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.orm
      .select({ settings: users.settings })
      .from(users)
      .where(eq(users.id, userId))
      .for('update');
    if (row === undefined) throw new AppError('not_signed_in', 'the account is gone');
    const merged = Object.entries({ ...row.settings, ...change.settings }).filter(([, value]) => value !== null);
    const settings = Object.fromEntries(merged);
    if (Buffer.byteLength(JSON.stringify(settings)) > limits.settingsBytes) {
      throw new AppError('too_large', 'settings are too large');
    }
    const language = change.language === undefined ? {} : { language: change.language };
    await tx.orm
      .update(users)
      .set({ settings, ...language })
      .where(eq(users.id, userId));
  });
}

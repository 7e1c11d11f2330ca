import { eq } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { users } from '../../db/schema/access.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { createAttemptLimit } from './attempts.ts';
import { writeAudit } from './audit.ts';
import type { AuthSession, AuthSessions } from './auth-sessions.ts';
import { limits } from './limits.ts';
import { nobodysHash, verifyPassword } from './password.ts';
import { canonicalLogin, userColumns } from './users.ts';

export interface SignInRequest {
  readonly login: string;
  readonly password: string;
  /** The client's address, for the limit of failures. */
  readonly address: string;
  readonly userAgent: string;
}

/**
 * Checks a login and a password and begins a session.
 * @throws AppError `wrong_credentials`: the same answer after the same work for an unknown login, a wrong password and
 * a disabled account; `too_many_requests` with `details.retryAfterSeconds`; `overloaded`
 */
export type SignIn = (request: SignInRequest) => Promise<{ token: string; session: AuthSession }>;

export interface SignInOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly sessions: AuthSessions;
  /** Failures a minute per login and per address; for tests. */
  readonly failuresPerMinute?: number | undefined;
}

export function createSignIn({ db, clock, sessions, failuresPerMinute }: SignInOptions): SignIn {
  const attempts = createAttemptLimit({
    clock,
    perMinute: failuresPerMinute ?? limits.failedSignInsPerMinute,
    maxKeys: limits.failedSignInKeys,
  });

  async function check(login: string, password: string) {
    const [found] = await db.orm
      .select({ user: userColumns, hash: users.passwordHash, disabledAt: users.disabledAt })
      .from(users)
      .where(eq(users.login, login));
    const isRight = await verifyPassword(password, found?.hash ?? nobodysHash);
    return { found: found?.user, isRight: isRight && found !== undefined && found.disabledAt === null };
  }

  return async (request) => {
    const login = canonicalLogin(request.login);
    const keys = [`login:${login}`, `address:${request.address}`];
    takeAll(keys);
    const { found, isRight } = await check(login, request.password);
    if (found === undefined || !isRight) {
      // an unknown login may be a password in the wrong field: it is not written down
      const subject = found === undefined ? 'login:unknown' : `login:${login}`;
      const data = { address: request.address };
      await writeAudit(db, { action: 'session.refused', subject, allowed: false, data });
      throw new AppError('wrong_credentials', 'wrong login or password');
    }
    for (const key of keys) attempts.giveBack(key);
    const begun = await sessions.begin(found, request.userAgent);
    const data = { address: request.address };
    await writeAudit(db, { userId: found.id, action: 'session.begun', subject: `login:${login}`, data });
    return begun;
  };

  function takeAll(keys: readonly string[]): void {
    for (const [index, key] of keys.entries()) {
      const retryAfterSeconds = attempts.take(key);
      if (retryAfterSeconds === 0) continue;
      for (const taken of keys.slice(0, index)) attempts.giveBack(taken);
      throw new AppError('too_many_requests', 'too many failed sign-ins', {
        retryable: true,
        details: { retryAfterSeconds },
      });
    }
  }
}

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
    failuresPerMinute: failuresPerMinute ?? limits.failedSignInsPerMinute,
    maxKeys: limits.failedSignInKeys,
    maxWaiting: limits.signInsWaiting,
  });

  async function check(login: string, password: string) {
    const [found] = await db.orm
      .select({ user: userColumns, hash: users.passwordHash, disabledAt: users.disabledAt })
      .from(users)
      .where(eq(users.login, login));
    const isRight = await verifyPassword(password, found?.hash ?? nobodysHash);
    return { found: found?.user, isRight: isRight && found !== undefined && found.disabledAt === null };
  }

  /** Runs `work` as one attempt of all keys; it fails when the credentials are wrong. */
  async function asAttempt<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const [key, ...others] = keys;
    if (key === undefined) return await work();
    const retryAfterSeconds = await attempts.enter(key);
    if (retryAfterSeconds > 0) {
      throw new AppError('too_many_requests', 'too many failed sign-ins', {
        retryable: true,
        details: { retryAfterSeconds },
      });
    }
    let hasFailed = false;
    try {
      return await asAttempt(others, work);
    } catch (error) {
      hasFailed = error instanceof AppError && error.code === 'wrong_credentials';
      throw error;
    } finally {
      attempts.leave(key, hasFailed);
    }
  }

  async function refuse(subject: string, address: string): Promise<never> {
    await writeAudit(db, { action: 'session.refused', subject, allowed: false, data: { address } });
    throw new AppError('wrong_credentials', 'wrong login or password');
  }

  return async ({ address, userAgent, password, ...request }) => {
    const login = canonicalLogin(request.login);
    const user = await asAttempt([`login:${login}`, `address:${address}`], async () => {
      const { found, isRight } = await check(login, password);
      // an unknown login may be a password in the wrong field: it is not written down
      if (found === undefined) return await refuse('login:unknown', address);
      return isRight ? found : await refuse(`login:${login}`, address);
    });
    const begun = await sessions.begin(user, userAgent);
    await writeAudit(db, { userId: user.id, action: 'session.begun', subject: `login:${login}`, data: { address } });
    return begun;
  };
}

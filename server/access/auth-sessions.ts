import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, inArray, isNull, lte, ne } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { authSessions, users } from '../../db/schema/access.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { createConnectionWatch, type SessionHold } from './connection-watch.ts';
import { limits } from './limits.ts';
import type { SignedInUser } from './route.ts';
import { userColumns } from './users.ts';

/** A sign-in that is still valid. */
export interface AuthSession {
  /** SHA-256 of the token: names the session without opening it. */
  readonly id: string;
  readonly user: SignedInUser;
  readonly expiresAt: Date;
}

export interface AuthSessions {
  /** Begins a session of `sessionLifetimeMs`. @returns the secret for the cookie; it is stored nowhere */
  begin(user: SignedInUser, userAgent: string): Promise<{ token: string; session: AuthSession }>;
  /** The session of a cookie's token; null when unknown, expired, ended, or the account was disabled. */
  find(token: string): Promise<AuthSession | null>;
  /** Ends it at once, with every connection that holds it. Idempotent. */
  end(sessionId: string): Promise<void>;
  /** Ends every session of a user at once but the one named, with every connection that holds one. Idempotent. */
  endAllOf(userId: UserId, exceptId?: string): Promise<void>;
  /** Forgets what is in memory about users: their next request reads the database. */
  forget(): void;
  hold: SessionHold;
  close(): void;
}

export interface AuthSessionsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** 256 bits, base64url. */
const tokenPattern = /^[\w-]{43}$/;
const idOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Sessions in the database, remembered in memory for `sessionCacheMs` so that busy browsers cost no query each. */
export function createAuthSessions({ db, clock, log }: AuthSessionsOptions): AuthSessions {
  const cache = new Map<string, { session: AuthSession; readAt: number }>();
  /** Counts what makes a lookup in progress untrustworthy: it may have read the row before it was deleted. */
  let generation = 0;
  const watch = createConnectionWatch({ clock, log, everyMs: limits.sessionSweepMs, findAlive });

  async function findAlive(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await db.orm
      .select({ id: authSessions.tokenHash })
      .from(authSessions)
      .innerJoin(users, eq(users.id, authSessions.userId))
      .where(and(inArray(authSessions.tokenHash, [...ids]), isValid(clock)));
    return new Set(rows.map((row) => row.id));
  }

  function remember(session: AuthSession): void {
    cache.delete(session.id);
    const oldest = cache.keys().next();
    if (cache.size >= limits.sessionCacheEntries && !oldest.done) cache.delete(oldest.value);
    cache.set(session.id, { session, readAt: clock.now() });
  }

  return {
    async begin(user, userAgent) {
      const token = randomBytes(32).toString('base64url');
      const expiresAt = new Date(clock.now() + limits.sessionLifetimeMs);
      const session = { id: idOf(token), user, expiresAt };
      await db.orm.delete(authSessions).where(lte(authSessions.expiresAt, new Date(clock.now())));
      await db.orm.insert(authSessions).values({
        tokenHash: session.id,
        userId: user.id,
        createdAt: new Date(clock.now()),
        expiresAt,
        userAgent: userAgent.slice(0, limits.userAgentLength),
      });
      return { token, session };
    },

    async find(token) {
      if (!tokenPattern.test(token)) return null;
      const id = idOf(token);
      const known = cache.get(id);
      if (known && clock.now() - known.readAt < limits.sessionCacheMs) {
        return known.session.expiresAt.getTime() > clock.now() ? known.session : null;
      }
      const started = generation;
      const [row] = await db.orm
        .select({ user: userColumns, expiresAt: authSessions.expiresAt })
        .from(authSessions)
        .innerJoin(users, eq(users.id, authSessions.userId))
        .where(and(eq(authSessions.tokenHash, id), isValid(clock)));
      if (row === undefined) {
        cache.delete(id);
        return null;
      }
      const session = { id, user: row.user, expiresAt: row.expiresAt };
      if (generation === started) remember(session);
      return session;
    },

    async end(sessionId) {
      // before and after: a lookup may start or finish while the row is being deleted
      generation++;
      await db.orm.delete(authSessions).where(eq(authSessions.tokenHash, sessionId));
      generation++;
      cache.delete(sessionId);
      watch.end(sessionId);
    },

    async endAllOf(userId, exceptId = '') {
      generation++;
      const ended = await db.orm
        .delete(authSessions)
        .where(and(eq(authSessions.userId, userId), ne(authSessions.tokenHash, exceptId)))
        .returning({ id: authSessions.tokenHash });
      generation++;
      for (const { id } of ended) {
        cache.delete(id);
        watch.end(id);
      }
    },

    forget() {
      generation++;
      cache.clear();
    },

    hold: watch.hold,
    close: watch.close,
  };
}

const isValid = (clock: Clock) => and(gt(authSessions.expiresAt, new Date(clock.now())), isNull(users.disabledAt));

import type { Database, Executor } from '../../db/client.ts';
import type { Me, UserRef } from '../contract/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { type AuditEntry, writeAudit } from './audit.ts';
import { auditRoutes } from './audit-log.ts';
import { createAuditTrail } from './audit-trail.ts';
import { type AuthSession, createAuthSessions } from './auth-sessions.ts';
import type { SessionHold } from './connection-watch.ts';
import type { Routes, SignedInUser } from './route.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createSipAccounts, type DigestAlgorithm } from './sip-accounts.ts';
import { readTeams, type Teams } from './teams.ts';
import { changeSettings, findByLogin, findUser, listUsers, type SettingsChange, viewMe } from './users.ts';

export { auditCalls } from './audit-calls.ts';
export type { AuthSession } from './auth-sessions.ts';
export { type FirstAdministrator, makeFirstAdministrator } from './first-administrator.ts';
export { hashPassword, verifyPassword } from './password.ts';
export { may, rights } from './rights.ts';
export { newPassword, newSecret } from './secrets.ts';
export { type Reach, reachIn, reachOf, type Teams } from './teams.ts';
export { canonicalLogin } from './users.ts';

/** People, sessions and rights. */
export interface Access {
  readonly signIn: SignIn;
  /** The valid session of a cookie's token, or null. */
  findSession(token: string): Promise<AuthSession | null>;
  /** Ends a session and everything connected with it. Idempotent. */
  signOut(session: AuthSession): Promise<void>;
  /**
   * Ends every session of a user but the one named, and everything connected with them: disabled, demoted, a new
   * password. Idempotent.
   */
  signOutEverywhere(userId: UserId, exceptSessionId?: string): Promise<void>;
  /** Ties an open connection to its session. */
  readonly hold: SessionHold;
  /** The enabled user with this login, or null. */
  findByLogin(login: string): Promise<SignedInUser | null>;
  /** The enabled user with this id as he is now, or null. */
  findUser(userId: UserId): Promise<SignedInUser | null>;
  listUsers(): Promise<UserRef[]>;
  /** The account as its owner sees it. */
  me(userId: UserId): Promise<Me>;
  changeSettings(userId: UserId, change: SettingsChange): Promise<Me>;
  /** SIP domain of every account. */
  readonly realm: string;
  /** HA1 of a user's SIP account for the registrar, without waiting; null = no such account. */
  ha1(username: string, realm: string, algorithm: DigestAlgorithm): string | null;
  /** In memory, as of the last reload(). */
  readonly teams: Teams;
  /** Writes a line of the audit log now: it is there before what it tells of goes on. */
  audit(entry: AuditEntry, executor?: Executor): Promise<void>;
  /** Keeps a line that nobody waits for; see audit-trail.ts. */
  note(entry: AuditEntry): void;
  readonly routes: Routes;
  /** Users were added or changed elsewhere (demo data, a command): read them again. */
  reload(): Promise<void>;
  /** Stops the timers and writes what was noted. Idempotent. */
  close(): Promise<void>;
}

export interface CreateAccessOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** SIP domain of every account: `sip:login@realm`. */
  readonly realm: string;
  /** Failed sign-ins a minute, per login and per address. Default: `limits.failedSignInsPerMinute`. */
  readonly failedSignInsPerMinute?: number;
}

/** Reads the SIP accounts and the teams, and is ready. */
export async function createAccess(options: CreateAccessOptions): Promise<Access> {
  const { db, clock, realm } = options;
  const log = options.log.child({ room: 'access' });
  const sessions = createAuthSessions({ db, clock, log });
  const accounts = createSipAccounts(db);
  await accounts.reload();
  let teams = await readTeams(db);
  const trail = createAuditTrail({ db, clock, log });

  return {
    signIn: createSignIn({ db, clock, sessions, failuresPerMinute: options.failedSignInsPerMinute }),
    findSession: sessions.find,
    async signOut(session) {
      await sessions.end(session.id);
      await writeAudit(db, {
        userId: session.user.id,
        action: 'session.ended',
        subject: `login:${session.user.login}`,
      });
    },
    signOutEverywhere: sessions.endAllOf,
    hold: sessions.hold,
    findByLogin: (login) => findByLogin(db, login),
    findUser: (userId) => findUser(db, userId),
    listUsers: () => listUsers(db),
    me: (userId) => viewMe(db, userId, realm),
    async changeSettings(userId, change) {
      await changeSettings(db, userId, change);
      sessions.forget();
      return await viewMe(db, userId, realm);
    },
    realm,
    ha1: accounts.ha1,
    teams: { mates: (userId) => teams.mates(userId) },
    audit: (entry, executor = db) => writeAudit(executor, entry),
    note: trail.note,
    routes: auditRoutes(db),
    async reload() {
      sessions.forget();
      await accounts.reload();
      teams = await readTeams(db);
    },
    async close() {
      sessions.close();
      await trail.close();
    },
  };
}

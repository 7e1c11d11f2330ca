import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { ClientId, TeamId, UserId } from '../../server/kernel/ids.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

export const teams = pgTable('teams', {
  id: serialId<TeamId>(),
  name: text().notNull().unique(),
  version: integer().notNull().default(1),
});

/** People who sign in. `sip_secret` is the password of their SIP account (desk phones); browsers need none. */
export const users = pgTable(
  'users',
  {
    id: serialId<UserId>(),
    login: text().notNull().unique(),
    name: text().notNull(),
    role: text().$type<'agent' | 'supervisor' | 'admin'>().notNull(),
    teamId: ref<TeamId>().references(() => teams.id),
    passwordHash: text().notNull(),
    sipSecret: text().notNull(),
    language: text().$type<'ru' | 'en'>().notNull().default('ru'),
    /** Interface settings kept on the server: colour scheme, remapped keys. */
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    /** Whose client cards he sees; administrators see all of them whatever stands here. */
    sees: text().$type<'own' | 'team' | 'all'>().notNull().default('all'),
    /** Whether he may take the client base out of the house. */
    mayExport: boolean().notNull().default(false),
    disabledAt: instant(),
    createdAt: createdAt(),
    /** When an administrator last set the password; null = still the first one, which others may know. */
    passwordSetAt: instant(),
    /** Counts changes by administrators. */
    version: integer().notNull().default(1),
  },
  () => [
    check('users_role_ck', sql`role in ('agent','supervisor','admin')`),
    check('users_sees_ck', sql`sees in ('own','team','all')`),
  ],
);

/** Who leads a team, besides supervisors who are its members. */
export const teamSupervisors = pgTable(
  'team_supervisors',
  {
    teamId: ref<TeamId>()
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    userId: ref<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.userId] }), index('team_supervisors_user_idx').on(t.userId)],
);

/** Only the SHA-256 of the cookie's token is stored. */
export const authSessions = pgTable(
  'auth_sessions',
  {
    tokenHash: text().primaryKey(),
    userId: ref<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    expiresAt: instant().notNull(),
    userAgent: text(),
  },
  (t) => [index('auth_sessions_user_idx').on(t.userId), index('auth_sessions_expiry_idx').on(t.expiresAt)],
);

/** Who looked at or changed what. Append-only. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: serialId<number>(),
    at: createdAt(),
    userId: ref<UserId>(),
    action: text().notNull(),
    subject: text().notNull(),
    /** The card that it was about. */
    clientId: ref<ClientId>(),
    allowed: boolean().notNull().default(true),
    /** How often within a minute: looks at one card by one person are counted. */
    times: integer().notNull().default(1),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    index('audit_log_at_idx').on(t.at),
    index('audit_log_user_idx').on(t.userId, t.id),
    index('audit_log_client_idx').on(t.clientId, t.id).where(sql`client_id is not null`),
    index('audit_log_action_idx').on(t.action, t.id),
  ],
);

import { sql } from 'drizzle-orm';
import { boolean, check, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { TeamId, UserId } from '../../server/kernel/ids.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

export const teams = pgTable('teams', { id: serialId<TeamId>(), name: text().notNull().unique() });

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
    disabledAt: instant(),
    createdAt: createdAt(),
  },
  () => [check('users_role_ck', sql`role in ('agent','supervisor','admin')`)],
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
    allowed: boolean().notNull().default(true),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('audit_log_at_idx').on(t.at)],
);

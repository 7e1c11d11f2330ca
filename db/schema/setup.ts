import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, real, smallint, text } from 'drizzle-orm/pg-core';
import type { UserId } from '../../server/kernel/ids.ts';
import { users } from './access.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

/** Local times, HH:MM; `to` at or before `from` is on the next day. */
export type DayPeriods = readonly { readonly from: string; readonly to: string }[];

/** Settings of the whole company: one row. */
export const company = pgTable(
  'company',
  {
    id: smallint().primaryKey().default(1),
    name: text().notNull().default(''),
    /** ISO 3166-1. */
    region: text().notNull().default('RU'),
    /** IANA name. */
    timeZone: text().notNull().default('Europe/Moscow'),
    language: text().$type<'ru' | 'en'>().notNull().default('ru'),
    version: integer().notNull().default(1),
  },
  () => [check('company_one_ck', sql`id = 1`)],
);

/** One day that differs for everybody; a person's or a queue's own exception for the day goes before it. */
export const holidays = pgTable('holidays', {
  id: serialId<number>(),
  /** Local date, YYYY-MM-DD. */
  day: text().notNull().unique(),
  name: text().notNull(),
  periods: jsonb().$type<DayPeriods>().notNull(),
  closesQueues: boolean().notNull().default(true),
  version: integer().notNull().default(1),
});

/** Not-ready reasons that agents choose from. */
export const presenceReasons = pgTable('presence_reasons', {
  id: serialId<number>(),
  code: text().notNull().unique(),
  nameRu: text().notNull(),
  nameEn: text().notNull(),
  position: integer().notNull().default(0),
  archivedAt: instant(),
  version: integer().notNull().default(1),
});

/** A sound file under DATA_DIR/sounds, named by its hash: 8 kHz, mono, 16 bit PCM in WAV. */
export const sounds = pgTable('sounds', {
  id: serialId<number>(),
  name: text().notNull().unique(),
  sha256: text().notNull(),
  durationMs: integer().notNull(),
  bytes: integer().notNull(),
  /** Loudest sample in dB below full scale; -100 = silence. */
  peakDb: real().notNull(),
  createdAt: createdAt(),
  createdBy: ref<UserId>().references(() => users.id),
  version: integer().notNull().default(1),
});

/** Every change of the setting with the row before and after it, without secrets. Append-only. */
export const setupVersions = pgTable(
  'setup_versions',
  {
    id: serialId<number>(),
    at: createdAt(),
    userId: ref<UserId>(),
    kind: text().notNull(),
    subjectId: ref<number>().notNull(),
    /** Its name at that time. */
    subjectName: text().notNull(),
    action: text().notNull(),
    before: jsonb().$type<Record<string, unknown>>(),
    after: jsonb().$type<Record<string, unknown>>(),
    rolledBackFrom: ref<number>(),
  },
  (t) => [index('setup_versions_subject_idx').on(t.kind, t.subjectId), index('setup_versions_at_idx').on(t.at)],
);

/** What once happened for the first time and the checklist wants to know: a browser phone, a test call. */
export const setupFacts = pgTable('setup_facts', {
  name: text().$type<'browser_phone' | 'test_call'>().primaryKey(),
  at: createdAt(),
  userId: ref<UserId>(),
});

/** Random keys of this house, made once and kept: whatever was signed with them must be recognised for ever. */
export const houseSecrets = pgTable('house_secrets', {
  name: text().$type<'mail_signer' | 'webhook_signer'>().primaryKey(),
  /** 32 bytes, base64. */
  value: text().notNull(),
  createdAt: createdAt(),
});

import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { ClientId, ContactPointId, UserId } from '../../server/kernel/ids.ts';
import { users } from './access.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

export const clients = pgTable(
  'clients',
  {
    id: serialId<ClientId>(),
    /** `unknown`: made by a call from a number that nobody knew, until somebody gives it a name. */
    kind: text().$type<'person' | 'company' | 'unknown'>().notNull().default('person'),
    name: text().notNull(),
    company: text().notNull().default(''),
    position: text().notNull().default(''),
    /** The manager who is tried first. */
    responsibleId: ref<UserId>().references(() => users.id),
    language: text().$type<'ru' | 'en' | ''>().notNull().default(''),
    /** IANA name; empty = by the number's region. */
    timeZone: text().notNull().default(''),
    stage: text().$type<'lead' | 'client' | 'lost'>().notNull().default('lead'),
    vip: boolean().notNull().default(false),
    source: text().notNull().default(''),
    tags: text().array().notNull().default(sql`'{}'`),
    /** What every agent must know before he says hello. */
    warning: text().notNull().default(''),
    custom: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    /**
     * Whose card this one turned out to be: emptied, out of every search, and answered for by the other. Triggers send
     * interactions and timeline entries that still name it to the other card.
     */
    mergedIntoId: ref<ClientId>().references((): AnyPgColumn => clients.id),
    version: integer().notNull().default(1),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (t) => [
    index('clients_merged_idx').on(t.mergedIntoId).where(sql`merged_into_id is not null`),
    // Whose cards changed last: whoever does not see all of them finds his own without reading the others'.
    index('clients_responsible_recent_idx').on(
      t.responsibleId,
      t.updatedAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('clients_recent_idx').on(t.updatedAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    check('clients_kind_ck', sql`kind in ('person','company','unknown')`),
  ],
);

/** One address of a card. The unique constraint stands on the canonical form: E.164, lower-case e-mail. */
export const contactPoints = pgTable(
  'contact_points',
  {
    id: serialId<ContactPointId>(),
    clientId: ref<ClientId>()
      .notNull()
      .references(() => clients.id, { onDelete: 'cascade' }),
    kind: text().$type<'phone' | 'email'>().notNull(),
    /** E.164 with plus, a short number as dialled, or a lower-case address. */
    value: text().notNull(),
    /** As it was first written. */
    raw: text().notNull(),
    extension: text().notNull().default(''),
    label: text().notNull().default(''),
    isPrimary: boolean().notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('contact_points_value_uq').on(t.kind, t.value, t.extension),
    index('contact_points_client_idx').on(t.clientId),
  ],
);

/**
 * Search text of a card (names, company, numbers, e-mails, lower case), apart from the card so that
 * updates of a card do not rewrite the trigram index.
 */
export const clientSearch = pgTable(
  'client_search',
  {
    clientId: ref<ClientId>()
      .primaryKey()
      .references(() => clients.id, { onDelete: 'cascade' }),
    text: text().notNull(),
  },
  (t) => [
    index('client_search_trgm_idx')
      .using('gin', sql`${t.text} gin_trgm_ops`)
      // kB: whoever fills the list waits while it is sorted in; 10-30 ms of work with 256, 70-80 with the default of 4096
      .with({ gin_pending_list_limit: 256 }),
    // names that begin with what was typed, also where a third of all texts hold it somewhere
    index('client_search_start_idx').on(sql`left(${t.text}, 48) text_pattern_ops`),
  ],
);

/** Why a number or address belongs to a card: every match, creation and change of ownership, so that it can be undone. */
export const identityLedger = pgTable(
  'identity_ledger',
  {
    id: serialId<number>(),
    at: createdAt(),
    clientId: ref<ClientId>().notNull(),
    contactPointId: ref<ContactPointId>(),
    action: text().$type<'created' | 'added' | 'removed' | 'moved'>().notNull(),
    evidence: text().notNull(),
    userId: ref<UserId>(),
    /** `moved`: the card it came from, and whether that card was emptied by it. */
    fromClientId: ref<ClientId>(),
    merged: boolean().notNull().default(false),
    /** `moved`: what an undo puts back on the contact point. */
    before: jsonb().$type<{ isPrimary: boolean; label: string }>(),
    undoneAt: instant(),
    undoneBy: ref<UserId>(),
  },
  (t) => [
    index('identity_ledger_client_idx').on(t.clientId),
    index('identity_ledger_from_idx').on(t.fromClientId).where(sql`from_client_id is not null`),
  ],
);

/** Which rows one line of the ledger took to another card, so that an undo takes back these and no others. */
export const identityMoves = pgTable(
  'identity_moves',
  {
    ledgerId: ref<number>()
      .notNull()
      .references(() => identityLedger.id, { onDelete: 'cascade' }),
    kind: text().$type<'timeline_entry' | 'interaction' | 'conversation' | 'draft'>().notNull(),
    rowId: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.ledgerId, t.kind, t.rowId] })],
);

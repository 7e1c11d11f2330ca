import { bigint, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { ClientId, InteractionId, UserId } from '../../server/kernel/ids.ts';
import { createdAt, ref, serialId } from './columns.ts';

/** Append-only: what happened, in the order of `seq`. Every screen is a projection of it. Rows are never updated. */
export const journal = pgTable(
  'journal',
  {
    seq: serialId<number>(),
    at: createdAt(),
    /** Past tense, dotted by noun: `interaction.opened`, `offer.accepted`. */
    type: text().notNull(),
    interactionId: text().$type<InteractionId>(),
    clientId: ref<ClientId>(),
    userId: ref<UserId>(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('journal_interaction_idx').on(t.interactionId), index('journal_at_idx').on(t.at)],
);

/** Journal rows whose readers inside the house have not all seen them yet: written with the row, deleted after. */
export const outbox = pgTable('outbox', { seq: bigint({ mode: 'number' }).primaryKey() });

/** The one door's memory: what came in from a wire is stored once by (channel, source id) before it is acknowledged. */
export const inboundEvents = pgTable(
  'inbound_events',
  {
    channel: text().notNull(),
    sourceId: text().notNull(),
    at: createdAt(),
    interactionId: text().$type<InteractionId>(),
    raw: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [primaryKey({ columns: [t.channel, t.sourceId] })],
);

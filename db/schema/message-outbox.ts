import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, smallint, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type {
  ConsentSource,
  ConsentState,
  MessageChannelName,
  MessagePurpose,
  OutboxState,
} from '../../server/contract/messages-words.ts';
import type { AccountId, AddressId, ClientId, ConversationId, MessageId, UserId } from '../../server/kernel/ids.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';
import { messages } from './messages.ts';

/** One row for each message that leaves; written in the transaction of the act. */
export const messageOutbox = pgTable(
  'message_outbox',
  {
    /** The message's. */
    id: text()
      .$type<MessageId>()
      .primaryKey()
      .references(() => messages.id),
    seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    accountId: ref<AccountId>().notNull(),
    addressId: ref<AddressId>().notNull(),
    clientId: ref<ClientId>().notNull(),
    conversationId: text().$type<ConversationId>().notNull(),
    /** From whoever asked: the same request twice is one message. */
    idempotencyKey: text().notNull().unique(),
    state: text().$type<OutboxState>().notNull(),
    /** 0 codes, 1 people, 5 notices and automatic answers, 9 campaigns. */
    priority: smallint().notNull().default(1),
    nature: text().$type<'person' | 'auto' | 'notice' | 'bulk'>().notNull().default('person'),
    attempts: integer().notNull().default(0),
    /** Not tried before. */
    notBefore: instant().notNull(),
    /** Given up after. */
    expiresAt: instant(),
    /** While an attempt runs or is in doubt; past it somebody else looks after it. */
    leaseUntil: instant(),
    /** A doubtful message holds up its client's later ones only until then. */
    blocksUntil: instant(),
    providerId: text(),
    /** Of SMS, once known. */
    segments: integer(),
    /** In the wire's words. */
    lastError: text().notNull().default(''),
    lastErrorKind: text(),
    createdAt: createdAt(),
    /** When the provider took it. */
    acceptedAt: instant(),
    doneAt: instant(),
    /** The dead message that was sent again as this one. */
    againOfId: text().$type<MessageId>(),
    /** Somebody looked at the dead message and put it away. */
    resolvedAt: instant(),
    resolvedById: ref<UserId>(),
  },
  (t) => [
    // Small partial indexes: finished millions are in none of them.
    index('message_outbox_due_idx')
      .on(t.accountId, t.priority, t.notBefore, t.seq)
      .where(sql`state in ('held','queued')`),
    index('message_outbox_open_idx')
      .on(t.clientId, t.seq)
      .where(sql`state in ('held','queued','sending','unconfirmed')`),
    index('message_outbox_lease_idx').on(t.leaseUntil).where(sql`state in ('sending','unconfirmed')`),
    index('message_outbox_failed_idx').on(t.createdAt).where(sql`state in ('failed','dead') and resolved_at is null`),
    index('message_outbox_provider_idx').on(t.accountId, t.providerId).where(sql`provider_id is not null`),
  ],
);

/** Committed BEFORE anything goes out: after a crash it says what may have left. */
export const messageAttempts = pgTable(
  'message_attempts',
  {
    messageId: text()
      .$type<MessageId>()
      .notNull()
      .references(() => messageOutbox.id),
    attempt: integer().notNull(),
    startedAt: instant().notNull(),
    endedAt: instant(),
    /** accepted, rejected, retry, throttled, unknown, account_down, lost (the process died) */
    result: text(),
    detail: text().notNull().default(''),
  },
  (t) => [primaryKey({ columns: [t.messageId, t.attempt] })],
);

/** Parts of a message (SMS segments) with the highest step that each has reached. */
export const messageParts = pgTable(
  'message_parts',
  {
    messageId: text()
      .$type<MessageId>()
      .notNull()
      .references(() => messageOutbox.id),
    part: integer().notNull(),
    accountId: ref<AccountId>().notNull(),
    providerId: text().notNull(),
    step: text().notNull(),
    stepAt: instant().notNull(),
    error: text().notNull().default(''),
  },
  (t) => [
    primaryKey({ columns: [t.messageId, t.part] }),
    uniqueIndex('message_parts_provider_uq').on(t.accountId, t.providerId),
  ],
);

/** Receipts that came before the answer that names their message: kept until it is known. */
export const parkedReceipts = pgTable(
  'parked_receipts',
  {
    id: serialId<number>(),
    accountId: ref<AccountId>().notNull(),
    providerId: text().notNull(),
    at: createdAt(),
    event: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (t) => [
    index('parked_receipts_provider_idx').on(t.accountId, t.providerId),
    index('parked_receipts_at_idx').on(t.at),
  ],
);

/** What a person allowed or refused, with proof; the latest of (kind, value, channel, purpose) counts. Never updated. */
export const consents = pgTable(
  'consents',
  {
    id: serialId<number>(),
    at: createdAt(),
    /** phone, email, visitor; `client` with the card's id as value: whatever the address. */
    kind: text().$type<'phone' | 'email' | 'visitor' | 'client'>().notNull(),
    value: text().notNull(),
    /** null = every channel, telephone calls too. */
    channel: text().$type<MessageChannelName | 'call'>(),
    /** null = every purpose. */
    purpose: text().$type<MessagePurpose>(),
    state: text().$type<ConsentState>().notNull(),
    source: text().$type<ConsentSource>().notNull(),
    /** In words: what was written, by whom, where. */
    evidence: text().notNull(),
    messageId: text().$type<MessageId>(),
    userId: ref<UserId>(),
  },
  (t) => [index('consents_value_idx').on(t.kind, t.value, t.at)],
);

/** Addresses that technology, not the person, closed: they bounce. */
export const suppressions = pgTable(
  'suppressions',
  {
    channel: text().$type<MessageChannelName>().notNull(),
    value: text().notNull(),
    reason: text().$type<'gone' | 'unreachable' | 'complained'>().notNull(),
    evidence: text().notNull(),
    at: createdAt(),
    /** null = until somebody lifts it. */
    until: instant(),
    /** Soft failures counted towards `unreachable`. */
    failures: integer().notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.channel, t.value] })],
);

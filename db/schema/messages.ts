import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type {
  AccountKind,
  AssignmentReason,
  ConversationState,
  MessageChannelName,
  MessagePurpose,
  RuleAction,
  RuleMatch,
} from '../../server/contract/messages-words.ts';
import type {
  AccountId,
  AddressId,
  AttachmentId,
  ClientId,
  ConversationId,
  MessageId,
  QueueId,
  TemplateId,
  UserId,
} from '../../server/kernel/ids.ts';
import { users } from './access.ts';
import { clients } from './clients.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';
import { queues } from './routing.ts';

// Setting

/** A connection to a provider of messages. */
export const channelAccounts = pgTable('channel_accounts', {
  id: serialId<AccountId>(),
  kind: text().$type<AccountKind>().notNull(),
  name: text().notNull().unique(),
  enabled: boolean().notNull().default(true),
  /** Of its kind: channels/sms/settings.ts, channels/email/settings.ts ... No secrets. */
  settings: jsonb().$type<Readonly<Record<string, unknown>>>().notNull().default({}),
  /** Never read back by anybody but the adapter. */
  secrets: jsonb().$type<Readonly<Record<string, string>>>().notNull().default({}),
  version: integer().notNull().default(1),
});

/** What clients write to and see: a mail address, a number, a sender name, a site. */
export const channelAddresses = pgTable(
  'channel_addresses',
  {
    id: serialId<AddressId>(),
    accountId: ref<AccountId>()
      .notNull()
      .references(() => channelAccounts.id),
    channel: text().$type<MessageChannelName>().notNull(),
    /** Canonical: lower-case address, E.164, sender name as it is, site key. */
    value: text().notNull(),
    /** Shown to clients as the sender's name, and to agents. */
    name: text().notNull().default(''),
    queueId: ref<QueueId>()
      .notNull()
      .references(() => queues.id),
    /** Written from when nothing else says which. */
    isDefault: boolean().notNull().default(false),
    version: integer().notNull().default(1),
  },
  (t) => [
    uniqueIndex('channel_addresses_value_uq').on(t.channel, t.value),
    index('channel_addresses_account_idx').on(t.accountId),
  ],
);

/** Durable memory of adapters: bookkeeping of mailboxes, halves of long messages. */
export const channelState = pgTable(
  'channel_state',
  {
    accountId: ref<AccountId>()
      .notNull()
      .references(() => channelAccounts.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    value: jsonb().$type<unknown>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.key] })],
);

export const messageTemplates = pgTable('message_templates', {
  id: serialId<TemplateId>(),
  /** null = every channel. */
  channel: text().$type<MessageChannelName>(),
  name: text().notNull(),
  /** After `::`, lower case. */
  shortcut: text().notNull().unique(),
  language: text().$type<'ru' | 'en' | ''>().notNull().default(''),
  subject: text().notNull().default(''),
  /** Plain text with fields: `{{client.name}}`. */
  body: text().notNull(),
  archivedAt: instant(),
  version: integer().notNull().default(1),
});

/** What is done with a message before people see it, first match of each action wins. */
export const inboundRules = pgTable('inbound_rules', {
  id: serialId<number>(),
  name: text().notNull(),
  enabled: boolean().notNull().default(true),
  position: integer().notNull().default(0),
  /** null = every channel, every address. */
  channel: text().$type<MessageChannelName>(),
  addressId: ref<AddressId>().references(() => channelAddresses.id, { onDelete: 'cascade' }),
  match: text().$type<RuleMatch>().notNull(),
  /** Of `keyword` and `contains`. */
  words: text().array().notNull().default(sql`'{}'`),
  action: text().$type<RuleAction>().notNull(),
  /** `reply`: the text, with a template's fields; `task`: the title. */
  text: text().notNull().default(''),
  queueId: ref<QueueId>().references(() => queues.id),
  /** `task`: whose; null = the responsible manager, else whoever has the conversation. */
  userId: ref<UserId>().references(() => users.id),
  version: integer().notNull().default(1),
});

/** One row: capacity, quiet hours, frequency. */
export const messageSettings = pgTable('message_settings', {
  id: smallint().primaryKey().default(1),
  /** Points of work that one agent has at once, and what each channel's conversation costs of them. */
  capacity: integer().notNull().default(12),
  weightEmail: integer().notNull().default(1),
  weightSms: integer().notNull().default(2),
  weightChat: integer().notNull().default(3),
  /** Local time of the client, HH:MM, in which nothing but answers goes out; equal = none. */
  quietFrom: text().notNull().default('21:00'),
  quietTo: text().notNull().default('09:00'),
  /** Most marketing messages to one client within seven days; 0 = no limit. */
  marketingPerWeek: integer().notNull().default(3),
  /** Marketing needs a consent that was given, not only none that was refused. */
  consentRequired: boolean().notNull().default(true),
  /** Seconds in which a message may be undone. */
  undoSeconds: integer().notNull().default(10),
  /** A conversation without a word for so many days is closed; an answer after that opens a new one, linked. */
  closeAfterDays: integer().notNull().default(14),
  version: integer().notNull().default(1),
});

// Conversations

export const conversations = pgTable(
  'conversations',
  {
    id: text().$type<ConversationId>().primaryKey(),
    channel: text().$type<MessageChannelName>().notNull(),
    clientId: ref<ClientId>()
      .notNull()
      .references(() => clients.id),
    /** Ours. */
    addressId: ref<AddressId>()
      .notNull()
      .references(() => channelAddresses.id),
    /** The client's address that it goes to: canonical. */
    peer: text().notNull(),
    subject: text().notNull().default(''),
    /** Normal form for finding answers that lost every id; null = too common. */
    subjectKey: text(),
    state: text().$type<ConversationState>().notNull(),
    queueId: ref<QueueId>().notNull(),
    /** `assigned`: who has it. Else who had it last, if he is still to be asked first. */
    ownerId: ref<UserId>(),
    assignedAt: instant(),
    assignedBecause: text().$type<AssignmentReason>(),
    /** First message of the client that nobody answered; null = he does not wait. */
    waitingSince: instant(),
    /** `waitingSince` plus the queue's target in its opening hours. */
    dueAt: instant(),
    /** When it was noted that `dueAt` had passed; of an earlier wait when it is before `dueAt`. */
    overdueAt: instant(),
    lastMessageAt: instant().notNull(),
    lastDirection: text().$type<'in' | 'out'>().notNull(),
    messages: integer().notNull().default(0),
    unread: integer().notNull().default(0),
    openedAt: instant().notNull(),
    closedAt: instant(),
    /** The conversation that it went on from, long after. */
    continuesId: text().$type<ConversationId>(),
    /** Joined into another one: it stands for this one until the join is undone. */
    joinedIntoId: text().$type<ConversationId>(),
    version: integer().notNull().default(1),
  },
  (t) => [
    index('conversations_client_idx').on(t.clientId, t.lastMessageAt.desc().nullsFirst()),
    index('conversations_waiting_idx').on(t.queueId, t.dueAt).where(sql`state = 'waiting'`),
    index('conversations_owner_idx').on(t.ownerId, t.dueAt).where(sql`state = 'assigned'`),
    index('conversations_owned_idx').on(t.ownerId, t.lastMessageAt).where(sql`owner_id is not null`),
    index('conversations_peer_idx').on(t.channel, t.peer, t.addressId, t.lastMessageAt),
    index('conversations_subject_idx').on(t.subjectKey, t.lastMessageAt).where(sql`subject_key is not null`),
    check('conversations_owner_ck', sql`(state = 'assigned') <= (owner_id is not null)`),
    check('conversations_waiting_ck', sql`(state in ('waiting','assigned')) = (waiting_since is not null)`),
  ],
);

/** Addresses of those who take part in a conversation: who else may write in it unasked. */
export const conversationParticipants = pgTable(
  'conversation_participants',
  {
    conversationId: text()
      .$type<ConversationId>()
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    /** Canonical. */
    address: text().notNull(),
    name: text().notNull().default(''),
  },
  (t) => [
    primaryKey({ columns: [t.conversationId, t.address] }),
    index('conversation_participants_address_idx').on(t.address),
  ],
);

/** Every message, in and out. The timeline has an entry with the same id. */
export const messages = pgTable(
  'messages',
  {
    id: text().$type<MessageId>().primaryKey(),
    conversationId: text()
      .$type<ConversationId>()
      .notNull()
      .references(() => conversations.id),
    channel: text().$type<MessageChannelName>().notNull(),
    direction: text().$type<'in' | 'out'>().notNull(),
    at: instant().notNull(),
    /** Who wrote it of us; null = the client, a rule, or a program of ours past the house. */
    userId: ref<UserId>(),
    /** `rule`: an automatic answer; `echo`: written past the house. */
    origin: text().$type<'client' | 'agent' | 'rule' | 'echo' | 'campaign'>().notNull(),
    nature: text().notNull().default('human'),
    purpose: text().$type<MessagePurpose>().notNull().default('service'),
    /** Canonical. */
    fromAddress: text().notNull(),
    fromName: text().notNull().default(''),
    /** {address, name}[] */
    to: jsonb().$type<readonly { address: string; name: string }[]>().notNull().default([]),
    cc: jsonb().$type<readonly { address: string; name: string }[]>().notNull().default([]),
    subject: text().notNull().default(''),
    text: text().notNull(),
    /** New words only. */
    writtenText: text().notNull().default(''),
    html: text(),
    /** RFC 5322 Message-ID, or the provider's id. */
    providerId: text(),
    /** What it answers of ours or theirs. */
    answersId: text().$type<MessageId>(),
    references: text().array().notNull().default(sql`'{}'`),
    templateId: ref<TemplateId>(),
    /** Of the raw original under DATA_DIR/mail; null = there is none. */
    rawSha256: text(),
    /** A stranger wrote in somebody's conversation: where it would belong if a person says so. */
    askConversationId: text().$type<ConversationId>(),
    askBecause: text(),
    facts: jsonb().$type<Readonly<Record<string, string>>>().notNull().default({}),
  },
  (t) => [
    index('messages_conversation_idx').on(t.conversationId, t.at, t.id),
    index('messages_provider_idx').on(t.providerId).where(sql`provider_id is not null`),
    check('messages_direction_ck', sql`direction in ('in','out')`),
  ],
);

/** A file of a message or of a draft; the bytes lie once for each content under DATA_DIR/attachments. */
export const attachments = pgTable(
  'attachments',
  {
    id: text().$type<AttachmentId>().primaryKey(),
    /** null = of a draft. */
    messageId: text()
      .$type<MessageId>()
      .references(() => messages.id),
    /** Who uploaded it. */
    userId: ref<UserId>(),
    name: text().notNull(),
    type: text().notNull(),
    bytes: integer().notNull(),
    sha256: text().notNull(),
    contentId: text(),
    isInline: boolean().notNull().default(false),
    position: integer().notNull().default(0),
    createdAt: createdAt(),
  },
  (t) => [
    index('attachments_message_idx').on(t.messageId),
    index('attachments_draft_idx').on(t.createdAt).where(sql`message_id is null`),
  ],
);

/** Splits and joins of conversations, so that an undo is exact. */
export const conversationChanges = pgTable(
  'conversation_changes',
  {
    id: serialId<number>(),
    at: createdAt(),
    kind: text().$type<'split' | 'join' | 'placed'>().notNull(),
    /** Messages went from here ... */
    fromId: text().$type<ConversationId>().notNull(),
    /** ... to here. */
    toId: text().$type<ConversationId>().notNull(),
    messageIds: text().array().$type<MessageId[]>().notNull(),
    /** How both stood, and their versions after it: put back as it was when nothing has happened since. */
    before: jsonb().$type<Readonly<Record<string, unknown>>>(),
    userId: ref<UserId>().notNull(),
    undoneAt: instant(),
    undoneById: ref<UserId>(),
  },
  (t) => [index('conversation_changes_from_idx').on(t.fromId), index('conversation_changes_to_idx').on(t.toId)],
);

/** What somebody is writing, letter by letter: one for each person, client and channel. */
export const messageDrafts = pgTable(
  'message_drafts',
  {
    userId: ref<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    clientId: ref<ClientId>()
      .notNull()
      .references(() => clients.id, { onDelete: 'cascade' }),
    channel: text().$type<MessageChannelName | 'note'>().notNull(),
    /** The composer's fields: contract/messages-schemas.ts, Draft. */
    data: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    updatedAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.clientId, t.channel] })],
);

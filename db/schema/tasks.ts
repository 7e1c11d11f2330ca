import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { MessageChannelName } from '../../server/contract/messages-words.ts';
import type {
  HandOverReason,
  OwedClosing,
  OwedKind,
  OwnerReason,
  TaskKind,
  TaskOutcome,
  TaskState,
} from '../../server/contract/tasks-words.ts';
import type { ClientId, ConversationId, InteractionId, QueueId, UserId } from '../../server/kernel/ids.ts';
import { users } from './access.ts';
import { clients } from './clients.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';

/** What somebody has to do at a time: tasks, callbacks, promises. */
export const tasks = pgTable(
  'tasks',
  {
    id: serialId<number>(),
    kind: text().$type<TaskKind>().notNull(),
    state: text().$type<TaskState>().notNull().default('open'),
    /** As it was made; a card that was emptied into another one is looked up when it is read, so that an undo is whole. */
    clientId: ref<ClientId>().references(() => clients.id),
    title: text().notNull().default(''),
    note: text().notNull().default(''),
    assigneeId: ref<UserId>()
      .notNull()
      .references(() => users.id),
    creatorId: ref<UserId>()
      .notNull()
      .references(() => users.id),
    dueAt: instant().notNull(),
    /** The client's, IANA. */
    timeZone: text().notNull(),
    remindAt: instant().notNull(),
    /** null = nobody was reminded yet. */
    remindedAt: instant(),
    /** From then on it counts as missed. */
    passAt: instant().notNull(),
    handedFromId: ref<UserId>(),
    handedReason: text().$type<HandOverReason>(),
    handedAt: instant(),
    interactionId: text().$type<InteractionId>(),
    result: text().notNull().default(''),
    outcome: text().$type<TaskOutcome>(),
    closedAt: instant(),
    closedById: ref<UserId>(),
    createdAt: createdAt(),
    version: integer().notNull().default(1),
  },
  (t) => [
    index('tasks_assignee_idx').on(t.assigneeId, t.dueAt, t.id),
    index('tasks_client_idx').on(t.clientId, t.dueAt).where(sql`client_id is not null`),
    index('tasks_remind_idx').on(t.remindAt).where(sql`reminded_at is null and state in ('open','missed')`),
    index('tasks_pass_idx').on(t.passAt).where(sql`state = 'open'`),
    check('tasks_kind_ck', sql`kind in ('task','callback','promise')`),
    check('tasks_state_ck', sql`state in ('open','missed','done','cancelled')`),
    check('tasks_client_ck', sql`kind = 'task' or client_id is not null`),
  ],
);

/** People to whom we owe an answer, by client; closed rows are the history. */
export const owed = pgTable(
  'owed',
  {
    id: serialId<number>(),
    clientId: ref<ClientId>()
      .notNull()
      .references(() => clients.id),
    kind: text().$type<OwedKind>().notNull(),
    /** Of the calls that nobody took, by their arrival. */
    firstAt: instant().notNull(),
    lastAt: instant().notNull(),
    times: integer().notNull(),
    /** Of the last of them. */
    number: text().notNull(),
    lineName: text().notNull().default(''),
    queueId: ref<QueueId>(),
    /** In order; the first and the latest ones. */
    interactionIds: text().array().$type<InteractionId[]>().notNull(),
    /** In which he waits for an answer to what he wrote. */
    conversationIds: text().array().$type<ConversationId[]>().notNull().default(sql`'{}'`),
    /** Where he waits, without repetition: call, email, sms, chat. */
    channels: text().array().$type<('call' | MessageChannelName)[]>().notNull().default(sql`'{call}'`),
    dueAt: instant().notNull(),
    ownerId: ref<UserId>().references(() => users.id),
    ownerReason: text().$type<OwnerReason>(),
    ownedAt: instant(),
    /** End of the shift in which it is his. */
    ownerUntil: instant(),
    openedAt: instant().notNull(),
    closedAt: instant(),
    closedBecause: text().$type<OwedClosing>(),
    closedByInteractionId: text().$type<InteractionId>(),
    closedById: ref<UserId>(),
    closedNote: text().notNull().default(''),
    version: integer().notNull().default(1),
  },
  (t) => [
    uniqueIndex('owed_open_client_uq').on(t.clientId).where(sql`closed_at is null`),
    index('owed_open_owner_idx').on(t.ownerId, t.dueAt, t.id).where(sql`closed_at is null`),
    index('owed_client_idx').on(t.clientId, t.openedAt),
    index('owed_closing_interaction_idx').on(t.closedByInteractionId).where(sql`closed_by_interaction_id is not null`),
    index('owed_queue_turn_idx').on(t.queueId, t.ownedAt).where(sql`owner_reason = 'round_robin'`),
    check('owed_kind_ck', sql`kind in ('missed','message','voicemail','callback')`),
    check('owed_owner_ck', sql`(owner_id is null) = (owner_reason is null)`),
    check('owed_closed_ck', sql`(closed_at is null) = (closed_because is null)`),
  ],
);

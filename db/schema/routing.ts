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
  ClientId,
  DispositionId,
  InteractionId,
  LineId,
  OfferId,
  QueueId,
  RecordingId,
  TrunkId,
  UserId,
} from '../../server/kernel/ids.ts';
import { users } from './access.ts';
import { clients } from './clients.ts';
import { createdAt, instant, ref, serialId } from './columns.ts';
import { type DayPeriods, sounds } from './setup.ts';

/** What becomes of a caller who waited too long, or who calls outside the hours. */
type QueueExit = 'voicemail' | 'callback' | 'hang_up';

/** Weekly pattern: ISO weekday 1-7 -> periods of local time; `to` before `from` runs over midnight. */
export type WeeklyPattern = Readonly<
  Partial<Record<1 | 2 | 3 | 4 | 5 | 6 | 7, readonly { from: string; to: string }[]>>
>;

/** When a queue is open, in its own time zone. */
export interface OpeningHours {
  /** IANA name. */
  readonly timeZone: string;
  readonly weekly: WeeklyPattern;
  /** Days that differ from the pattern; no periods = closed. */
  readonly exceptions: readonly {
    readonly day: string;
    readonly periods: DayPeriods;
    readonly reason: string;
    readonly note: string;
  }[];
}

/** A waiting room with its rules. */
export const queues = pgTable('queues', {
  id: serialId<QueueId>(),
  name: text().notNull().unique(),
  /** How long one agent rings before the next is offered. */
  ringSeconds: integer().notNull().default(15),
  /** How long the client's responsible manager rings before the others; 0 = no preference. */
  responsibleSeconds: integer().notNull().default(15),
  wrapUpSeconds: integer().notNull().default(60),
  wrapUpMode: text()
    .$type<'optional' | 'mandatory_discretionary' | 'mandatory_timeboxed' | 'mandatory_timeboxed_no_early_exit'>()
    .notNull()
    .default('mandatory_timeboxed'),
  recordCalls: boolean().notNull().default(true),
  /** null = a caller waits as long as he likes. */
  maxWaitSeconds: integer(),
  afterMaxWait: text().$type<QueueExit>().notNull().default('voicemail'),
  /** null = always open. */
  hours: jsonb().$type<OpeningHours>(),
  outOfHours: text().$type<QueueExit>().notNull().default('voicemail'),
  /** null = none; of the music, the built-in one. */
  greetingSoundId: ref<number>().references(() => sounds.id),
  musicSoundId: ref<number>().references(() => sounds.id),
  closedSoundId: ref<number>().references(() => sounds.id),
  /** Higher first, where an agent serves several queues. */
  priority: smallint().notNull().default(0),
  /** Within how many minutes of its opening hours a message is to be answered. */
  responseMinutes: integer().notNull().default(60),
  version: integer().notNull().default(1),
  /** Round robin: the agent who was offered last; the next in schedule order comes after him. */
  lastOfferedUserId: ref<UserId>(),
});

/** Who serves a queue, in the order of the schedule. */
export const queueAgents = pgTable(
  'queue_agents',
  {
    queueId: ref<QueueId>()
      .notNull()
      .references(() => queues.id, { onDelete: 'cascade' }),
    userId: ref<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    position: integer().notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.queueId, t.userId] }), index('queue_agents_user_idx').on(t.userId)],
);

export const workSchedules = pgTable('work_schedules', {
  userId: ref<UserId>()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** IANA name. */
  timeZone: text().notNull(),
  weekly: jsonb().$type<WeeklyPattern>().notNull(),
  /** Counts changes, those of its exceptions too. */
  version: integer().notNull().default(1),
});

/** One day that differs: no periods = off (holiday, sick), otherwise an extra or changed working day. */
export const scheduleExceptions = pgTable(
  'schedule_exceptions',
  {
    id: serialId<number>(),
    userId: ref<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Local date, YYYY-MM-DD. */
    day: text().notNull(),
    periods: jsonb().$type<readonly { from: string; to: string }[]>().notNull(),
    /** holiday, vacation, sick, training, extra, changed */
    reason: text().notNull().default('changed'),
    note: text().notNull().default(''),
  },
  (t) => [uniqueIndex('schedule_exceptions_uq').on(t.userId, t.day)],
);

/** An agent's own routing status. Busy is derived, never stored; being on shift is the schedule's, connection the sockets'. */
export const presence = pgTable('presence', {
  userId: ref<UserId>()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  status: text().$type<'available' | 'not_ready'>().notNull().default('not_ready'),
  reason: text().notNull().default(''),
  /** Taken over when the present contact is done. */
  nextStatus: text().$type<'available' | 'not_ready'>(),
  nextReason: text().notNull().default(''),
  since: createdAt(),
  /** agent, supervisor, rule, connection, shift */
  cause: text().notNull().default('agent'),
});

/** A provider connection. */
export const trunks = pgTable('trunks', {
  id: serialId<TrunkId>(),
  name: text().notNull().unique(),
  host: text().notNull(),
  port: integer().notNull().default(5060),
  transport: text().$type<'udp' | 'tcp'>().notNull().default('udp'),
  /** Source addresses that are this carrier: IP or IP/prefix. */
  addresses: text().array().notNull().default(sql`'{}'`),
  username: text().notNull().default(''),
  password: text().notNull().default(''),
  /** How numbers are written towards it: +79161234567, 79161234567 or 89161234567. */
  numberFormat: text().$type<'e164' | 'digits' | 'ru8'>().notNull().default('e164'),
  version: integer().notNull().default(1),
});

/** A number of ours: where its calls go, and what clients see when we call. */
export const lines = pgTable('lines', {
  id: serialId<LineId>(),
  name: text().notNull(),
  /** E.164. */
  number: text().notNull().unique(),
  trunkId: ref<TrunkId>()
    .notNull()
    .references(() => trunks.id),
  queueId: ref<QueueId>()
    .notNull()
    .references(() => queues.id),
  /** Region whose habits decide how bare numbers are read, ISO 3166-1. */
  region: text().notNull().default('RU'),
  version: integer().notNull().default(1),
});

/** Outcome codes, keys 1-9 in wrap-up. */
export const dispositions = pgTable(
  'dispositions',
  {
    id: serialId<DispositionId>(),
    /** 0 = none. */
    hotkey: smallint().notNull().default(0),
    nameRu: text().notNull(),
    nameEn: text().notNull(),
    position: integer().notNull().default(0),
    /** No longer offered; calls of the past keep it. */
    archivedAt: instant(),
    version: integer().notNull().default(1),
  },
  (t) => [uniqueIndex('dispositions_hotkey_uq').on(t.hotkey).where(sql`hotkey > 0`)],
);

/** One piece of work with a client on one channel, from arrival to disposition. */
export const interactions = pgTable(
  'interactions',
  {
    id: text().$type<InteractionId>().primaryKey(),
    channel: text().$type<'call'>().notNull(),
    direction: text().$type<'in' | 'out'>().notNull(),
    state: text().notNull(),
    clientId: ref<ClientId>()
      .notNull()
      .references(() => clients.id),
    queueId: ref<QueueId>(),
    lineId: ref<LineId>().notNull(),
    /** As the wire wrote it, and the canonical form; `peerReason` says why there is none. */
    peerRaw: text().notNull(),
    peer: text().notNull().default(''),
    peerExtension: text().notNull().default(''),
    peerName: text().notNull().default(''),
    peerReason: text().notNull().default(''),
    priority: smallint().notNull().default(0),
    userId: ref<UserId>(),
    arrivedAt: instant().notNull(),
    answeredAt: instant(),
    endedAt: instant(),
    wrapUpUntil: instant(),
    closedAt: instant(),
    result: text(),
    dispositionId: ref<DispositionId>(),
    note: text().notNull().default(''),
    recordingId: text().$type<RecordingId>(),
    /** Which process holds the call; a restart closes what its predecessor left. */
    nodeId: text().notNull(),
    version: integer().notNull().default(1),
  },
  (t) => [
    index('interactions_live_idx').on(t.state).where(sql`state <> 'closed'`),
    index('interactions_client_idx').on(t.clientId),
    check('interactions_direction_ck', sql`direction in ('in','out')`),
  ],
);

/** A proposal of one interaction to one agent, with every candidate and the reason of each. */
export const offers = pgTable(
  'offers',
  {
    id: text().$type<OfferId>().primaryKey(),
    interactionId: text()
      .$type<InteractionId>()
      .notNull()
      .references(() => interactions.id),
    userId: ref<UserId>().notNull(),
    offeredAt: instant().notNull(),
    expiresAt: instant().notNull(),
    endedAt: instant(),
    result: text(),
    /** Why this agent, e.g. `responsible`, `round_robin`. */
    reason: text().notNull(),
    /** JSON text, see server/calls/candidates.ts; text because nobody queries inside it. */
    candidates: text().notNull(),
  },
  (t) => [
    index('offers_interaction_idx').on(t.interactionId),
    index('offers_user_idx').on(t.userId, t.offeredAt),
    // The guard against doubles: one open offer per interaction and per agent, whatever the processes think.
    uniqueIndex('offers_open_interaction_uq').on(t.interactionId).where(sql`ended_at is null`),
    uniqueIndex('offers_open_user_uq').on(t.userId).where(sql`ended_at is null`),
  ],
);

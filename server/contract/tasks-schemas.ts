import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, UserRef, Words } from './schemas.ts';
import {
  handOverReasons,
  owedChannels,
  owedClosings,
  owedKinds,
  ownerReasons,
  taskKinds,
  taskOutcomes,
  taskStates,
} from './tasks-words.ts';

const strict = { additionalProperties: false };
const ClientRef = Type.Object({ id: Id, name: Type.String(), company: Type.String() });
const Title = Type.String({ maxLength: 200 });
const Note = Type.String({ maxLength: 4000 });

/** A task, callback or promise; a higher version replaces a lower one. */
export const TaskView = Type.Object({
  id: Id,
  version: Type.Integer(),
  kind: Words(taskKinds),
  state: Words(taskStates),
  client: Nullable(ClientRef),
  /** The client's first number, E.164, or empty. */
  number: Type.String(),
  title: Type.String(),
  note: Type.String(),
  assignee: UserRef,
  creator: UserRef,
  dueAt: Instant,
  /** The client's time zone when it was made, IANA. */
  timeZone: Type.String(),
  remindAt: Instant,
  /** When somebody was reminded; null = not yet. */
  remindedAt: Nullable(Instant),
  /** Who had it before, when it changed hands, and why. */
  handedOver: Nullable(Type.Object({ from: UserRef, reason: Words(handOverReasons), at: Instant })),
  /** The interaction it was made in. */
  interactionId: Nullable(Type.String()),
  /** What came of it. */
  result: Type.String(),
  outcome: Nullable(Words(taskOutcomes)),
  closedAt: Nullable(Instant),
  createdAt: Instant,
});
export type TaskView = Static<typeof TaskView>;

/** A page: `after` of the next one, or null on the last. */
export const TaskPage = Type.Object({ items: Type.Array(TaskView), after: Nullable(Type.String()) });

export const NewTask = Type.Object(
  {
    kind: Words(taskKinds),
    /** Promises and callbacks have a client. */
    clientId: Type.Optional(Id),
    title: Type.Optional(Title),
    note: Type.Optional(Note),
    /** Default: myself. */
    assigneeId: Type.Optional(Id),
    dueAt: Instant,
    /** Default: when it is due. */
    remindAt: Type.Optional(Instant),
    interactionId: Type.Optional(Type.String({ maxLength: 36 })),
  },
  strict,
);
export type NewTask = Static<typeof NewTask>;

/** Absent = unchanged. A new `dueAt` moves the reminder with it, unless `remindAt` is given too. */
export const TaskChange = Type.Object(
  {
    /** The version the change was made on; a newer one on the server answers 409 `stale_version`. */
    version: Type.Integer(),
    kind: Type.Optional(Words(taskKinds)),
    title: Type.Optional(Title),
    note: Type.Optional(Note),
    dueAt: Type.Optional(Instant),
    remindAt: Type.Optional(Instant),
  },
  strict,
);
export type TaskChange = Static<typeof TaskChange>;

/** Whether somebody is on shift at a time that is about to be promised, and what else could be promised. */
export const TaskCheck = Type.Object({
  dueAt: Instant,
  assignee: UserRef,
  onShift: Type.Boolean(),
  /** The shift that the time is in. */
  shift: Nullable(Type.Object({ startsAt: Instant, endsAt: Instant })),
  /** Times at which he is on shift, in order: the last before, the first after, the same time on another day. */
  nearest: Type.Array(Instant),
  /** Who is on shift then, until when; the client's responsible manager first. */
  colleagues: Type.Array(Type.Object({ user: UserRef, until: Instant, isResponsible: Type.Boolean() })),
  /** The client's clock at that time; null without a client. `2026-01-12T15:00` */
  client: Nullable(Type.Object({ timeZone: Type.String(), localTime: Type.String() })),
});
export type TaskCheck = Static<typeof TaskCheck>;

/** A client to whom we owe an answer: one row each while it is open. */
export const OwedRow = Type.Object({
  id: Id,
  version: Type.Integer(),
  client: ClientRef,
  kind: Words(owedKinds),
  /** Where he waits, each once. */
  channels: Type.Array(Words(owedChannels)),
  /** The number that called or texted last (empty: he only wrote letters or chats), and the name of our line or address. */
  number: Type.String(),
  lineName: Type.String(),
  firstAt: Instant,
  lastAt: Instant,
  times: Type.Integer(),
  dueAt: Instant,
  /** null: nobody of the company has a shift within a fortnight. */
  owner: Nullable(UserRef),
  ownerReason: Nullable(Words(ownerReasons)),
  interactionIds: Type.Array(Type.String()),
  /** In which he waits for an answer to what he wrote. */
  conversationIds: Type.Array(Type.String()),
  closed: Nullable(
    Type.Object({
      at: Instant,
      because: Words(owedClosings),
      interactionId: Nullable(Type.String()),
      user: Nullable(UserRef),
      note: Type.String(),
    }),
  ),
});
export type OwedRow = Static<typeof OwedRow>;

export const OwedPage = Type.Object({
  items: Type.Array(OwedRow),
  after: Nullable(Type.String()),
  /** All open ones of the scope, and those whose time is over. */
  open: Type.Integer(),
  overdue: Type.Integer(),
});
export type OwedPage = Static<typeof OwedPage>;

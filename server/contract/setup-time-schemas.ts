import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, UserRef, Words } from './schemas.ts';
import { Day, DayReason, Exceptions, Name, Named, Periods, strict, TimeZone, Version, Weekly } from './setup-basics.ts';
import { checklistStates, setupActions, setupKinds } from './setup-words.ts';

const holidayFields = {
  day: Day,
  name: Name,
  /** Whoever works then; none = nobody, save whose own schedule has an exception for the day. */
  periods: Periods,
  /** Queues with hours follow it too, save those whose hours have an exception for the day. */
  closesQueues: Type.Boolean(),
};
/** One day of the whole company. */
export const Holiday = Type.Object({ id: Id, version: Version, ...holidayFields });
export type Holiday = Static<typeof Holiday>;
export const NewHoliday = Type.Object(
  {
    day: Day,
    name: Name,
    periods: Type.Optional(Periods),
    closesQueues: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type NewHoliday = Static<typeof NewHoliday>;
export const HolidayChange = Type.Object(
  { version: Version, ...Type.Partial(Type.Object(holidayFields)).properties },
  strict,
);
export type HolidayChange = Static<typeof HolidayChange>;

const scheduleFields = { timeZone: TimeZone, weekly: Weekly, exceptions: Exceptions };
export const UserSchedule = Type.Object({
  user: UserRef,
  teamId: Nullable(Id),
  /** 0: there is none yet. */
  version: Version,
  ...scheduleFields,
  /** Whether the reader may change it. */
  canChange: Type.Boolean(),
});
export type UserSchedule = Static<typeof UserSchedule>;
export const ScheduleChange = Type.Object({ version: Version, ...scheduleFields }, strict);
export type ScheduleChange = Static<typeof ScheduleChange>;
export const ScheduleCopy = Type.Object(
  {
    version: Version,
    fromUserId: Id,
    /** His single days too; default: only the pattern and the time zone. */
    withExceptions: Type.Optional(Type.Boolean()),
  },
  strict,
);
export const ScheduleDay = Type.Object(
  { version: Version, periods: Periods, reason: DayReason, note: Type.String({ maxLength: 100 }) },
  strict,
);

const Span = Type.Object({ startsAt: Instant, endsAt: Instant });
/** Who is on shift when, and where a queue that is open has nobody. */
export const Shifts = Type.Object({
  from: Instant,
  to: Instant,
  items: Type.Array(
    Type.Object({
      user: UserRef,
      teamId: Nullable(Id),
      queueIds: Type.Array(Id),
      /** Cut off at both ends of what was asked. */
      shifts: Type.Array(Span),
    }),
  ),
  queues: Type.Array(
    Type.Object({
      queue: Named,
      /** When it is open. */
      open: Type.Array(Span),
      holes: Type.Array(Span),
    }),
  ),
});
export type Shifts = Static<typeof Shifts>;

// Sounds, versions, checklist

/** Answer of `POST /api/v1/setup/sounds`; `GET /api/v1/setup/sounds/:id/audio` plays it. */
export const Sound = Type.Object({
  id: Id,
  version: Version,
  name: Type.String(),
  durationMs: Type.Integer(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  /** Loudest sample, dB below full scale: 0 = clipped, -100 = silence. */
  peakDb: Type.Number(),
  createdAt: Instant,
  createdBy: Nullable(UserRef),
  usedBy: Type.Array(Type.Object({ queue: Named, as: Words(['greeting', 'music', 'closed'] as const) })),
});
export type Sound = Static<typeof Sound>;
export const SoundChange = Type.Object({ version: Version, name: Name }, strict);
export const SoundName = Name;

export const SetupVersion = Type.Object({
  id: Id,
  at: Instant,
  /** null: the system did it. */
  user: Nullable(UserRef),
  kind: Words(setupKinds),
  subjectId: Type.Integer(),
  subjectName: Type.String(),
  action: Words(setupActions),
  /** Fields that differ; absent `before` or `after` = the thing did not exist. */
  changes: Type.Array(
    Type.Object({
      field: Type.String(),
      before: Type.Optional(Type.Unknown()),
      after: Type.Optional(Type.Unknown()),
    }),
  ),
  /** The version that this one took back. */
  rolledBackFrom: Nullable(Id),
  /** A replaced secret cannot come back. */
  canRollBack: Type.Boolean(),
});
export type SetupVersion = Static<typeof SetupVersion>;

const state = { state: Words(checklistStates) };
/** In the order in which a new owner works through it. */
export const Checklist = Type.Object({
  adminPassword: Type.Object({ ...state, admins: Type.Integer(), withFirstPassword: Type.Array(UserRef) }),
  people: Type.Object({
    ...state,
    agents: Type.Integer(),
    onQueues: Type.Integer(),
    withoutQueue: Type.Array(UserRef),
    withoutSchedule: Type.Array(UserRef),
    queuesWithoutMembers: Type.Array(Named),
  }),
  /** Now, and the holes of the next seven days. */
  coverage: Type.Object({
    ...state,
    onShiftNow: Type.Array(UserRef),
    holes: Type.Array(Type.Object({ queue: Named, startsAt: Instant, endsAt: Instant })),
  }),
  lines: Type.Object({
    ...state,
    lines: Type.Integer(),
    /** Trunks without an address and without credentials: nothing can come in. */
    trunksNotReady: Type.Array(Named),
  }),
  browserPhone: Type.Object({ ...state, firstAt: Nullable(Instant), user: Nullable(UserRef) }),
  greeting: Type.Object({ ...state, queuesWithout: Type.Array(Named) }),
  /** Optional: who writes can be answered too. `warning`: there is an account, and none of them is up. */
  mailbox: Type.Object({ ...state, accounts: Type.Array(Named) }),
  sms: Type.Object({ ...state, accounts: Type.Array(Named) }),
  testCall: Type.Object({ ...state, passedAt: Nullable(Instant), user: Nullable(UserRef) }),
});
export type Checklist = Static<typeof Checklist>;

import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, Role, UserRef, Words } from './schemas.ts';
import {
  checklistStates,
  dayReasons,
  numberFormats,
  queueExits,
  setupActions,
  setupKinds,
  trunkTransports,
  wrapUpModes,
} from './setup-words.ts';

const strict = { additionalProperties: false };

/** Counts the changes of one thing. An edit names the one it was made on; a newer one answers 409 `stale_version`. */
export const Version = Type.Integer({ minimum: 0 });
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Language = Words(['ru', 'en'] as const);
/** IANA name. */
const TimeZone = Type.String({ minLength: 1, maxLength: 60 });
/** ISO 3166-1. */
const Region = Type.String({ pattern: '^[A-Z]{2}$', examples: ['RU'] });
const Named = Type.Object({ id: Id, name: Type.String() });

/** Local date. */
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-01-12'] });
const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['09:00'] });
/** Local times; `to` at or before `from` is on the next day, equal = the whole day round. */
const Period = Type.Object({ from: Time, to: Time }, strict);
/** None = off. */
export const Periods = Type.Array(Period, { maxItems: 6 });
/** ISO weekday (1 = Monday) -> periods that start on it; absent = off. */
export const Weekly = Type.Object(
  {
    1: Type.Optional(Periods),
    2: Type.Optional(Periods),
    3: Type.Optional(Periods),
    4: Type.Optional(Periods),
    5: Type.Optional(Periods),
    6: Type.Optional(Periods),
    7: Type.Optional(Periods),
  },
  strict,
);
export const DayReason = Words(dayReasons);
/** One day that differs: off, or other periods than the weekly ones. */
const DayException = Type.Object(
  { day: Day, periods: Periods, reason: DayReason, note: Type.String({ maxLength: 100 }) },
  strict,
);
const Exceptions = Type.Array(DayException, { maxItems: 400 });

/** A queue's hours; null in its place = always open. */
const OpeningHours = Type.Object({ timeZone: TimeZone, weekly: Weekly, exceptions: Exceptions }, strict);
export type OpeningHours = Static<typeof OpeningHours>;

// People

const userFields = {
  /** Compared in lower case; also the name of the SIP account. */
  login: Type.String({ minLength: 1, maxLength: 64 }),
  name: Name,
  role: Role,
  teamId: Nullable(Id),
  language: Language,
};
/** At least ten characters. */
export const Password = Type.String({ minLength: 10, maxLength: 1024, examples: ['correct horse battery'] });

export const SetupUser = Type.Object({
  id: Id,
  version: Version,
  ...userFields,
  disabledAt: Nullable(Instant),
  createdAt: Instant,
  /** null: still the one that the account was made with by demo data or an installer. */
  passwordSetAt: Nullable(Instant),
  hasSchedule: Type.Boolean(),
  queues: Type.Array(Named),
  /** A desk phone registers as `sip:aor@realm` with the secret that a reset shows once. */
  sip: Type.Object({ aor: Type.String(), realm: Type.String() }),
});
export type SetupUser = Static<typeof SetupUser>;

export const NewUser = Type.Object(
  {
    login: userFields.login,
    name: userFields.name,
    role: userFields.role,
    teamId: Type.Optional(userFields.teamId),
    language: Type.Optional(Language),
    /** Absent: one is generated and answered once. */
    password: Type.Optional(Password),
  },
  strict,
);
export type NewUser = Static<typeof NewUser>;

export const UserChange = Type.Object(
  {
    version: Version,
    ...Type.Partial(Type.Object(userFields)).properties,
    /** True ends his sessions at once; offers to him are withdrawn. */
    disabled: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type UserChange = Static<typeof UserChange>;

export const SetupTeam = Type.Object({
  id: Id,
  version: Version,
  name: Type.String(),
  members: Type.Array(UserRef),
  /** Who may change the schedules and queue places of its members, besides supervisors who are members themselves. */
  supervisors: Type.Array(UserRef),
});
export type SetupTeam = Static<typeof SetupTeam>;

const UserIds = Type.Array(Id, { maxItems: 5000 });
const teamFields = {
  name: Name,
  /** All of them: whoever is absent leaves the team. */
  memberIds: Type.Optional(UserIds),
  supervisorIds: Type.Optional(UserIds),
};
export const NewTeam = Type.Object(teamFields, strict);
export type NewTeam = Static<typeof NewTeam>;
export const TeamChange = Type.Object({ version: Version, ...teamFields, name: Type.Optional(Name) }, strict);
export type TeamChange = Static<typeof TeamChange>;

// Lines and queues

const trunkFields = {
  /** Host name or address. */
  host: Type.String({ minLength: 1, maxLength: 253 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  transport: Words(trunkTransports),
  /** Source addresses that are this carrier: IP or IP/prefix. */
  addresses: Type.Array(Type.String({ minLength: 2, maxLength: 50 }), { maxItems: 200 }),
  username: Type.String({ maxLength: 128 }),
  numberFormat: Words(numberFormats),
};
export const SetupTrunk = Type.Object({
  id: Id,
  version: Version,
  name: Type.String(),
  ...trunkFields,
  hasPassword: Type.Boolean(),
});
export type SetupTrunk = Static<typeof SetupTrunk>;
const trunkInput = {
  ...Type.Partial(Type.Object(trunkFields)).properties,
  /** Never read back. Absent = unchanged, empty = none. */
  password: Type.Optional(Type.String({ maxLength: 256 })),
};
export const NewTrunk = Type.Object({ ...trunkInput, name: Name, host: trunkFields.host }, strict);
export type NewTrunk = Static<typeof NewTrunk>;
export const TrunkChange = Type.Object({ version: Version, name: Type.Optional(Name), ...trunkInput }, strict);
export type TrunkChange = Static<typeof TrunkChange>;

const lineFields = {
  name: Name,
  trunkId: Id,
  queueId: Id,
  /** Whose habits decide how bare numbers are read. */
  region: Region,
};
export const SetupLine = Type.Object({
  id: Id,
  version: Version,
  ...lineFields,
  /** E.164. */
  number: Type.String(),
  display: Type.String(),
});
export type SetupLine = Static<typeof SetupLine>;
/** As a person writes it; 422 `invalid_number`. */
const TypedNumber = Type.String({ minLength: 1, maxLength: 64 });
export const NewLine = Type.Object(
  { ...lineFields, number: TypedNumber, region: Type.Optional(lineFields.region) },
  strict,
);
export type NewLine = Static<typeof NewLine>;
export const LineChange = Type.Object(
  {
    version: Version,
    ...Type.Partial(Type.Object(lineFields)).properties,
    number: Type.Optional(TypedNumber),
  },
  strict,
);
export type LineChange = Static<typeof LineChange>;

const queueFields = {
  /** How long one agent rings before the next is offered. */
  ringSeconds: Type.Integer({ minimum: 5, maximum: 120 }),
  /** How long the client's responsible manager rings before the others; 0 = no preference. */
  responsibleSeconds: Type.Integer({ minimum: 0, maximum: 120 }),
  wrapUpSeconds: Type.Integer({ minimum: 0, maximum: 3600 }),
  wrapUpMode: Words(wrapUpModes),
  recordCalls: Type.Boolean(),
  /** null = as long as the caller likes. */
  maxWaitSeconds: Nullable(Type.Integer({ minimum: 10, maximum: 7200 })),
  afterMaxWait: Words(queueExits),
  hours: Nullable(OpeningHours),
  /** After the closed sound. */
  outOfHours: Words(queueExits),
  /** Before the caller waits; null = none. */
  greetingSoundId: Nullable(Id),
  /** null = the built-in music. */
  musicSoundId: Nullable(Id),
  /** Outside the hours; null = none. */
  closedSoundId: Nullable(Id),
  /** Higher first, where an agent serves several queues. */
  priority: Type.Integer({ minimum: 0, maximum: 9 }),
};
export const SetupQueue = Type.Object({
  id: Id,
  version: Version,
  name: Type.String(),
  ...queueFields,
  /** In the order of round robin. */
  memberIds: Type.Array(Id),
  lines: Type.Array(Named),
  isOpen: Type.Boolean(),
});
export type SetupQueue = Static<typeof SetupQueue>;
const queueInput = Type.Partial(Type.Object(queueFields)).properties;
export const MemberIds = Type.Array(Id, { maxItems: 1000 });
export const NewQueue = Type.Object({ name: Name, ...queueInput, memberIds: Type.Optional(MemberIds) }, strict);
export type NewQueue = Static<typeof NewQueue>;
export const QueueChange = Type.Object({ version: Version, name: Type.Optional(Name), ...queueInput }, strict);
export type QueueChange = Static<typeof QueueChange>;

// Words of the company

const dispositionFields = {
  /** Key in wrap-up; null = none. */
  hotkey: Nullable(Type.Integer({ minimum: 1, maximum: 9 })),
  nameRu: Name,
  nameEn: Name,
};
export const SetupDisposition = Type.Object({
  id: Id,
  version: Version,
  ...dispositionFields,
  position: Type.Integer(),
  /** No longer offered; calls of the past keep it. */
  archived: Type.Boolean(),
});
export type SetupDisposition = Static<typeof SetupDisposition>;
export const NewDisposition = Type.Object(
  { ...dispositionFields, hotkey: Type.Optional(dispositionFields.hotkey) },
  strict,
);
export type NewDisposition = Static<typeof NewDisposition>;
export const DispositionChange = Type.Object(
  {
    version: Version,
    ...Type.Partial(Type.Object(dispositionFields)).properties,
    /** True also frees its key. */
    archived: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type DispositionChange = Static<typeof DispositionChange>;

/** Not-ready reason: what agents choose from. */
export const PresenceReason = Type.Object({
  /** What `PUT /api/v1/presence` takes as `reason`. */
  code: Type.String(),
  nameRu: Type.String(),
  nameEn: Type.String(),
});
const reasonFields = { nameRu: Name, nameEn: Name };
export const SetupPresenceReason = Type.Object({
  id: Id,
  version: Version,
  code: Type.String(),
  ...reasonFields,
  position: Type.Integer(),
  archived: Type.Boolean(),
});
export type SetupPresenceReason = Static<typeof SetupPresenceReason>;
export const NewPresenceReason = Type.Object(
  {
    ...reasonFields,
    /** Never changes afterwards: reports count by it. */
    code: Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$', examples: ['smoke_break'] }),
  },
  strict,
);
export type NewPresenceReason = Static<typeof NewPresenceReason>;
export const PresenceReasonChange = Type.Object(
  {
    version: Version,
    ...Type.Partial(Type.Object(reasonFields)).properties,
    archived: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type PresenceReasonChange = Static<typeof PresenceReasonChange>;

/** Every id that is not archived, in its new order; 409 `stale_version` when others exist meanwhile. */
export const Order = Type.Object({ ids: Type.Array(Id, { maxItems: 500 }) }, strict);

const companyFields = {
  name: Type.String({ maxLength: 100 }),
  /** Default of new lines, and how bare numbers are read where no line says it. */
  region: Region,
  timeZone: TimeZone,
  /** Of new users, and of sounds and texts where a client's is unknown. */
  language: Language,
};
export const CompanySettings = Type.Object({ version: Version, ...companyFields });
export type CompanySettings = Static<typeof CompanySettings>;
export const CompanyChange = Type.Object(
  { version: Version, ...Type.Partial(Type.Object(companyFields)).properties },
  strict,
);
export type CompanyChange = Static<typeof CompanyChange>;

// Time

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
  testCall: Type.Object({ ...state, passedAt: Nullable(Instant), user: Nullable(UserRef) }),
});
export type Checklist = Static<typeof Checklist>;

import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, Role, Sees, UserRef, Words } from './schemas.ts';
import { Language, Name, Named, OpeningHours, Region, strict, TimeZone, Version } from './setup-basics.ts';
import { numberFormats, queueExits, trunkTransports, wrapUpModes } from './setup-words.ts';

export * from './setup-basics.ts';
export * from './setup-time-schemas.ts';

// People

const userFields = {
  /** Compared in lower case; also the name of the SIP account. */
  login: Type.String({ minLength: 1, maxLength: 64 }),
  name: Name,
  role: Role,
  teamId: Nullable(Id),
  language: Language,
  /** Administrators see all whatever stands here. Of a new agent or supervisor: his team. */
  sees: Sees,
  /** Take the client base out of the house as a file. Of a new administrator: yes; of others: no. */
  mayExport: Type.Boolean(),
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
    sees: Type.Optional(Sees),
    mayExport: Type.Optional(Type.Boolean()),
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
  /** Within how many minutes of its opening hours a message is to be answered. */
  responseMinutes: Type.Integer({ minimum: 5, maximum: 10_080 }),
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

import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, UserRef, Words } from './basics.ts';
import { ConversationView, MessageOnTimeline } from './messages-schemas.ts';
import { owedChannels, owedKinds } from './tasks-words.ts';
import {
  callResults,
  candidateReasons,
  interactionStates,
  numberReasons,
  offerResults,
  problemCodes,
  roles,
  routingStatuses,
  seesWords,
  timelineKinds,
} from './words.ts';

export * from './basics.ts';

export const Role = Words(roles);
/** Whose client cards somebody sees; what nobody is responsible for, everybody sees. */
export const Sees = Words(seesWords);

export const Me = Type.Object({
  id: Id,
  login: Type.String(),
  name: Type.String(),
  role: Role,
  /** Whether the client base may be taken out of the house. */
  mayExport: Type.Boolean(),
  language: Words(['ru', 'en'] as const),
  settings: Type.Record(Type.String(), Type.Unknown()),
  /** The SIP account that this session's WebSocket may register: `sip:aor@realm`. */
  sip: Type.Object({ aor: Type.String(), realm: Type.String() }),
});
export type Me = Static<typeof Me>;

export const ContactPoint = Type.Object({
  id: Id,
  kind: Words(['phone', 'email'] as const),
  /** E.164, a short number, or a lower-case address. */
  value: Type.String(),
  /** For people: national or international spelling. */
  display: Type.String(),
  extension: Type.String(),
  label: Type.String(),
  isPrimary: Type.Boolean(),
});
export type ContactPoint = Static<typeof ContactPoint>;

export const ClientKind = Words(['person', 'company', 'unknown'] as const);
export const ClientStage = Words(['lead', 'client', 'lost'] as const);

export const ClientCard = Type.Object({
  id: Id,
  version: Type.Integer(),
  kind: ClientKind,
  name: Type.String(),
  company: Type.String(),
  position: Type.String(),
  responsible: Nullable(UserRef),
  language: Type.String(),
  timeZone: Type.String(),
  /** Where the number is from, e.g. `RU`, and a time zone guessed from it, when the card has none. */
  region: Type.String(),
  stage: ClientStage,
  vip: Type.Boolean(),
  source: Type.String(),
  tags: Type.Array(Type.String()),
  warning: Type.String(),
  contactPoints: Type.Array(ContactPoint),
  createdAt: Instant,
});
export type ClientCard = Static<typeof ClientCard>;

export const ClientListItem = Type.Object({
  id: Id,
  kind: ClientKind,
  name: Type.String(),
  company: Type.String(),
  vip: Type.Boolean(),
  responsible: Nullable(UserRef),
  contactPoints: Type.Array(Type.Object({ kind: Type.String(), value: Type.String(), display: Type.String() })),
});
export type ClientListItem = Static<typeof ClientListItem>;

/** Fields that people change in place; absent = unchanged. */
export const ClientChange = Type.Object(
  {
    /** The version the change was made on; a newer one on the server answers 409 `stale_version`. */
    version: Type.Integer(),
    kind: Type.Optional(ClientKind),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    company: Type.Optional(Type.String({ maxLength: 200 })),
    position: Type.Optional(Type.String({ maxLength: 200 })),
    responsibleId: Type.Optional(Nullable(Id)),
    language: Type.Optional(Words(['ru', 'en', ''] as const)),
    timeZone: Type.Optional(Type.String({ maxLength: 60 })),
    stage: Type.Optional(ClientStage),
    vip: Type.Optional(Type.Boolean()),
    source: Type.Optional(Type.String({ maxLength: 200 })),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 50 })),
    warning: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type ClientChange = Static<typeof ClientChange>;

export const ContactPointInput = Type.Object(
  {
    kind: Words(['phone', 'email'] as const),
    /** As a person writes it. */
    value: Type.String({ minLength: 1, maxLength: 254 }),
    label: Type.Optional(Type.String({ maxLength: 60 })),
    isPrimary: Type.Optional(Type.Boolean()),
    /**
     * When another card has it, move it here; that of a known person only by a supervisor, an administrator or his
     * responsible manager. A card that a call made and that has nothing else moves here whole.
     */
    take: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ContactPointInput = Static<typeof ContactPointInput>;

/** One line of the identity ledger: why a number or address belongs to a card, or no longer does. */
export const IdentityLine = Type.Object({
  id: Id,
  at: Instant,
  action: Words(['created', 'added', 'removed', 'moved'] as const),
  /** In English, with the value and the rule: for people who ask why. */
  evidence: Type.String(),
  /** null: a call did it. */
  user: Nullable(UserRef),
  card: Type.Object({ id: Id, name: Type.String() }),
  /** `moved`: the card it came from. */
  from: Nullable(Type.Object({ id: Id, name: Type.String() })),
  /** `moved`: the card it came from was made by a call, had nothing else, and moved whole. */
  merged: Type.Boolean(),
  /** Timeline entries that moved with it. */
  movedEntries: Type.Integer(),
  undone: Nullable(Type.Object({ at: Instant, user: Nullable(UserRef) })),
  /** Whether the reader may undo it, and nothing later stands in the way. */
  canUndo: Type.Boolean(),
});
export type IdentityLine = Static<typeof IdentityLine>;

export const Comment = Type.Object({ id: Id, author: UserRef, at: Instant, body: Type.String() });

/** The page of a site from which a visitor called or wrote. */
export const CallPage = Type.Object({ url: Type.String(), title: Type.String() });
export type CallPage = Static<typeof CallPage>;

export const TimelineEntry = Type.Object({
  id: Type.String(),
  clientId: Id,
  kind: Words(timelineKinds),
  direction: Words(['in', 'out'] as const),
  /** Calls: ongoing, answered, missed, abandoned, failed; notes: done. */
  status: Type.String(),
  result: Nullable(Words(callResults)),
  at: Instant,
  user: Nullable(UserRef),
  peer: Type.String(),
  lineName: Type.String(),
  queueName: Type.String(),
  waitSeconds: Nullable(Type.Integer()),
  talkSeconds: Nullable(Type.Integer()),
  disposition: Nullable(Type.Object({ id: Id, nameRu: Type.String(), nameEn: Type.String() })),
  note: Type.String(),
  recording: Nullable(Type.Object({ id: Type.String(), state: Type.String(), durationMs: Nullable(Type.Integer()) })),
  interactionId: Nullable(Type.String()),
  /** Of kinds sms, email and chat; its id is the entry's. */
  message: Nullable(MessageOnTimeline),
  /** Of calls from a page, and of what a visitor writes in a chat. */
  page: Type.Optional(CallPage),
  comments: Type.Array(Comment),
});
export type TimelineEntry = Static<typeof TimelineEntry>;

export const PresenceView = Type.Object({
  status: Words(routingStatuses),
  reason: Type.String(),
  nextStatus: Nullable(Words(routingStatuses)),
  nextReason: Type.String(),
  since: Instant,
  cause: Type.String(),
  /** From the work schedule: null = off shift. */
  shift: Nullable(Type.Object({ startsAt: Instant, endsAt: Instant })),
  nextShiftAt: Nullable(Instant),
  /** Whether a phone of this agent is registered. */
  phone: Type.Boolean(),
});
export type PresenceView = Static<typeof PresenceView>;

export const Candidate = Type.Object({
  user: UserRef,
  reason: Words(candidateReasons),
  parameter: Nullable(Type.String()),
});
export type Candidate = Static<typeof Candidate>;

export const OfferView = Type.Object({
  id: Type.String(),
  interactionId: Type.String(),
  user: UserRef,
  offeredAt: Instant,
  expiresAt: Instant,
  endedAt: Nullable(Instant),
  result: Nullable(Words(offerResults)),
  reason: Words(candidateReasons),
  candidates: Type.Array(Candidate),
});
export type OfferView = Static<typeof OfferView>;

/** One interaction as its agent sees it; a higher version replaces a lower one. */
export const InteractionView = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  channel: Type.Literal('call'),
  direction: Words(['in', 'out'] as const),
  state: Words(interactionStates),
  client: Type.Object({ id: Id, name: Type.String(), company: Type.String(), kind: ClientKind, vip: Type.Boolean() }),
  peer: Type.Object({
    /** E.164, or empty. */
    number: Type.String(),
    display: Type.String(),
    raw: Type.String(),
    extension: Type.String(),
    name: Type.String(),
    reason: Nullable(Words(numberReasons)),
  }),
  line: Type.Object({ id: Id, name: Type.String(), number: Type.String() }),
  queue: Nullable(Type.Object({ id: Id, name: Type.String() })),
  user: Nullable(UserRef),
  /** The open offer, while ringing. */
  offer: Nullable(Type.Object({ id: Type.String(), userId: Id, expiresAt: Instant, reason: Words(candidateReasons) })),
  arrivedAt: Instant,
  answeredAt: Nullable(Instant),
  /** Start of the present state. */
  stateSince: Instant,
  endedAt: Nullable(Instant),
  wrapUpUntil: Nullable(Instant),
  result: Nullable(Words(callResults)),
  dispositionId: Nullable(Id),
  note: Type.String(),
  recording: Words(['off', 'on', 'failed'] as const),
});
export type InteractionView = Static<typeof InteractionView>;

/** The five lines of the screen-pop as facts; the browser makes sentences of them. */
export const PopView = Type.Object({
  interactionId: Type.String(),
  card: ClientCard,
  /** True when this very call made the card. */
  isNewCard: Type.Boolean(),
  why: Type.Object({
    direction: Words(['in', 'out'] as const),
    lineName: Type.String(),
    queueName: Nullable(Type.String()),
    waitedSeconds: Type.Integer(),
    reason: Nullable(Words(candidateReasons)),
    lastSpokenWith: Nullable(Type.Object({ user: UserRef, at: Instant })),
    /** Of calls from a page. */
    page: Type.Optional(CallPage),
  }),
  /** Calls of this client that nobody answered since he was last talked to. */
  open: Type.Object({ missedCalls: Type.Integer(), lastMissedAt: Nullable(Instant) }),
  lastContact: Nullable(TimelineEntry),
  warnings: Type.Array(Type.Object({ code: Type.String(), text: Type.String() })),
});
export type PopView = Static<typeof PopView>;

export const Line = Type.Object({ id: Id, name: Type.String(), number: Type.String(), display: Type.String() });
export type Line = Static<typeof Line>;
export const Disposition = Type.Object({
  id: Id,
  hotkey: Type.Integer(),
  nameRu: Type.String(),
  nameEn: Type.String(),
});
export type Disposition = Static<typeof Disposition>;

export const AgentListItem = Type.Object({
  id: Id,
  name: Type.String(),
  role: Role,
  status: Words(routingStatuses),
  reason: Type.String(),
  phone: Type.Boolean(),
  onShift: Type.Boolean(),
  busy: Nullable(Words(['ringing', 'on_call', 'wrap_up'] as const)),
  /** What he is busy with: to listen to, or to finish for him. */
  interactionId: Nullable(Type.String()),
  since: Instant,
  /** Becomes the status when the present work is finished. */
  nextStatus: Nullable(Words(routingStatuses)),
  nextReason: Type.String(),
  /** Whom the work is for, and who else hears it. */
  inHand: Nullable(
    Type.Object({
      client: Type.Object({ id: Id, name: Type.String() }),
      peer: Type.String(),
      direction: Words(['in', 'out'] as const),
      queueName: Type.String(),
      state: Words(interactionStates),
      listeners: Type.Array(UserRef),
    }),
  ),
});
export type AgentListItem = Static<typeof AgentListItem>;

export const Counters = Type.Object({
  callsToday: Type.Integer(),
  /** Clients of mine whose last call nobody answered. */
  missedClients: Type.Integer(),
});

export const OwedClient = Type.Object({
  client: Type.Object({ id: Id, name: Type.String(), company: Type.String() }),
  number: Type.String(),
  missedAt: Instant,
  times: Type.Integer(),
  /** Of the ledger's row. */
  id: Type.Optional(Id),
  kind: Type.Optional(Words(owedKinds)),
  channels: Type.Optional(Type.Array(Words(owedChannels))),
  dueAt: Type.Optional(Instant),
  /** null: nobody's, so everybody's. */
  ownerId: Type.Optional(Nullable(Id)),
});
export type OwedClient = Static<typeof OwedClient>;

/** Everything a workspace needs when it connects: the truth; pushes after it carry higher `seq`. */
export const Workspace = Type.Object({
  seq: Type.Integer(),
  serverTime: Instant,
  me: Me,
  presence: PresenceView,
  interactions: Type.Array(InteractionView),
  pops: Type.Array(PopView),
  owed: Type.Array(OwedClient),
  /** Waiting for me, by time left. */
  conversations: Type.Array(ConversationView),
  counters: Counters,
  lines: Type.Array(Line),
  dispositions: Type.Array(Disposition),
  users: Type.Array(UserRef),
});
export type Workspace = Static<typeof Workspace>;

export const QueueView = Type.Object({
  id: Id,
  name: Type.String(),
  waiting: Type.Array(
    Type.Object({
      interactionId: Type.String(),
      client: Type.Object({ id: Id, name: Type.String() }),
      peer: Type.String(),
      since: Instant,
      state: Words(interactionStates),
      /** Why nobody rings, per candidate; empty while somebody rings. */
      candidates: Type.Array(Candidate),
    }),
  ),
});
export type QueueView = Static<typeof QueueView>;

/** Problem details (RFC 9457) with our code. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Words(problemCodes),
  detail: Type.String(),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
});
export type Problem = Static<typeof Problem>;

import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, UserRef, Uuid, Words } from './basics.ts';
import {
  assignmentReasons,
  consentSources,
  consentStates,
  conversationStates,
  gateReasons,
  messageChannelNames,
  messagePurposes,
  outboxStates,
} from './messages-words.ts';

const strict = { additionalProperties: false };

export const MessageChannel = Words(messageChannelNames);

export const AddressRef = Type.Object({ id: Id, channel: MessageChannel, value: Type.String(), name: Type.String() });
export type AddressRef = Static<typeof AddressRef>;

export const MailAddress = Type.Object({
  address: Type.String({ maxLength: 320 }),
  name: Type.String({ maxLength: 200 }),
});
export type MailAddress = Static<typeof MailAddress>;

export const AttachmentView = Type.Object({
  id: Uuid,
  name: Type.String(),
  type: Type.String(),
  bytes: Type.Integer(),
  isInline: Type.Boolean(),
  contentId: Nullable(Type.String()),
});
export type AttachmentView = Static<typeof AttachmentView>;

/** How an outgoing message is; null of incoming ones. */
export const DeliveryView = Type.Object({
  state: Words(outboxStates),
  /** In the wire's words; empty when there is no trouble. */
  error: Type.String(),
  /** `held`: until when it can be undone. */
  heldUntil: Nullable(Instant),
  attempts: Type.Integer(),
  /** Of one that failed: somebody said that it needs nothing more, or it was sent again. */
  isResolved: Type.Optional(Type.Boolean()),
  nextAttemptAt: Nullable(Instant),
  /** The account that is switched off while the message waits to leave through it; absent as null. */
  waitsFor: Type.Optional(Nullable(Type.String())),
  /** Of SMS; `delivered` counts those that arrived. */
  segments: Nullable(Type.Object({ total: Type.Integer(), delivered: Type.Integer() })),
});
export type DeliveryView = Static<typeof DeliveryView>;

/** What the timeline shows of a message without opening it. */
export const MessageOnTimeline = Type.Object({
  conversationId: Uuid,
  subject: Type.String(),
  /** New words only, at most 2,000 characters. */
  text: Type.String(),
  isCut: Type.Boolean(),
  hasHtml: Type.Boolean(),
  origin: Words(['client', 'agent', 'rule', 'echo', 'campaign'] as const),
  nature: Type.String(),
  addressName: Type.String(),
  attachments: Type.Array(AttachmentView),
  delivery: Nullable(DeliveryView),
  /** A stranger wrote in this client's conversation, or somebody asks whether it belongs to another one. */
  ask: Nullable(Type.Object({ conversationId: Uuid, because: Type.String() })),
});
export type MessageOnTimeline = Static<typeof MessageOnTimeline>;

/** One conversation; a higher version replaces a lower one. */
export const ConversationView = Type.Object({
  id: Uuid,
  version: Type.Integer(),
  channel: MessageChannel,
  state: Words(conversationStates),
  client: Type.Object({ id: Id, name: Type.String(), company: Type.String(), vip: Type.Boolean() }),
  address: AddressRef,
  /** The client's. */
  peer: Type.String(),
  subject: Type.String(),
  queue: Type.Object({ id: Id, name: Type.String() }),
  owner: Nullable(UserRef),
  assignedBecause: Nullable(Words(assignmentReasons)),
  waitingSince: Nullable(Instant),
  dueAt: Nullable(Instant),
  lastMessageAt: Instant,
  lastDirection: Words(['in', 'out'] as const),
  /** New words of the last message, at most 200 characters. */
  preview: Type.String(),
  messages: Type.Integer(),
  unread: Type.Integer(),
  /** Who is writing an answer now. */
  writing: Type.Array(UserRef),
});
export type ConversationView = Static<typeof ConversationView>;

/** A message opened: everything that its timeline line leaves out. */
export const MessageView = Type.Object({
  id: Uuid,
  conversationId: Uuid,
  clientId: Id,
  channel: MessageChannel,
  direction: Words(['in', 'out'] as const),
  at: Instant,
  user: Nullable(UserRef),
  from: MailAddress,
  to: Type.Array(MailAddress),
  cc: Type.Array(MailAddress),
  subject: Type.String(),
  /** All of it; the parts in order: what was written, quotations and signatures (to be folded). */
  parts: Type.Array(Type.Object({ kind: Words(['written', 'quoted', 'signature'] as const), text: Type.String() })),
  /** Whether GET /api/v1/messages/ID/html shows it as it was laid out. */
  hasHtml: Type.Boolean(),
  /** Pictures on other people's servers that are not loaded until somebody asks. */
  blockedPictures: Type.Integer(),
  hasRaw: Type.Boolean(),
  attachments: Type.Array(AttachmentView),
  delivery: Nullable(DeliveryView),
  attempts: Type.Array(
    Type.Object({
      attempt: Type.Integer(),
      startedAt: Instant,
      endedAt: Nullable(Instant),
      result: Nullable(Type.String()),
      detail: Type.String(),
    }),
  ),
  facts: Type.Record(Type.String(), Type.String()),
});
export type MessageView = Static<typeof MessageView>;

/** What is to be written; also what a draft keeps and what the gate is asked about. */
export const MessageInput = Type.Object(
  {
    clientId: Id,
    channel: MessageChannel,
    /** The conversation that it goes on; absent = a new one, or the open one with the same two addresses. */
    conversationId: Type.Optional(Uuid),
    /** The message that is answered or forwarded: gives the references and, with `forward`, its attachments. */
    answersId: Type.Optional(Uuid),
    mode: Words(['new', 'reply', 'reply_all', 'forward'] as const),
    /** Of ours; absent = the conversation's, or the channel's default. */
    addressId: Type.Optional(Id),
    /** As a person writes them. SMS: one number. Absent = the conversation's. */
    to: Type.Array(MailAddress, { maxItems: 50 }),
    cc: Type.Array(MailAddress, { maxItems: 50 }),
    subject: Type.String({ maxLength: 500 }),
    /** Plain text; e-mail: the server makes the HTML from it, with pasted pictures as `cid:ID`. */
    text: Type.String({ maxLength: 100_000 }),
    attachmentIds: Type.Array(Uuid, { maxItems: 50 }),
    templateId: Type.Optional(Id),
    purpose: Words(messagePurposes),
  },
  strict,
);
export type MessageInput = Static<typeof MessageInput>;

/** A draft is what is being written, whatever is still missing in it. */
export const Draft = Type.Partial(MessageInput);
export type Draft = Static<typeof Draft>;
export const StoredDraft = Type.Object({
  channel: Words([...messageChannelNames, 'note'] as const),
  draft: Draft,
  updatedAt: Instant,
});
export type StoredDraft = Static<typeof StoredDraft>;

export const GateLine = Type.Object({
  reason: Words(gateReasons),
  effect: Words(['blocks', 'delays', 'warns'] as const),
  /** `delays`: when it may go. */
  until: Nullable(Instant),
  /** Facts for the sentence: who refused what and when, how many of how many, the missing fields ... */
  facts: Type.Record(Type.String(), Type.String()),
});
export type GateLine = Static<typeof GateLine>;

/** The answer of the outbound gate: told in words under the Send button. */
export const GateAnswer = Type.Object({
  allowed: Type.Boolean(),
  /** When it would leave; null = at once, after the time for undoing. */
  sendAt: Nullable(Instant),
  lines: Type.Array(GateLine),
  segments: Nullable(
    Type.Object({
      alphabet: Words(['gsm', 'ucs2'] as const),
      segments: Type.Integer(),
      characters: Type.Integer(),
      left: Type.Integer(),
    }),
  ),
  /** Ours, that it goes out from. */
  from: Nullable(AddressRef),
});
export type GateAnswer = Static<typeof GateAnswer>;

export const ConsentView = Type.Object({
  id: Id,
  at: Instant,
  kind: Words(['phone', 'email', 'visitor', 'client'] as const),
  value: Type.String(),
  channel: Nullable(Words([...messageChannelNames, 'call'] as const)),
  purpose: Nullable(Words(messagePurposes)),
  state: Words(consentStates),
  source: Words(consentSources),
  evidence: Type.String(),
  messageId: Nullable(Uuid),
  user: Nullable(UserRef),
});
export type ConsentView = Static<typeof ConsentView>;

export const SuppressionView = Type.Object({
  channel: MessageChannel,
  value: Type.String(),
  reason: Words(['gone', 'unreachable', 'complained'] as const),
  evidence: Type.String(),
  at: Instant,
  until: Nullable(Instant),
});
export type SuppressionView = Static<typeof SuppressionView>;

/** A message that was given up or came back, is in doubt, or (`waiting`) cannot leave because its account is switched off. */
export const FailedMessage = Type.Object({
  id: Uuid,
  client: Type.Object({ id: Id, name: Type.String() }),
  channel: MessageChannel,
  accountName: Type.String(),
  peer: Type.String(),
  subject: Type.String(),
  preview: Type.String(),
  user: Nullable(UserRef),
  state: Words(['failed', 'dead', 'unconfirmed', 'waiting'] as const),
  error: Type.String(),
  attempts: Type.Integer(),
  createdAt: Instant,
  failedAt: Instant,
});
export type FailedMessage = Static<typeof FailedMessage>;

export const ConversationChange = Type.Object({
  id: Id,
  at: Instant,
  kind: Words(['split', 'join', 'placed'] as const),
  fromId: Uuid,
  toId: Uuid,
  messages: Type.Integer(),
  user: UserRef,
  undoneAt: Nullable(Instant),
});
export type ConversationChange = Static<typeof ConversationChange>;

/** A template with its fields filled in for one client. */
export const RenderedTemplate = Type.Object({
  subject: Type.String(),
  text: Type.String(),
  /** Fields that this client's card cannot fill: `client.name` ... */
  missing: Type.Array(Type.String()),
});
export type RenderedTemplate = Static<typeof RenderedTemplate>;

/** What agents choose from after `::`. */
export const TemplateListItem = Type.Object({
  id: Id,
  channel: Nullable(MessageChannel),
  name: Type.String(),
  shortcut: Type.String(),
  language: Words(['ru', 'en', ''] as const),
  subject: Type.String(),
  body: Type.String(),
});
export type TemplateListItem = Static<typeof TemplateListItem>;

/** How one account is now. */
export const ChannelHealthView = Type.Object({
  accountId: Id,
  name: Type.String(),
  channel: MessageChannel,
  state: Words(['off', 'connecting', 'up', 'degraded', 'down'] as const),
  since: Instant,
  problem: Type.String(),
  catchUp: Nullable(Type.Object({ done: Type.Integer(), total: Type.Integer() })),
  /** Messages that wait to leave through it. */
  queued: Type.Integer(),
});
export type ChannelHealthView = Static<typeof ChannelHealthView>;

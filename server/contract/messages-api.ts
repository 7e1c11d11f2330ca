import { Type } from 'typebox';
import {
  AddressRef,
  AttachmentView,
  ChannelHealthView,
  ConsentView,
  ConversationChange,
  ConversationView,
  Draft,
  FailedMessage,
  GateAnswer,
  MessageChannel,
  MessageInput,
  MessageView,
  RenderedTemplate,
  StoredDraft,
  SuppressionView,
  TemplateListItem,
} from './messages-schemas.ts';
import { consentStates, messageChannelNames, messagePurposes } from './messages-words.ts';
import { Id, Nullable, TimelineEntry, Uuid, Words } from './schemas.ts';

const strict = { additionalProperties: false };
const IdParams = Type.Object({ id: Id });
const UuidParams = Type.Object({ id: Uuid });
const Done = Type.Object({ ok: Type.Literal(true) });
const agents = ['agent', 'supervisor', 'admin'] as const;
const supervisors = ['supervisor', 'admin'] as const;
const DraftChannel = Words([...messageChannelNames, 'note'] as const);

/**
 * Operations on messages. Besides them, outside of JSON: GET /api/v1/attachments/:id (a file, always as a download unless it
 * is a harmless picture), POST /api/v1/attachments?name=NAME (its bytes as the body; answers AttachmentView),
 * GET /api/v1/messages/:id/html?pictures=1 (a page for a sandboxed frame), GET /api/v1/messages/:id/raw (message/rfc822).
 */
export const messagesApi = {
  'GET /api/v1/conversations': {
    summary: 'Conversations: mine (waiting for me, by time left), waiting (nobody has them), or all open ones',
    tags: ['messages'],
    querystring: Type.Object({
      of: Words(['mine', 'waiting', 'open'] as const),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 100 }),
    }),
    response: Type.Object({ items: Type.Array(ConversationView) }),
  },
  'GET /api/v1/clients/:id/conversations': {
    summary: "A client's conversations, the latest first",
    tags: ['messages'],
    params: IdParams,
    response: Type.Object({ items: Type.Array(ConversationView) }),
  },
  'GET /api/v1/conversations/:id': {
    summary:
      'A conversation with its messages as the timeline shows them, oldest first (the last 200), and its splits and joins',
    tags: ['messages'],
    params: UuidParams,
    response: Type.Object({
      conversation: ConversationView,
      entries: Type.Array(TimelineEntry),
      changes: Type.Array(ConversationChange),
    }),
  },
  'POST /api/v1/conversations/:id/take': {
    summary: 'It is mine now',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    response: ConversationView,
  },
  'POST /api/v1/conversations/:id/assign': {
    summary: 'Give it to somebody, or (null) back to its queue',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    body: Type.Object({ userId: Nullable(Id) }, strict),
    response: ConversationView,
  },
  'POST /api/v1/conversations/:id/close': {
    summary: 'Nothing is owed here; the next message of the client opens it again',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    body: Type.Object({ dispositionId: Type.Optional(Nullable(Id)) }, strict),
    response: ConversationView,
  },
  'POST /api/v1/conversations/:id/reopen': {
    summary: 'It is waiting again, mine',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    response: ConversationView,
  },
  'POST /api/v1/conversations/:id/read': {
    summary: 'I have seen what is unread',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    response: Done,
  },
  'POST /api/v1/conversations/:id/split': {
    summary: 'These messages become a conversation of their own (of another client, when told)',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    body: Type.Object(
      { messageIds: Type.Array(Uuid, { minItems: 1, maxItems: 200 }), clientId: Type.Optional(Id) },
      strict,
    ),
    response: ConversationView,
  },
  'POST /api/v1/conversations/:id/join': {
    summary: 'This one goes into another one of the same client and channel',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    body: Type.Object({ intoId: Uuid }, strict),
    response: ConversationView,
  },
  'POST /api/v1/conversation-changes/:id/undo': {
    summary: 'Take a split or a join back, with exactly the messages that it moved',
    tags: ['messages'],
    access: agents,
    params: IdParams,
    response: ConversationView,
  },
  'POST /api/v1/messages/:id/place': {
    summary:
      "Answer the question about a stranger's message: into the conversation that it named, or it stays by itself",
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    body: Type.Object({ join: Type.Boolean() }, strict),
    response: ConversationView,
  },

  'POST /api/v1/messages': {
    summary: 'Write: stored at once, leaves after the time for undoing. The same key twice is one message',
    tags: ['messages'],
    access: agents,
    body: Type.Object(
      {
        key: Type.String({ minLength: 8, maxLength: 80 }),
        message: MessageInput,
        /** How many messages of the conversation were on the screen: 409 `newer_message` when the client wrote since. */
        seenMessages: Type.Optional(Type.Integer()),
        /** Send although the gate warns. */
        despiteWarnings: Type.Optional(Type.Boolean()),
      },
      strict,
    ),
    response: Type.Object({ entry: TimelineEntry, conversation: ConversationView, gate: GateAnswer }),
  },
  'POST /api/v1/messages/check': {
    summary: 'Ask the outbound gate without sending',
    tags: ['messages'],
    access: agents,
    body: Draft,
    response: GateAnswer,
  },
  'GET /api/v1/messages/:id': {
    summary: 'A message opened',
    tags: ['messages'],
    params: UuidParams,
    response: MessageView,
  },
  'POST /api/v1/messages/:id/undo': {
    summary: 'Do not send it after all; 409 when it has left. Answers what was written, for the composer',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    response: MessageInput,
  },
  'POST /api/v1/messages/:id/send-again': {
    summary: 'A failed message as a new one',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    response: TimelineEntry,
  },
  'POST /api/v1/messages/:id/resolve': {
    summary: 'A failed message needs nothing more',
    tags: ['messages'],
    access: agents,
    params: UuidParams,
    response: Done,
  },
  'GET /api/v1/failed-messages': {
    summary:
      'Messages that were given up or came back, those in doubt, those whose account is off; agents see their own',
    tags: ['messages'],
    access: agents,
    querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 500, default: 200 }) }),
    response: Type.Object({ items: Type.Array(FailedMessage), total: Type.Integer() }),
  },

  'GET /api/v1/clients/:id/drafts': {
    summary: 'What I was writing to this client',
    tags: ['messages'],
    params: IdParams,
    response: Type.Object({ items: Type.Array(StoredDraft), attachments: Type.Array(AttachmentView) }),
  },
  'PUT /api/v1/clients/:id/drafts/:channel': {
    summary: 'Keep it; the others who have the card open see that I write',
    tags: ['messages'],
    params: Type.Object({ id: Id, channel: DraftChannel }),
    body: Draft,
    response: Done,
  },
  'DELETE /api/v1/clients/:id/drafts/:channel': {
    summary: 'Throw it away',
    tags: ['messages'],
    params: Type.Object({ id: Id, channel: DraftChannel }),
    response: Done,
  },

  'GET /api/v1/templates': {
    summary: 'Templates to write with',
    tags: ['messages'],
    response: Type.Object({ items: Type.Array(TemplateListItem) }),
  },
  'POST /api/v1/templates/:id/render': {
    summary: 'A template with its fields filled in for a client',
    tags: ['messages'],
    params: IdParams,
    body: Type.Object({ clientId: Id }, strict),
    response: RenderedTemplate,
  },
  'GET /api/v1/addresses': {
    summary: 'Our addresses that can be written from',
    tags: ['messages'],
    response: Type.Object({
      items: Type.Array(Type.Object({ ...AddressRef.properties, isDefault: Type.Boolean(), up: Type.Boolean() })),
    }),
  },

  'GET /api/v1/clients/:id/consents': {
    summary: 'What this client allowed and refused, with proof, newest first, and addresses of his that bounce',
    tags: ['messages'],
    params: IdParams,
    response: Type.Object({ items: Type.Array(ConsentView), suppressions: Type.Array(SuppressionView) }),
  },
  'POST /api/v1/clients/:id/consents': {
    summary: 'Note what the client said, with what proves it',
    tags: ['messages'],
    access: agents,
    params: IdParams,
    body: Type.Object(
      {
        /** One of his addresses; absent = whatever the address. */
        value: Type.Optional(Type.String({ maxLength: 320 })),
        channel: Type.Optional(Nullable(Words([...messageChannelNames, 'call'] as const))),
        purpose: Type.Optional(Nullable(Words(messagePurposes))),
        state: Words(consentStates),
        evidence: Type.String({ minLength: 3, maxLength: 500 }),
      },
      strict,
    ),
    response: ConsentView,
  },
  'DELETE /api/v1/suppressions/:channel/:value': {
    summary: 'Write to a bouncing address again',
    tags: ['messages'],
    access: supervisors,
    params: Type.Object({ channel: MessageChannel, value: Type.String({ maxLength: 320 }) }),
    response: Done,
  },

  'GET /api/v1/channel-health': {
    summary: 'How each account is now',
    tags: ['messages'],
    response: Type.Object({ items: Type.Array(ChannelHealthView) }),
  },
} as const;

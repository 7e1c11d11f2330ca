import { type Static, type TSchema, Type } from 'typebox';
import { auditOperations } from './audit.ts';
import { boardOperations } from './board.ts';
import { clientImportOperations } from './client-imports.ts';
import { demoApi } from './demo-api.ts';
import { messagesApi } from './messages-api.ts';
import {
  AgentListItem,
  ClientCard,
  ClientChange,
  ClientListItem,
  Comment,
  ContactPointInput,
  Id,
  IdentityLine,
  InteractionView,
  Me,
  OfferView,
  PopView,
  PresenceView,
  QueueView,
  TimelineEntry,
  Uuid,
  Workspace,
} from './schemas.ts';
import { setupApi } from './setup-api.ts';
import { setupMessageApi } from './setup-message-api.ts';
import { tasksApi } from './tasks-api.ts';

/** One entry per HTTP operation: the server validates and serializes by it, OpenAPI is made from it, the browser is typed by it. */
export interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  /** Roles that may call it; absent = anybody signed in; 'public' = without a session. */
  readonly access?: 'public' | readonly ('agent' | 'supervisor' | 'admin')[];
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly body?: TSchema;
  readonly response: TSchema;
}

const IdParams = Type.Object({ id: Id });
const UuidParams = Type.Object({ id: Uuid });
const Done = Type.Object({ ok: Type.Literal(true) });
const strict = { additionalProperties: false };
const agents = ['agent', 'supervisor', 'admin'] as const;
const supervisors = ['supervisor', 'admin'] as const;

export const api = {
  'POST /api/v1/session': {
    summary: 'Sign in; sets the session cookie',
    tags: ['session'],
    access: 'public',
    body: Type.Object(
      {
        login: Type.String({ minLength: 1, maxLength: 128 }),
        password: Type.String({ minLength: 1, maxLength: 1024 }),
      },
      strict,
    ),
    response: Me,
  },
  'GET /api/v1/session': { summary: 'Who am I', tags: ['session'], response: Me },
  'DELETE /api/v1/session': { summary: 'Sign out', tags: ['session'], response: Done },
  'PATCH /api/v1/session/settings': {
    summary: 'Keep interface settings and language on the server',
    tags: ['session'],
    body: Type.Object(
      {
        language: Type.Optional(Type.Union([Type.Literal('ru'), Type.Literal('en')])),
        settings: Type.Optional(Type.Record(Type.String({ maxLength: 50 }), Type.Unknown())),
      },
      strict,
    ),
    response: Me,
  },
  'GET /api/v1/workspace': {
    summary: 'Snapshot of the signed-in agent: the truth that pushes refine',
    tags: ['workspace'],
    response: Workspace,
  },
  'PUT /api/v1/presence': {
    summary: 'Change my routing status; during a contact it becomes the next status',
    tags: ['workspace'],
    access: agents,
    body: Type.Object(
      {
        status: Type.Union([Type.Literal('available'), Type.Literal('not_ready')]),
        reason: Type.Optional(Type.String({ maxLength: 40 })),
      },
      strict,
    ),
    response: PresenceView,
  },
  'GET /api/v1/clients': {
    summary: 'Search by any fragment of name, company, number or e-mail',
    tags: ['clients'],
    querystring: Type.Object({
      q: Type.String({ maxLength: 100, default: '' }),
      limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
    }),
    response: Type.Object({ items: Type.Array(ClientListItem) }),
  },
  'POST /api/v1/clients': {
    summary: 'Make a card',
    tags: ['clients'],
    body: Type.Object(
      {
        kind: Type.Optional(Type.Union([Type.Literal('person'), Type.Literal('company')])),
        name: Type.String({ minLength: 1, maxLength: 200 }),
        company: Type.Optional(Type.String({ maxLength: 200 })),
        responsibleId: Type.Optional(Type.Union([Id, Type.Null()])),
        contactPoints: Type.Optional(Type.Array(ContactPointInput, { maxItems: 50 })),
      },
      strict,
    ),
    response: ClientCard,
  },
  'GET /api/v1/clients/:id': { summary: 'A card', tags: ['clients'], params: IdParams, response: ClientCard },
  'PATCH /api/v1/clients/:id': {
    summary: 'Change a card in place',
    tags: ['clients'],
    params: IdParams,
    body: ClientChange,
    response: ClientCard,
  },
  'POST /api/v1/clients/:id/contact-points': {
    summary: 'Add a number or an e-mail; 409 already_taken says which card has it (clientId, name, kind, calls)',
    tags: ['clients'],
    params: IdParams,
    body: ContactPointInput,
    response: ClientCard,
  },
  'PATCH /api/v1/clients/:id/contact-points/:contactPointId': {
    summary: 'Label a number or make it the primary one',
    tags: ['clients'],
    params: Type.Object({ id: Id, contactPointId: Id }),
    body: Type.Object(
      { label: Type.Optional(Type.String({ maxLength: 60 })), isPrimary: Type.Optional(Type.Boolean()) },
      strict,
    ),
    response: ClientCard,
  },
  'DELETE /api/v1/clients/:id/contact-points/:contactPointId': {
    summary: 'Take a number or an e-mail off the card',
    tags: ['clients'],
    params: Type.Object({ id: Id, contactPointId: Id }),
    response: ClientCard,
  },
  'GET /api/v1/clients/:id/identity': {
    summary: 'Why each number and address belongs to this card, newest first',
    tags: ['clients'],
    params: IdParams,
    response: Type.Object({ items: Type.Array(IdentityLine) }),
  },
  'POST /api/v1/identity-ledger/:id/undo': {
    summary: 'Put a number that was taken over back, with everything that came with it and by it since',
    tags: ['clients'],
    params: IdParams,
    response: ClientCard,
  },
  ...clientImportOperations,
  'GET /api/v1/clients/:id/timeline': {
    summary: 'Communications with a client, newest first',
    tags: ['timeline'],
    params: IdParams,
    querystring: Type.Object({
      /** `at` and `id` of the last entry of the page before, joined by a comma. */
      before: Type.Optional(Type.String({ maxLength: 100 })),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
      kind: Type.Optional(Type.String({ maxLength: 20 })),
    }),
    response: Type.Object({ items: Type.Array(TimelineEntry), before: Type.Union([Type.String(), Type.Null()]) }),
  },
  'POST /api/v1/clients/:id/notes': {
    summary: 'Write a note on the timeline',
    tags: ['timeline'],
    params: IdParams,
    body: Type.Object({ body: Type.String({ minLength: 1, maxLength: 10_000 }) }, strict),
    response: TimelineEntry,
  },
  'POST /api/v1/timeline-entries/:id/comments': {
    summary: 'Comment on an entry',
    tags: ['timeline'],
    params: UuidParams,
    body: Type.Object({ body: Type.String({ minLength: 1, maxLength: 4000 }) }, strict),
    response: Comment,
  },
  'POST /api/v1/calls': {
    summary: 'Call out: my phone rings and answers itself, then the client is dialled',
    tags: ['calls'],
    access: agents,
    body: Type.Object(
      {
        /** As a person writes it, or E.164. */
        number: Type.String({ minLength: 1, maxLength: 64 }),
        clientId: Type.Optional(Id),
        lineId: Type.Optional(Id),
      },
      strict,
    ),
    response: InteractionView,
  },
  'GET /api/v1/interactions/:id': {
    summary: 'An interaction',
    tags: ['calls'],
    params: UuidParams,
    response: InteractionView,
  },
  'GET /api/v1/interactions/:id/pop': {
    summary: 'The screen-pop of an interaction',
    tags: ['calls'],
    params: UuidParams,
    response: PopView,
  },
  'GET /api/v1/interactions/:id/offers': {
    summary: 'Every offer with all candidates and the reason of each ("why me")',
    tags: ['calls'],
    params: UuidParams,
    response: Type.Object({ items: Type.Array(OfferView) }),
  },
  'POST /api/v1/interactions/:id/decline': {
    summary: 'Decline the offer: the next agent is tried',
    tags: ['calls'],
    params: UuidParams,
    response: Done,
  },
  'POST /api/v1/interactions/:id/hang-up': {
    summary: 'End the call (or stop dialling)',
    tags: ['calls'],
    params: UuidParams,
    response: Done,
  },
  'POST /api/v1/interactions/:id/hold': {
    summary: 'The client hears music',
    tags: ['calls'],
    params: UuidParams,
    response: InteractionView,
  },
  'POST /api/v1/interactions/:id/resume': {
    summary: 'Back from hold',
    tags: ['calls'],
    params: UuidParams,
    response: InteractionView,
  },
  'POST /api/v1/interactions/:id/dtmf': {
    summary: 'Send digits to the client',
    tags: ['calls'],
    params: UuidParams,
    body: Type.Object({ digits: Type.String({ pattern: '^[0-9*#A-D]{1,32}$' }) }, strict),
    response: Done,
  },
  'PATCH /api/v1/interactions/:id': {
    summary: 'Note (kept letter by letter), disposition, or another client for this call',
    tags: ['calls'],
    params: UuidParams,
    body: Type.Object(
      {
        note: Type.Optional(Type.String({ maxLength: 10_000 })),
        dispositionId: Type.Optional(Type.Union([Id, Type.Null()])),
        clientId: Type.Optional(Id),
      },
      strict,
    ),
    response: InteractionView,
  },
  'POST /api/v1/interactions/:id/finish': {
    summary: 'End the wrap-up',
    tags: ['calls'],
    params: UuidParams,
    body: Type.Object(
      {
        dispositionId: Type.Optional(Type.Union([Id, Type.Null()])),
        note: Type.Optional(Type.String({ maxLength: 10_000 })),
        /** Finish and pause. */
        notReady: Type.Optional(Type.String({ maxLength: 40 })),
      },
      strict,
    ),
    response: InteractionView,
  },
  'POST /api/v1/test-calls': {
    summary: 'My own phone is called and echoes me; the last step of the checklist',
    tags: ['setup'],
    response: Type.Object({
      passed: Type.Boolean(),
      reason: Type.Union([Type.Literal('ok'), Type.Literal('no_answer'), Type.Literal('no_sound')]),
    }),
  },
  'POST /api/v1/interactions/:id/listen': {
    summary: 'Hear a call silently: my phone rings and answers itself',
    tags: ['supervision'],
    access: supervisors,
    params: UuidParams,
    response: Done,
  },
  'POST /api/v1/interactions/:id/leave': {
    summary: 'Stop hearing it',
    tags: ['supervision'],
    access: supervisors,
    params: UuidParams,
    response: Done,
  },
  'PUT /api/v1/agents/:id/presence': {
    summary: "Set an agent's status; during a contact it becomes the next status",
    tags: ['supervision'],
    access: supervisors,
    params: IdParams,
    body: Type.Object(
      {
        status: Type.Union([Type.Literal('available'), Type.Literal('not_ready')]),
        reason: Type.Optional(Type.String({ maxLength: 40 })),
      },
      strict,
    ),
    response: PresenceView,
  },
  'GET /api/v1/queues': {
    summary: 'Queues with the callers waiting and why nobody rings',
    tags: ['supervision'],
    access: supervisors,
    response: Type.Object({ items: Type.Array(QueueView) }),
  },
  'GET /api/v1/agents': {
    summary: 'Agents with state and time in state',
    tags: ['supervision'],
    access: supervisors,
    response: Type.Object({ items: Type.Array(AgentListItem) }),
  },
  ...auditOperations,
  ...setupApi,
  ...setupMessageApi,
  ...tasksApi,
  ...messagesApi,
  ...boardOperations,
  ...demoApi,
} as const satisfies Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /api/v1/${string}`, Operation>;

export type Api = typeof api;
export type OperationKey = keyof Api;

type Of<O, P extends string> = O extends { [X in P]: infer S extends TSchema } ? Static<S> : undefined;
type Given<P extends string, T> = [T] extends [undefined] ? { [X in P]?: never } : { [X in P]: T };

/** Each operation's types are worked out once here; computing them inside a generic call made the type checker about twenty times slower. */
type Operations = {
  [K in OperationKey]: {
    input: Given<'params', Of<Api[K], 'params'>> &
      Given<'body', Of<Api[K], 'body'>> & { querystring?: Partial<Of<Api[K], 'querystring'>> };
    output: Static<Api[K]['response']>;
  };
};
/** What the browser sends. Defaults make a query field optional for the caller. */
export type Input<K extends OperationKey> = Operations[K]['input'];
export type Output<K extends OperationKey> = Operations[K]['output'];

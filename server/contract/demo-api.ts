import { Type } from 'typebox';
import { Instant, Nullable, Uuid, Words } from './basics.ts';
import { Line } from './schemas.ts';

const Kind = Words(['sms', 'email'] as const);
const Owner = Type.String({ minLength: 3, maxLength: 320 });

/** A message as it lies in a client's phone or mailbox. */
const OutsideMessage = Type.Object({
  id: Type.String(),
  at: Instant,
  /** Seen by the client: `in` came from us. */
  direction: Words(['in', 'out'] as const),
  peer: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  files: Type.Array(Type.String()),
});

/** What the page /demo needs: a client's phone and mailbox. 404 without demo data. */
export const demoApi = {
  'GET /api/v1/demo': {
    summary: 'The line to call, our addresses to write to, and some clients to be',
    tags: ['demo'],
    access: 'public',
    response: Type.Object({
      line: Line,
      realm: Type.String(),
      callers: Type.Array(Type.Object({ number: Type.String(), name: Type.String(), email: Type.String() })),
      /** null = the demo has no such channel. */
      smsNumber: Nullable(Type.String()),
      mailAddress: Nullable(Type.String()),
      /** Path of the widget's script, for a page with a chat. */
      chatScript: Nullable(Type.String()),
      serverTime: Instant,
    }),
  },
  'GET /api/v1/demo/messages': {
    summary: "What lies in a client's phone or mailbox, oldest first",
    tags: ['demo'],
    access: 'public',
    querystring: Type.Object({ kind: Kind, owner: Owner }),
    response: Type.Object({ items: Type.Array(OutsideMessage) }),
  },
  'POST /api/v1/demo/messages': {
    summary: 'A client writes: comes in by the same door as from a real wire',
    tags: ['demo'],
    access: 'public',
    body: Type.Object(
      {
        /** The same twice is one message. */
        id: Type.Optional(Uuid),
        kind: Kind,
        owner: Owner,
        name: Type.String({ maxLength: 200 }),
        subject: Type.String({ maxLength: 500 }),
        text: Type.String({ minLength: 1, maxLength: 20_000 }),
        /** E-mail as a mail program lays it out, besides the text. */
        html: Type.Optional(Type.String({ maxLength: 100_000 })),
        /** E-mail: copies to others. */
        cc: Type.Optional(Type.Array(Owner, { maxItems: 10 })),
        /** The mail that is answered. */
        answersId: Nullable(Type.String({ maxLength: 1_000 })),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({ ok: Type.Literal(true) }),
  },
} as const;

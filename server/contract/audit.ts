import { type Static, Type } from 'typebox';
import { auditActions } from './audit-words.ts';
import { Id, Instant, Nullable, UserRef, Words } from './schemas.ts';

/** Who looked at, heard, took or changed what, or was refused it. */
export const AuditLine = Type.Object({
  id: Id,
  at: Instant,
  /** null: nobody was signed in. */
  user: Nullable(UserRef),
  action: Words(auditActions),
  /** What it was done to: `client:17`, `recording:0191...`, `login:anna`. */
  subject: Type.String(),
  /** The card that it was about. */
  client: Nullable(Type.Object({ id: Id, name: Type.String() })),
  /** false: it was refused. */
  allowed: Type.Boolean(),
  /** How often, within a minute. */
  times: Type.Integer({ minimum: 1 }),
  data: Type.Record(Type.String(), Type.Unknown()),
});
export type AuditLine = Static<typeof AuditLine>;

export const auditOperations = {
  'GET /api/v1/audit': {
    summary: 'Who looked at, heard, took or changed what, newest first; refusals too',
    tags: ['audit'],
    access: ['admin'],
    querystring: Type.Object({
      userId: Type.Optional(Id),
      clientId: Type.Optional(Id),
      action: Type.Optional(Words(auditActions)),
      /** true: refusals alone. */
      refused: Type.Optional(Type.Boolean()),
      /** From here on, and before here. */
      from: Type.Optional(Instant),
      to: Type.Optional(Instant),
      /** `before` of the page before. */
      before: Type.Optional(Id),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    }),
    response: Type.Object({ items: Type.Array(AuditLine), before: Nullable(Id) }),
  },
} as const;

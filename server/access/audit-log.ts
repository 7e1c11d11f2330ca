import { and, desc, eq, gte, lt } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { auditLog, clients, users } from '../../db/schema/index.ts';
import type { Output } from '../contract/api.ts';
import type { AuditLine } from '../contract/audit.ts';
import type { AuditAction } from '../contract/audit-words.ts';
import { AppError } from '../kernel/errors.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';
import type { Routes } from './route.ts';

/** Which lines are asked for; absent = whichever. */
export interface AuditQuery {
  readonly userId?: number | undefined;
  readonly clientId?: number | undefined;
  readonly action?: AuditAction | undefined;
  readonly refused?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Of the page before. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** @throws AppError `bad_request` */
function instant(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new AppError('bad_request', `"${text}" is not an instant`);
  return at;
}

function conditionOf({ userId, clientId, action, refused, before, ...period }: AuditQuery) {
  const from = instant(period.from);
  const to = instant(period.to);
  return and(
    userId === undefined ? undefined : eq(auditLog.userId, userId as UserId),
    clientId === undefined ? undefined : eq(auditLog.clientId, clientId as ClientId),
    action === undefined ? undefined : eq(auditLog.action, action),
    refused ? eq(auditLog.allowed, false) : undefined,
    from && gte(auditLog.at, from),
    to && lt(auditLog.at, to),
    before === undefined ? undefined : lt(auditLog.id, before),
  );
}

/** A page of the audit log, newest first. @throws AppError `bad_request` */
async function readAudit({ orm }: Executor, query: AuditQuery): Promise<Output<'GET /api/v1/audit'>> {
  const rows = await orm
    .select({ line: auditLog, userName: users.name, clientName: clients.name })
    .from(auditLog)
    .leftJoin(users, eq(users.id, auditLog.userId))
    .leftJoin(clients, eq(clients.id, auditLog.clientId))
    .where(conditionOf(query))
    .orderBy(desc(auditLog.id))
    // one more than asked for tells whether there is a next page
    .limit(query.limit + 1);
  const items = rows.slice(0, query.limit).map(({ line, userName, clientName }): AuditLine => {
    const { userId, clientId, action, at, ...same } = line;
    return {
      ...same,
      action: action as AuditAction,
      at: at.toISOString(),
      user: userId === null ? null : { id: userId, name: userName ?? `#${userId}` },
      client: clientId === null ? null : { id: clientId, name: clientName ?? `#${clientId}` },
    };
  });
  return { items, before: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null };
}

/** The contract's operations on the audit log. */
export function auditRoutes(db: Executor): Routes {
  return (mount) => {
    mount('GET /api/v1/audit', ({ query }) => readAudit(db, query));
  };
}

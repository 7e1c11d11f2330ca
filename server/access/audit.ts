import type { Executor } from '../../db/client.ts';
import { auditLog } from '../../db/schema/access.ts';
import type { ClientId, UserId } from '../kernel/ids.ts';

/** One line of the audit log: who did or saw what. */
export interface AuditEntry {
  /** Absent when nobody is signed in. */
  readonly userId?: UserId;
  /** Past tense, dotted by noun: `recording.played`. */
  readonly action: string;
  /** What it was done to, e.g. `recording:0191...`. */
  readonly subject: string;
  /** The card that it was about. */
  readonly clientId?: ClientId;
  /** Default true; false = it was refused. */
  readonly allowed?: boolean;
  /** Further facts; never secrets. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Appends to the audit log; inside a transaction the line is kept only if the deed is. */
export async function writeAudit(db: Executor, entry: AuditEntry): Promise<void> {
  await db.orm.insert(auditLog).values({
    userId: entry.userId ?? null,
    action: entry.action,
    subject: entry.subject,
    clientId: entry.clientId ?? null,
    allowed: entry.allowed ?? true,
    data: entry.data ?? {},
  });
}

import type { Database } from '../../db/client.ts';
import type { LockSession } from '../../db/lock-session.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';

/** Any number that no other locks of this database take: "swma" in ASCII. */
const lockSpace = 0x73776d61;

/** Which accounts this process may run: each runs in one process of a database. On the embedded engine there is no other. */
export interface AccountLease {
  /** @returns whether it is ours; false = another process runs it. @throws AppError `unavailable` */
  take(id: AccountId): Promise<boolean>;
  /** Another process may run it. */
  free(id: AccountId): Promise<void>;
  /** Finds out whether what is ours still is. */
  check(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** @param onLost everything that was ours may be somebody else's by now */
export function createAccountLease(db: Database, log: Log, onLost: () => void): AccountLease {
  let session: Promise<LockSession | null> | undefined;
  let isClosed = false;
  const held = new Set<AccountId>();

  function lose(): void {
    session = undefined;
    held.clear();
    if (isClosed) return;
    log.warn('the locks of the accounts of messages are lost: they are taken anew');
    onLost();
  }

  async function open(): Promise<LockSession | null> {
    session ??= db.openLocks({ space: lockSpace, onLost: lose });
    const opening = session;
    return opening.catch((error: unknown) => {
      if (session === opening) session = undefined;
      throw error;
    });
  }

  return {
    async take(id) {
      if (held.has(id)) return true;
      const locks = await open();
      const isOurs = locks === null || (await locks.tryLock(id));
      if (isOurs) held.add(id);
      return isOurs;
    },
    async free(id) {
      if (!held.delete(id)) return;
      await (await session)?.unlock(id);
    },
    async check() {
      if (held.size === 0) return;
      const locks = await session;
      await locks?.check().catch(async () => {
        await locks.close();
        lose();
      });
    },
    async close() {
      isClosed = true;
      const locks = await session?.catch(() => null);
      await locks?.close();
    },
  };
}

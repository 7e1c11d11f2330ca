import pg from 'pg';
import { connectionError } from './connection-error.ts';

/**
 * Locks among the processes of one database, held by a connection of their own: whoever dies loses them at once. `space` keeps
 * locks of different matters apart.
 */
export interface LockSession {
  /** @returns whether it is ours now. @throws AppError `unavailable` */
  tryLock(key: number): Promise<boolean>;
  unlock(key: number): Promise<void>;
  /** Rejects when the connection is gone, and with it every lock. */
  check(): Promise<void>;
  /** Gives all locks back. Idempotent. */
  close(): Promise<void>;
}

/** A connection that says nothing for so long is gone. */
const answerMs = 5_000;

/** @param onLost the connection broke: others may have the locks by now. Told once */
export async function openLockSession(
  config: pg.ClientConfig,
  { space, onLost }: { readonly space: number; readonly onLost: () => void },
): Promise<LockSession> {
  const client = new pg.Client({ ...config, query_timeout: answerMs });
  let isOver = false;
  const lose = (): void => {
    if (isOver) return;
    isOver = true;
    onLost();
  };
  // unheard, an error would end the process; what is wrong is found out by the statements
  client.on('error', lose);
  client.on('end', lose);
  const ask = async <T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<T | undefined> => {
    try {
      return (await client.query<T>(text, values)).rows[0];
    } catch (error) {
      throw connectionError(error);
    }
  };
  try {
    await client.connect();
  } catch (error) {
    isOver = true;
    await client.end().catch(() => undefined);
    throw connectionError(error);
  }
  return {
    async tryLock(key) {
      const row = await ask<{ is_ours: boolean }>('select pg_try_advisory_lock($1, $2) as is_ours', [space, key]);
      return row?.is_ours ?? false;
    },
    unlock: async (key) => void (await ask('select pg_advisory_unlock($1, $2)', [space, key])),
    check: async () => void (await ask('select 1', [])),
    async close() {
      isOver = true;
      await client.end().catch(() => undefined);
    },
  };
}

import pg from 'pg';
import type { Log } from '../server/kernel/log.ts';
import { type Database, type Executor, executorOver } from './client.ts';
import { connectionError } from './connection-error.ts';
import { openLockSession } from './lock-session.ts';

export interface PoolDatabaseOptions {
  readonly kind: Database['kind'];
  readonly config: pg.PoolConfig;
  readonly log: Log;
  /** Runs once, when all connections are closed. */
  afterClose(): Promise<void>;
}

const pingMs = 2_000;

/** bigint comes as number: our ids count, they do not reach 2^53. All else as pg has it. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

/** A database over a pool of connections; opens none before the first statement. */
export function createPoolDatabase({ kind, config, log, afterClose }: PoolDatabaseOptions): Database {
  const pool = new pg.Pool({ ...config, types });
  // An idle connection that breaks is replaced at the next use; unheard, the event would end the process.
  pool.on('error', (error) => log.warn({ code: connectionError(error).details['code'] }, 'database connection lost'));
  // Making an executor builds drizzle's view of the whole schema: once a connection, not once a transaction.
  const executors = new WeakMap<pg.PoolClient, Executor>();
  let closing: Promise<void> | undefined;

  const executorOf = (client: pg.PoolClient): Executor => {
    const known = executors.get(client);
    if (known) return known;
    const executor = executorOver(client);
    executors.set(client, executor);
    return executor;
  };

  const transaction = async <T>(work: (tx: Executor) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await work(executorOf(client));
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // A connection whose rollback fails is in an unknown state and is thrown away.
      await client.query('rollback').then(
        () => client.release(),
        (broken: Error) => client.release(broken),
      );
      throw error;
    }
  };

  return {
    ...executorOver(pool),
    kind,
    transaction,
    openLocks: async (options) => (kind === 'embedded' ? null : openLockSession(config, options)),
    async ping() {
      await withinPing(pool.query('select 1'));
    },
    close() {
      closing ??= pool.end().then(afterClose);
      return closing;
    },
  };
}

/** @throws AppError `unavailable` when the answer is an error or does not come in time */
async function withinPing(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timeout after ${pingMs} ms`)), pingMs);
  });
  try {
    await Promise.race([answer, deadline]);
  } catch (error) {
    throw connectionError(error);
  } finally {
    clearTimeout(timer);
  }
}

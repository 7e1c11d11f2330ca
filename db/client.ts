import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { AppError } from '../server/kernel/errors.ts';
import type { Log } from '../server/kernel/log.ts';
import type { LockSession } from './lock-session.ts';
import * as schema from './schema/index.ts';

/** Drizzle over the pool or over one transaction's connection. */
export type Orm = NodePgDatabase<typeof schema>;

/** A statement of a hot path: named, so that the server prepares it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What runs statements: the pool (each its own transaction) or an open transaction. */
export interface Executor {
  readonly orm: Orm;
  /** Rows of one named statement, columns as PostgreSQL names them (snake_case); bigint is a number, timestamptz a Date. */
  run<Row>(statement: Statement): Promise<Row[]>;
}

export interface Database extends Executor {
  /** Commits when `work` resolves, rolls back when it throws. Do no I/O but statements inside. */
  transaction<T>(work: (tx: Executor) => Promise<T>): Promise<T>;
  /** `embedded` or `postgres`. */
  readonly kind: 'embedded' | 'postgres';
  /** Locks among the processes of this database; null = there is only this one (embedded). @throws AppError `unavailable` */
  openLocks(options: { readonly space: number; readonly onLost: () => void }): Promise<LockSession | null>;
  /** Round trip; rejects when the database is not there. */
  ping(): Promise<void>;
  /** Waits for running statements, stops the embedded engine cleanly. Idempotent. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** postgres://...; undefined = embedded in `dataDir`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly log: Log;
  /** The embedded engine died; nothing works any more. Default: the error is thrown where it ends the process. */
  readonly onLost?: (error: AppError) => void;
}

/** An executor over a pool or a single connection. */
export function executorOver(queryable: pg.Pool | pg.PoolClient): Executor {
  return {
    orm: drizzle(queryable as pg.Pool, { schema, casing: 'snake_case' }),
    async run<Row>(statement: Statement) {
      const result = await queryable.query({ ...statement, values: [...statement.values] });
      return result.rows as Row[];
    },
  };
}

import type { PoolConfig } from 'pg';
import { AppError } from '../server/kernel/errors.ts';
import type { Database, OpenDatabaseOptions } from './client.ts';
import { connectionError } from './connection-error.ts';
import { type EmbeddedEngine, openEmbedded } from './embedded/open.ts';
import { createPoolDatabase } from './pool.ts';

/** Connections of the embedded engine's pool: it serves one at a time, more would only wait elsewhere. */
const embeddedConnections = 8;
/** Of a server's pool, a process. */
const serverConnections = 16;
const connectMs = 5_000;
const statementMs = 30_000;
const idleInTransactionMs = 30_000;

/**
 * Opens the database and checks that it is fit for use; does not migrate.
 * @throws AppError `unavailable` with one sentence that says what to do about it; never holds the password
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  return options.url === undefined ? openOnEmbedded(options) : openOnServer(options.url, options);
}

async function openOnEmbedded(options: OpenDatabaseOptions): Promise<Database> {
  const { dataDir, log, onLost = endLoudly } = options;
  const engine = await openEmbedded({ dataDir, log, onLost });
  const { password, ...connection } = engine.connection;
  const config = { ...connection, ...(password === undefined ? {} : { password }), max: embeddedConnections };
  return checked({ kind: 'embedded', config, log, engine });
}

async function openOnServer(url: string, { log }: OpenDatabaseOptions): Promise<Database> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new AppError(
      'unavailable',
      'DATABASE_URL is not a PostgreSQL address (postgres://user:password@host:5432/name)',
    );
  }
  const config: PoolConfig = {
    connectionString: url,
    max: serverConnections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    // compiled plans cost seconds where a table has one row and was never analysed, and save nothing on statements as short as ours
    options: '-c timezone=UTC -c jit=off',
    application_name: 'switchroom',
    keepAlive: true,
  };
  return checked({ kind: 'postgres', config, log });
}

interface Parts {
  readonly kind: Database['kind'];
  readonly config: PoolConfig;
  readonly log: OpenDatabaseOptions['log'];
  readonly engine?: EmbeddedEngine;
}

/** The database, closed again when it turns out to be unfit. */
async function checked({ kind, config, log, engine }: Parts): Promise<Database> {
  const database = createPoolDatabase({ kind, config, log, afterClose: async () => engine?.close() });
  try {
    await assertFit(database);
    return database;
  } catch (error) {
    await database.close();
    throw error instanceof AppError ? error : connectionError(error);
  }
}

/** Lower case and trigrams of Cyrillic depend on how the database was made; without them search finds nothing. */
async function assertFit(database: Database): Promise<void> {
  const [letters] = await database.run<{ lower: string; encoding: string }>({
    name: 'fit_letters',
    text: `select lower('Ж') as lower, current_setting('server_encoding') as encoding`,
    values: [],
  });
  if (letters?.encoding !== 'UTF8') {
    throw new AppError('unavailable', `the database has the encoding ${letters?.encoding}, it must be UTF8`);
  }
  if (letters.lower !== 'ж') {
    throw new AppError('unavailable', 'the database does not know Cyrillic letters: create it with LC_CTYPE C.UTF-8');
  }
  const extensions = await database.run<{ name: string }>({
    name: 'fit_extensions',
    text: `select name from pg_available_extensions where name = 'pg_trgm'`,
    values: [],
  });
  if (extensions.length === 0) {
    throw new AppError('unavailable', 'the database server lacks the extension pg_trgm (Debian: package postgresql)');
  }
}

/** Nothing works without the database, and a supervisor restarts what has died, not what hangs. */
function endLoudly(error: AppError): void {
  setImmediate(() => {
    throw error;
  });
}

import type { PGlite } from '@electric-sql/pglite';
import type { Backend } from './backend.ts';
import * as limits from './limits.ts';

/**
 * The background workers that a PostgreSQL server has and the embedded engine has not: checkpointer, autovacuum.
 * Without them one day of work leaves gigabytes of WAL and tables that are mostly dead rows. One small step a turn,
 * only while nobody uses the backend.
 *
 * @param done hears of every step taken
 * @returns `close` stops the loop; a running step ends first, because the backend is owned meanwhile
 */
export function startMaintenance(
  engine: PGlite,
  backend: Backend,
  done: (step: string, ms: number) => void,
): { close(): void } {
  let checkpointedAt = performance.now();

  const turn = async (): Promise<void> => {
    const startedAt = performance.now();
    const wal = await walBytes(engine);
    const quietTooLong = startedAt - checkpointedAt > limits.checkpointAfterMs && wal > limits.quietWalBytes;
    const step = wal > limits.checkpointWalBytes || quietTooLong ? 'CHECKPOINT' : await dueVacuum(engine);
    if (!step) return;
    await engine.exec(step);
    if (step === 'CHECKPOINT') checkpointedAt = performance.now();
    done(step, Math.round(performance.now() - startedAt));
  };

  const timer = setInterval(() => {
    // A failed step (no space, a table dropped meanwhile) is told and tried again; it must not end the engine.
    backend.whileIdle(turn).catch((error: unknown) => done(`failed: ${String(error)}`, 0));
  }, limits.maintenanceMs);
  return { close: () => clearInterval(timer) };
}

async function walBytes(engine: PGlite): Promise<number> {
  const result = await engine.query<{ bytes: number }>(
    'select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), (pg_control_checkpoint()).redo_lsn)::float8 as bytes',
  );
  return result.rows[0]?.bytes ?? 0;
}

/** The table that needs it most, by about the thresholds of autovacuum. */
async function dueVacuum(engine: PGlite): Promise<string | undefined> {
  const result = await engine.query<{ name: string }>(
    `select format('%I.%I', schemaname, relname) as name
       from pg_stat_all_tables
      where schemaname <> 'pg_toast'
        and (n_dead_tup > 200 + 0.1 * n_live_tup
          or n_mod_since_analyze > 200 + 0.1 * n_live_tup
          or n_ins_since_vacuum > 1000 + 0.2 * n_live_tup)
      order by n_dead_tup / (n_live_tup + 50.0) desc
      limit 1`,
  );
  const name = result.rows[0]?.name;
  return name && `VACUUM (ANALYZE) ${name}`;
}

import type { PGlite } from '@electric-sql/pglite';
import type { Backend } from './backend.ts';
import * as limits from './limits.ts';

/**
 * The background workers that a PostgreSQL server has and the embedded engine has not: checkpointer, autovacuum.
 * Without them one day of work leaves gigabytes of WAL and tables that are mostly dead rows. One small step a turn,
 * only while nobody uses the backend; while calls come all the time, only the steps that cannot wait for a pause.
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
  /** Where the WAL ended when there was nothing to vacuum: looking again pays only after some writing. */
  let cleanAt = 0;
  let lookedAt = performance.now();

  const dueStep = async (): Promise<string | undefined> => {
    const { written, sinceCheckpoint } = await walBytes(engine);
    if (sinceCheckpoint > limits.checkpointWalBytes) return 'CHECKPOINT';
    const quietFor = performance.now() - checkpointedAt;
    if (quietFor > limits.checkpointAfterMs && sinceCheckpoint > limits.quietWalBytes) return 'CHECKPOINT';
    if (written - cleanAt < limits.quietWalBytes) return undefined;
    const isQuiet = backend.quietFor() > limits.quietMs;
    // Looking takes some milliseconds too.
    if (!isQuiet && performance.now() - lookedAt < limits.busyVacuumMs) return undefined;
    lookedAt = performance.now();
    const step = await dueVacuum(engine, isQuiet ? 1 : limits.busyFactor);
    if (!step && isQuiet) cleanAt = written;
    return step;
  };

  const turn = async (): Promise<void> => {
    const startedAt = performance.now();
    const step = await dueStep();
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

/** Bytes of WAL ever written, and since the last checkpoint: what a recovery would have to read. */
async function walBytes(engine: PGlite): Promise<{ written: number; sinceCheckpoint: number }> {
  const result = await engine.query<{ written: number; sinceCheckpoint: number }>(
    `select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as written,
            (pg_current_wal_insert_lsn() - (pg_control_checkpoint()).redo_lsn)::float8 as "sinceCheckpoint"`,
  );
  return result.rows[0] ?? { written: 0, sinceCheckpoint: 0 };
}

/** The table that needs it most, by about the thresholds of autovacuum, or that many times as much. */
async function dueVacuum(engine: PGlite, factor: number): Promise<string | undefined> {
  const result = await engine.query<{ name: string }>(
    `select format('%I.%I', schemaname, relname) as name
       from pg_stat_all_tables
      where schemaname <> 'pg_toast'
        and (n_dead_tup > $1 * 200 + 0.1 * n_live_tup
          or n_mod_since_analyze > $1 * 200 + 0.1 * n_live_tup and n_live_tup > $1 * 10
          or n_ins_since_vacuum > $1 * 1000 + 0.2 * n_live_tup)
      order by n_dead_tup / (n_live_tup + 50.0) desc
      limit 1`,
    [factor],
  );
  const name = result.rows[0]?.name;
  return name && `VACUUM (ANALYZE) ${name}`;
}

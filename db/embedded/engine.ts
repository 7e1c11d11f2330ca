import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { DurableNodeFs } from './durable-fs.ts';
import type { LogSync } from './log-sync.ts';

/**
 * Server settings, small on purpose: the whole process must stay under 300 MB, and one connection at a time needs
 * little. `wal_sync_method = fsync` because that is the only call that reaches our hook.
 */
const settings = [
  'fsync=on',
  'wal_sync_method=fsync',
  'shared_buffers=16MB',
  'max_wal_size=64MB',
  'min_wal_size=32MB',
  'random_page_cost=1.1',
  'timezone=UTC',
];

/**
 * Starts PGlite on a directory; makes the database when there is none.
 * @param log takes over the engine's fsyncs of its log: run what is committed through a backend that knows it
 * @param onFailure the engine can no longer be trusted (a failed fsync, an abort): end the process
 */
export async function startEngine(dataDir: string, log: LogSync, onFailure: (error: unknown) => void): Promise<PGlite> {
  const engine = new PGlite({
    fs: new DurableNodeFs(dataDir, log, onFailure),
    extensions: { pg_trgm },
    // The list replaces the default one, it is not merged with it; `-F` would switch fsync off.
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
  });
  await engine.waitReady;
  return engine;
}

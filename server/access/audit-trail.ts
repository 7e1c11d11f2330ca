import type { Executor } from '../../db/client.ts';
import type { Clock, TimerHandle } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { AuditEntry } from './audit.ts';
import { limits } from './limits.ts';

/** Lines of the audit log that nobody waits for: looks at cards are as many as calls are. */
export interface AuditTrail {
  /**
   * Keeps a line; it is written within `auditFlushMs`, by one statement for all that came meanwhile. The same line again
   * within `auditRepeatMs` is counted: what came after the first stands as one more line, with its number of times, when
   * that time is over. A process that is killed loses the lines of its last second and the counts of its last minute.
   */
  note(entry: AuditEntry): void;
  /** Writes everything, the counts too. Idempotent. */
  close(): Promise<void>;
}

interface Line extends AuditEntry {
  readonly at: number;
  readonly times: number;
}

/** What came after the first of several equal lines. */
interface Repeats {
  readonly entry: AuditEntry;
  readonly until: number;
  times: number;
  lastAt: number;
}

export interface AuditTrailOptions {
  readonly db: Pick<Executor, 'run'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Bounded in lines and in what it remembers. While the database is away lines wait for it; the ones for which there is no
 * room are counted, and their number is told in the log and, as a line of its own, in the audit log.
 */
export function createAuditTrail({ db, clock, log }: AuditTrailOptions): AuditTrail {
  let waiting: Line[] = [];
  let lost = 0;
  const repeats = new Map<string, Repeats>();
  let timer: TimerHandle | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isClosed = false;

  function keep(line: Line): void {
    if (waiting.length < limits.auditLinesWaiting) waiting.push(line);
    else lost++;
  }

  /** @returns false when it is the first of its kind within the time, or there is no room to count it */
  function isCounted(key: string, at: number): boolean {
    const known = repeats.get(key);
    if (!known || known.until <= at) return false;
    known.times++;
    known.lastAt = at;
    return true;
  }

  /** In order of their ends: all have the same length. */
  function endRepeats(now: number): void {
    for (const [key, { entry, until, times, lastAt }] of repeats) {
      if (until > now) return;
      repeats.delete(key);
      if (times > 0) keep({ ...entry, at: lastAt, times });
    }
  }

  function schedule(): void {
    if (isClosed) return;
    timer ??= clock.after(limits.auditFlushMs, () => {
      timer = undefined;
      void flush();
    });
  }

  function flush(): Promise<void> {
    endRepeats(isClosed ? Number.POSITIVE_INFINITY : clock.now());
    if (lost > 0) {
      log.error({ lines: lost }, 'lines of the audit log are lost: the database was away too long');
      waiting.push({ action: 'audit.lost', subject: 'audit', data: { lines: lost }, at: clock.now(), times: 1 });
      lost = 0;
    }
    if (waiting.length > 0 || repeats.size > 0) schedule();
    writing = writing.then(write);
    return writing;
  }

  async function write(): Promise<void> {
    const lines = waiting;
    if (lines.length === 0) return;
    waiting = [];
    try {
      await db.run(insertOf(lines));
    } catch (error) {
      log.warn({ err: error, lines: lines.length }, 'the audit log could not be written, again in a moment');
      waiting = [...lines, ...waiting];
      schedule();
    }
  }

  return {
    note(entry) {
      const at = clock.now();
      const key = `${entry.userId} ${entry.action} ${entry.subject} ${entry.allowed ?? true}`;
      if (isCounted(key, at)) return;
      endRepeats(at);
      keep({ ...entry, at, times: 1 });
      if (repeats.size < limits.auditRepeatsKnown)
        repeats.set(key, { entry, until: at + limits.auditRepeatMs, times: 0, lastAt: at });
      schedule();
    },
    async close() {
      if (isClosed) return writing;
      isClosed = true;
      timer?.cancel();
      await flush();
    },
  };
}

const insertOf = (lines: readonly Line[]) => ({
  name: 'audit_lines',
  text: `INSERT INTO audit_log (at, user_id, action, subject, client_id, allowed, times, data)
         SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::boolean[],
                              $7::int[], $8::jsonb[])`,
  values: [
    lines.map(({ at }) => new Date(at)),
    lines.map(({ userId }) => userId ?? null),
    lines.map(({ action }) => action),
    lines.map(({ subject }) => subject),
    lines.map(({ clientId }) => clientId ?? null),
    lines.map(({ allowed }) => allowed ?? true),
    lines.map(({ times }) => times),
    lines.map(({ data }) => JSON.stringify(data ?? {})),
  ],
});

import { join } from 'node:path';
import type { Database } from '../../../db/client.ts';
import type { SignedInUser } from '../../access/route.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';
import type { Journal } from '../../kernel/journal.ts';
import type { Log } from '../../kernel/log.ts';
import { transition } from '../../kernel/transition.ts';
import { importTransitions } from './import-state.ts';
import { importLimits } from './limits.ts';
import type { ImportJob } from './run.ts';
import * as store from './store.ts';
import type { Pace } from './view.ts';
import type { WorkerTask } from './worker.ts';
import { type ImportThread, type ImportThreadOptions, startImportThread } from './worker-link.ts';

export interface ImportJobsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly log: Log;
  readonly folder: string;
  readonly onChanged: (clientId: ClientId, version: number) => void;
}

type Kind = WorkerTask['do'];

/** Work on one import in this process, from the decision to begin it. */
interface ActiveJob {
  readonly importId: number;
  pace: Pace;
  /** Absent while what it needs is read from the database. */
  thread: ImportThread | undefined;
  isStopped: boolean;
  settled: Promise<void>;
}

/** What is to be done with which import, for whom. */
interface Order {
  readonly row: store.ImportRow;
  readonly kind: Kind;
  readonly user: Pick<SignedInUser, 'id' | 'language'>;
}

/** What becomes of the state when work begins and when it has ended. */
const inputs = {
  plan: { begin: 'plan', end: 'ready' },
  run: { begin: 'start', end: 'finish' },
  undo: { begin: 'undo', end: 'taken_back' },
} as const;
const events = { plan: null, run: 'clients.imported', undo: 'clients.import-undone' } as const;
const kindOf = { planning: 'plan', running: 'run', undoing: 'undo' } as const;

/** Background work on imports: one thread at a time in a process, so that calls share the database with one at most. */
export function createImportJobs({ db, clock, journal, log, folder, onChanged }: ImportJobsOptions) {
  let active: ActiveJob | undefined;
  /** While the state of an import that is to begin is written. */
  let isBeginning = false;
  /** Work that another process left, by import, until it has settled. */
  const resumed = new Map<number, Promise<void>>();
  let closed = false;

  async function jobOf(row: store.ImportRow): Promise<ImportJob> {
    const { id, encoding, delimiter, hasHeader, mapping, region, onMatch, createdBy, doneRows } = row;
    return {
      id,
      path: join(folder, row.path),
      format: { encoding, delimiter, hasHeader },
      reading: { mapping, region, users: await store.readUserNames(db) },
      onMatch,
      userId: createdBy,
      doneRows,
      batchMs: importLimits.batchMs[db.kind],
    };
  }

  async function taskOf({ row, kind, user }: Order): Promise<WorkerTask> {
    const job = await jobOf(row);
    if (kind === 'undo') return { do: 'undo', job: { id: row.id, userId: user.id, batchMs: job.batchMs } };
    if (kind === 'run') return { do: 'run', job };
    return { do: 'plan', job, problemsPath: `${job.path}.problems`, language: user.language };
  }

  /** Counts rows from the start of this work in this process; the file's length stands in for a total not yet known. */
  function meter(row: store.ImportRow, kind: Kind) {
    const begun = clock.now();
    const first = kind === 'run' ? row.doneRows : 0;
    let done = first;
    return (count: number, bytesRead: number): Pace => {
      done = kind === 'undo' ? done + count : count;
      const seconds = (clock.now() - begun) / 1000;
      const guessed = bytesRead > 0 ? Math.round((done * row.size) / bytesRead) : null;
      return {
        done,
        total: kind === 'undo' ? row.created + row.updated : (row.totalRows ?? guessed),
        rowsPerSecond: seconds > 0 ? (done - first) / seconds : null,
      };
    };
  }

  /** Writes how it ended, with its line in the journal. */
  async function finish(row: store.ImportRow, kind: Kind, columns: store.ImportColumns): Promise<void> {
    const during = kind === 'plan' ? 'planning' : kind === 'run' ? 'running' : 'undoing';
    const state = transition(importTransitions, during, inputs[kind].end);
    const ended = kind === 'run' ? { finishedAt: new Date(clock.now()) } : {};
    const type = events[kind];
    const entries = await db.transaction(async (tx) => {
      const isOurs = await store.updateImport(tx, row.id, during, { ...columns, ...ended, state });
      if (!isOurs || !type) return [];
      return journal.append(tx, [{ type, userId: row.createdBy, data: { importId: row.id } }]);
    });
    journal.published(entries);
  }

  /** Writes that it failed; where not even that can be written, the next process goes on with it. Never rejects. */
  async function fail(row: store.ImportRow, kind: Kind, error: unknown): Promise<void> {
    log.error({ err: error, importId: row.id, kind }, 'an import failed');
    const during = kind === 'plan' ? 'planning' : kind === 'run' ? 'running' : 'undoing';
    const state = transition(importTransitions, during, 'fail');
    const message = error instanceof Error ? error.message.slice(0, 500) : 'failed';
    const ended = kind === 'run' ? { finishedAt: new Date(clock.now()) } : {};
    await store
      .updateImport(db, row.id, during, { state, error: message, ...ended })
      .catch((err) => log.error({ err, importId: row.id }, 'the failure of an import could not be written'));
  }

  /** From reading the task to writing how it ended. Never rejects. */
  async function work(job: ActiveJob, order: Order, onRows: ImportThreadOptions['onRows']): Promise<void> {
    const { row, kind } = order;
    try {
      const task = await taskOf(order);
      if (closed || job.isStopped) return;
      job.thread = startImportThread(task, {
        db,
        onRows,
        onChanged: (cards) => {
          for (const { id, version } of cards) onChanged(id as ClientId, version);
        },
      });
      const { outcome, plan } = await job.thread.ended;
      if (outcome === 'stopped') return;
      const planned = plan && {
        plan: { counts: plan.counts, problems: plan.problems },
        totalRows: plan.totalRows,
        error: '',
      };
      await finish(row, kind, planned ?? {});
    } catch (error) {
      // a thread that was closed with the process goes on in the next one
      if (!closed) await fail(row, kind, error);
    } finally {
      if (active === job) active = undefined;
    }
  }

  /** Takes the place at once: whoever asks before the thread is there finds it taken and can wait for its end. */
  function launch(order: Order): ActiveJob {
    const count = meter(order.row, order.kind);
    const job: ActiveJob = {
      importId: order.row.id,
      pace: count(order.row.doneRows, 0),
      thread: undefined,
      isStopped: false,
      settled: Promise.resolve(),
    };
    active = job;
    job.settled = work(job, order, (done, bytesRead) => {
      job.pace = count(done, bytesRead);
    });
    return job;
  }

  /** Goes on with an import when its turn has come, as far as it is still to be done then. */
  async function goOn(id: number, turn: Promise<void>): Promise<void> {
    await turn;
    await active?.settled;
    const row = closed ? null : await store.readImport(db, id);
    const kind = row && kindOf[row.state as keyof typeof kindOf];
    if (!row || !kind || closed) return;
    await launch({ row, kind, user: { id: row.createdBy as UserId, language: 'ru' } }).settled;
  }

  return {
    /** @throws AppError `illegal_transition`, `conflict` while this process works on another import */
    async begin(row: store.ImportRow, kind: Kind, user: SignedInUser): Promise<void> {
      const state = transition(importTransitions, row.state, inputs[kind].begin);
      if (active || isBeginning || resumed.size > 0) throw new AppError('conflict', 'another import is under way');
      if (kind !== 'undo' && !row.mapping.some((field) => field !== null))
        throw new AppError('bad_request', 'no column is mapped to a field');
      const begun = kind === 'run' ? { startedAt: new Date(clock.now()), doneRows: 0, error: '' } : {};
      isBeginning = true;
      try {
        if (!(await store.updateImport(db, row.id, row.state, { ...begun, state })))
          throw new AppError('conflict', 'the import has moved on meanwhile', { retryable: true });
        launch({ row: { ...row, doneRows: 0 }, kind, user });
      } finally {
        isBeginning = false;
      }
    },

    /** Ends the work on an import whose state has been changed; returns when its thread is gone. */
    async stop(importId: number): Promise<void> {
      if (active?.importId !== importId) return;
      active.isStopped = true;
      active.thread?.stop();
      await active.settled;
    },

    pace: (importId: number): Pace | null => (active?.importId === importId ? active.pace : null),
    settled: async (importId: number): Promise<void> => {
      await resumed.get(importId);
      if (active?.importId === importId) await active.settled;
    },

    /** Goes on with what another process left, one after another; nothing else begins before. */
    async resume(): Promise<void> {
      let turn = Promise.resolve();
      for (const { id } of await store.readUnfinished(db)) {
        turn = goOn(id, turn)
          .catch((error) => log.error({ err: error, importId: id }, 'an import could not go on'))
          .finally(() => resumed.delete(id));
        resumed.set(id, turn);
      }
    },

    async close(): Promise<void> {
      closed = true;
      await active?.thread?.close();
      await active?.settled;
      await Promise.all(resumed.values());
    },
  };
}

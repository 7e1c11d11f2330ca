import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from '../../../db/client.ts';
import type { StatementRunner } from './batch-store.ts';
import { type PlanResult, planImport } from './plan.ts';
import { type ImportJob, runImport } from './run.ts';
import { type UndoJob, undoImport } from './undo.ts';

/** What the thread is started for. */
export type WorkerTask =
  | { readonly do: 'plan'; readonly job: ImportJob; readonly problemsPath: string; readonly language: 'ru' | 'en' }
  | { readonly do: 'run'; readonly job: ImportJob }
  | { readonly do: 'undo'; readonly job: UndoJob };

/** What the thread tells. Statements are run for it by the main thread, which has the connections. */
export type WorkerMessage =
  | { readonly type: 'statement'; readonly id: number; readonly statement: Statement }
  | { readonly type: 'rows'; readonly done: number; readonly bytesRead: number }
  | { readonly type: 'changed'; readonly cards: readonly { id: number; version: number }[] }
  | { readonly type: 'ended'; readonly outcome: 'finished' | 'stopped'; readonly plan?: PlanResult }
  | { readonly type: 'failed'; readonly message: string };

export type WorkerAnswer =
  | { readonly type: 'answer'; readonly id: number; readonly rows: unknown[] }
  | { readonly type: 'refused'; readonly id: number; readonly message: string; readonly code: string | undefined }
  | { readonly type: 'stop' };

const port = parentPort;

/** A database whose statements the main thread runs. */
function remoteDatabase(tell: (message: WorkerMessage) => void, onStop: () => void): StatementRunner {
  const waiting = new Map<number, { resolve(rows: unknown[]): void; reject(error: Error): void }>();
  let lastId = 0;
  port?.on('message', (answer: WorkerAnswer) => {
    if (answer.type === 'stop') return onStop();
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.type === 'answer') asked?.resolve(answer.rows);
    else asked?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
  });
  return {
    run<Row>(statement: Statement) {
      return new Promise<Row[]>((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve: (rows) => resolve(rows as Row[]), reject });
        tell({ type: 'statement', id, statement });
      });
    },
  };
}

async function work(task: WorkerTask): Promise<void> {
  const tell = (message: WorkerMessage): void => port?.postMessage(message);
  let stopped = false;
  const db = remoteDatabase(tell, () => {
    stopped = true;
  });
  const now = () => performance.now();
  const onChanged = (cards: readonly { id: number; version: number }[]) => tell({ type: 'changed', cards });
  const onRows = (done: number, bytesRead = 0) => tell({ type: 'rows', done, bytesRead });
  if (task.do === 'plan') {
    const plan = await planImport(db, task.job, { ...task, isStopped: () => stopped, onRows });
    tell(plan ? { type: 'ended', outcome: 'finished', plan } : { type: 'ended', outcome: 'stopped' });
  } else if (task.do === 'run') {
    tell({ type: 'ended', outcome: await runImport(db, task.job, { onRows, onChanged, now }) });
  } else {
    await undoImport(db, task.job, { onRows, onChanged }, now);
    tell({ type: 'ended', outcome: 'finished' });
  }
}

// The number parser throws inside for every odd number; a sixth of the time went into stacks that nobody reads.
Error.stackTraceLimit = 0;

try {
  await work(workerData as WorkerTask);
} catch (error) {
  port?.postMessage({
    type: 'failed',
    message: error instanceof Error ? error.message : String(error),
  } satisfies WorkerMessage);
} finally {
  port?.close();
}

import { Worker } from 'node:worker_threads';
import { AppError } from '../../kernel/errors.ts';
import type { StatementRunner } from './batch-store.ts';
import type { PlanResult } from './plan.ts';
import type { WorkerAnswer, WorkerMessage, WorkerTask } from './worker.ts';

/** The main thread's end of an import's thread. */
export interface ImportThread {
  /** How it ended. Rejects when the thread failed or died. */
  readonly ended: Promise<{ outcome: 'finished' | 'stopped'; plan?: PlanResult }>;
  /** Lets it end after the batch in hand. */
  stop(): void;
  /** Ends it at once; statements that were begun are waited for. Idempotent. */
  close(): Promise<void>;
}

export interface ImportThreadOptions {
  readonly db: StatementRunner;
  readonly onRows: (done: number, bytesRead: number) => void;
  readonly onChanged: (cards: readonly { id: number; version: number }[]) => void;
}

/** Starts a thread that reads, decides and writes; this one only passes its statements on to the database. */
export function startImportThread(task: WorkerTask, options: ImportThreadOptions): ImportThread {
  const { db, onRows, onChanged } = options;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task, name: `import-${task.do}` });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const running = new Set<Promise<void>>();
  let closed = false;

  async function runStatement({ id, statement }: Extract<WorkerMessage, { type: 'statement' }>): Promise<void> {
    const answer = await db.run(statement).then(
      (rows): WorkerAnswer => ({ type: 'answer', id, rows }),
      (error: Error & { code?: string }): WorkerAnswer => ({
        type: 'refused',
        id,
        message: error.message,
        code: error.code,
      }),
    );
    if (!closed) worker.postMessage(answer);
  }

  const ended = new Promise<{ outcome: 'finished' | 'stopped'; plan?: PlanResult }>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if (closed) return;
      switch (message.type) {
        case 'statement': {
          const statement = runStatement(message);
          running.add(statement);
          void statement.finally(() => running.delete(statement));
          return;
        }
        case 'rows':
          return onRows(message.done, message.bytesRead);
        case 'changed':
          return onChanged(message.cards);
        case 'ended':
          return resolve(message);
        case 'failed':
          return reject(new AppError('internal', message.message));
      }
    });
    worker.once('error', reject);
    void exited.then(() => reject(new AppError('internal', 'the thread of an import ended without a word')));
  });
  // whoever closes it does not wait for its result
  ended.catch(() => {});
  return {
    ended,
    stop: () => worker.postMessage({ type: 'stop' } satisfies WorkerAnswer),
    async close() {
      closed = true;
      await worker.terminate();
      await Promise.all(running);
    },
  };
}

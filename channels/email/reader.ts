import { Worker } from 'node:worker_threads';
import type { Clock, TimerHandle } from '../../server/kernel/clock.ts';
import type { Log } from '../../server/kernel/log.ts';
import { type MailReading, unreadArrival } from './arrival.ts';
import { limits } from './limits.ts';
import type { MailContext } from './mail-context.ts';
import type { ReaderAnswer, ReaderData, ReaderJob, ReaderWord } from './reader-worker.ts';
import type { MailSigner } from './signed-ids.ts';

/** Reads mails one after another in a thread of its own, in the order in which they were asked for. */
export interface MailReader {
  /** Never rejects: what is not read in limits.readMs, or kills the thread, is an arrival with the fact `unreadable`. */
  read(bytes: Uint8Array, context: MailContext): Promise<MailReading>;
  /** Ends the thread; mails not read yet become unreadable. Idempotent. */
  close(): Promise<void>;
}

export interface MailReaderOptions {
  readonly signer: MailSigner;
  readonly clock: Clock;
  readonly log: Log;
  /** The thread's program; another one in tests. */
  readonly program?: URL;
}

interface Job extends ReaderJob {
  settle(answer: ReaderAnswer): void;
}

/** The thread is started by the first mail, and again after it was ended. */
export function createMailReader({ signer, clock, log, program }: MailReaderOptions): MailReader {
  const waiting: Job[] = [];
  let current: { readonly job: Job; readonly timer: TimerHandle } | undefined;
  let worker: Worker | undefined;
  /** Its program is loaded. On a busy machine that takes longer than any mail, and is no mail's fault. */
  let isReady = false;
  let idle: TimerHandle | undefined;
  let isClosed = false;

  function startThread(): Worker {
    const workerData: ReaderData = { key: signer.keyForThread() };
    const thread = new Worker(program ?? new URL('./reader-worker.ts', import.meta.url), {
      workerData,
      name: 'mail-reader',
      resourceLimits: { maxOldGenerationSizeMb: limits.readerHeapMegabytes },
    });
    isReady = false;
    thread.on('message', (word: ReaderWord) => {
      if (thread !== worker) return;
      if (word === 'ready') begin(thread);
      else finish(word);
    });
    thread.on('error', (error) => lose(thread, error.message));
    thread.on('exit', () => lose(thread, 'the reading thread ended'));
    return thread;
  }

  /** The thread is gone, or is given up: its mail stays unread, the next one gets a new thread. */
  function lose(thread: Worker, reason: string): void {
    if (thread !== worker) return;
    worker = undefined;
    void thread.terminate();
    finish({ ok: false, reason });
  }

  function endThread(): void {
    const thread = worker;
    worker = undefined;
    void thread?.terminate();
  }

  /** The time of the mail in hand begins when the thread can read it. */
  function begin(thread: Worker): void {
    isReady = true;
    if (!current) return;
    current.timer.cancel();
    current = { job: current.job, timer: limited(thread) };
  }

  function limited(thread: Worker): TimerHandle {
    const ms = isReady ? limits.readMs : limits.readerStartMs;
    return clock.after(ms, () => lose(thread, `not read in ${ms} ms`));
  }

  function finish(answer: ReaderAnswer): void {
    const done = current;
    current = undefined;
    done?.timer.cancel();
    done?.job.settle(answer);
    next();
  }

  function next(): void {
    if (current) return;
    idle?.cancel();
    const job = waiting.shift();
    if (!job) {
      idle = clock.after(limits.readerIdleMs, endThread);
      return;
    }
    if (isClosed) {
      job.settle({ ok: false, reason: 'the house was closing' });
      next();
      return;
    }
    worker ??= startThread();
    current = { job, timer: limited(worker) };
    const { bytes, context } = job;
    worker.postMessage({ bytes, context } satisfies ReaderJob);
  }

  return {
    read: (bytes, context) =>
      new Promise((resolve) => {
        const settle = (answer: ReaderAnswer): void => {
          if (!answer.ok) log.warn({ sourceId: context.sourceId, reason: answer.reason }, 'A mail could not be read');
          resolve(answer.ok ? answer.reading : { kind: 'event', event: unreadArrival(context, answer.reason) });
        };
        waiting.push({ bytes, context, settle });
        next();
      }),
    async close() {
      isClosed = true;
      const thread = worker;
      if (thread) lose(thread, 'the house was closing');
      next();
      idle?.cancel();
      await thread?.terminate();
    },
  };
}

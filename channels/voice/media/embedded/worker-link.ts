import { Worker } from 'node:worker_threads';
import type { Log } from '../../../../server/kernel/log.ts';
import { MediaError, type MediaEvent } from '../engine.ts';
import type { FromWorker, ToWorker, WireError, WorkerSettings } from './protocol.ts';

/** Starts the thread of one worker. */
export type SpawnWorker = (settings: WorkerSettings) => Worker;

export const spawnWorker: SpawnWorker = (settings) =>
  new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: settings,
    name: `media-${settings.index}`,
    // Almost all garbage here lives for one packet. A small nursery is collected often and fast, and stays in the cache.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });

/** The main thread's end of one worker. */
export interface WorkerLink {
  readonly webRtcPort: number;
  /** Sends a message and waits for its result. @throws MediaError; `closed` when the worker dies first */
  ask(message: Unnumbered): Promise<unknown>;
  /** Sends a message that has no answer. */
  tell(message: Unnumbered): void;
  /** Lets the worker end its calls and stop. Idempotent. */
  close(): Promise<void>;
}

type Unnumbered = ToWorker extends infer Message ? (Message extends ToWorker ? Omit<Message, 'id'> : never) : never;

export interface WorkerLinkOptions {
  readonly settings: WorkerSettings;
  readonly log: Log;
  readonly spawn: SpawnWorker;
  readonly onEvent: (event: MediaEvent) => void;
  /** The thread ended without being asked to. */
  readonly onDeath: () => void;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

const errorOf = ({ code, message }: WireError): Error => (code ? new MediaError(code, message) : new Error(message));

/** Resolves when the worker has opened its port. @throws the worker's error, e.g. that the port is taken */
export function startWorker(options: WorkerLinkOptions): Promise<WorkerLink> {
  const worker = options.spawn(options.settings);
  const waiting = new Map<number, Waiting>();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let lastId = 0;
  let closing: Promise<void> | undefined;

  function ask(message: Unnumbered): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ ...message, id });
    });
  }

  async function shutDown(): Promise<void> {
    await ask({ kind: 'close' }).catch(() => undefined);
    await exited;
  }

  function settle(id: number, act: (each: Waiting) => void): void {
    const each = waiting.get(id);
    waiting.delete(id);
    if (each) act(each);
  }

  const link = (webRtcPort: number): WorkerLink => ({
    webRtcPort,
    ask,
    tell: (message) => worker.postMessage({ ...message, id: 0 }),
    close() {
      closing ??= shutDown();
      return closing;
    },
  });

  return new Promise((resolve, reject) => {
    let ready = false;
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'event') options.onEvent(message.event);
      else if (message.kind === 'fault')
        options.log.error({ worker: options.settings.index, stack: message.stack }, 'media fault');
      else if (message.kind === 'result') settle(message.id, (each) => each.resolve(message.output));
      else if (message.kind === 'error') settle(message.id, (each) => each.reject(errorOf(message.error)));
      else if (message.kind === 'unable') reject(errorOf(message.error));
      else {
        ready = true;
        resolve(link(message.webRtcPort));
      }
    });
    worker.on('error', (error) =>
      options.log.error({ err: error, worker: options.settings.index }, 'media worker failed'),
    );
    worker.once('exit', () => {
      const gone = new MediaError('closed', 'the media worker has ended');
      for (const each of waiting.values()) each.reject(gone);
      waiting.clear();
      if (!ready) reject(gone);
      else if (!closing) options.onDeath();
    });
  });
}

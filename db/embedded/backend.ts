import type { PGlite } from '@electric-sql/pglite';
import type { LogSync } from './log-sync.ts';
import { backend as code, queryMessage, status, syncMessage } from './protocol.ts';

/** Messages that the backend runs in one go, and whether their answer ends with ReadyForQuery. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly endsReady: boolean;
}

/** One virtual session: has batches to run and takes their answers. */
export interface BackendClient {
  /** The next batch, or undefined when there is none yet. */
  next(): Batch | undefined;
  /** Whether `next` would give one. */
  hasNext(): boolean;
  /** The answer to the last batch, in the order of the wire. */
  deliver(answer: readonly Buffer[]): void;
}

/**
 * The engine's only backend, shared by many sessions. A session owns it from its first message until the
 * transaction it is in has ended; the others wait in the order they came.
 */
export interface Backend {
  /** The client has a batch. Runs it now, or when its turn comes. */
  wake(client: BackendClient): void;
  /** The client is gone: its place in the queue is given up and its transaction rolled back. */
  drop(client: BackendClient): void;
  /** Whether the client holds the backend and it waits for the client since `ms` or longer. */
  idlesInTransaction(client: BackendClient, ms: number): boolean;
  /** Milliseconds since a client's statement last ended. */
  quietFor(): number;
  /** Runs `work` alone if nobody owns the backend; says whether it did. */
  whileIdle(work: () => Promise<void>): Promise<boolean>;
  /** The same as soon as nobody owns the backend; afterwards nobody is served any more. */
  finish(work: () => Promise<void>): Promise<void>;
}

export interface BackendOptions {
  readonly engine: PGlite;
  /** The one that the engine was started with. */
  readonly log: LogSync;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** The engine threw: its state is unknown and nothing may run on it any more. */
  onFailure(error: unknown): void;
}

export function createBackend({ engine, log, now, onFailure }: BackendOptions): Backend {
  const waiting: BackendClient[] = [];
  /** Clients whose answer waits for the disk; they are not served before they have it. */
  const unanswered = new Set<BackendClient>();
  let owner: BackendClient | undefined;
  let ownerSince = 0;
  let lastRunAt = 0;
  let serving = false;

  const execute = (bytes: Uint8Array): Buffer[] => {
    const answer: Buffer[] = [];
    // Runs to its end before the call returns; the promise only reports. The plain "raw sync" call would parse
    // every answer and keep it for ever. The engine hands out a view of its memory: copied once, here.
    engine
      .execProtocolRawStream(bytes, { syncToFs: false, onRawData: (data) => void answer.push(Buffer.from(data)) })
      .catch(onFailure);
    return answer;
  };

  /** Runs what there is to run. Called while it runs, it leaves the work to the call that is running. */
  const serve = (): void => {
    if (serving) return;
    serving = true;
    for (let batch = owner?.next(); owner && batch; batch = owner?.next()) runBatch(owner, batch);
    serving = false;
  };

  const runBatch = (client: BackendClient, batch: Batch): void => {
    const answer = execute(batch.bytes);
    lastRunAt = now();
    ownerSince = lastRunAt;
    const transaction = batch.endsReady ? transactionStatus(answer) : undefined;
    if (transaction === 'unknown') onFailure(new Error('the engine did not become ready again'));
    else if (transaction === status.idle) {
      passOn();
      log.start(owner === undefined);
      answerWhenDurable(client, answer);
    } else client.deliver(answer);
  };

  const answerWhenDurable = (client: BackendClient, answer: readonly Buffer[]): void => {
    unanswered.add(client);
    log.whenDurable(() => {
      // Gone meanwhile.
      if (!unanswered.delete(client)) return;
      client.deliver(answer);
      if (!client.hasNext()) return;
      enqueue(client);
      serve();
    });
  };

  const passOn = (): void => {
    owner = waiting.shift();
    ownerSince = now();
  };

  const enqueue = (client: BackendClient): void => {
    if (!waiting.includes(client)) waiting.push(client);
    if (!owner) passOn();
  };

  return {
    wake(client) {
      if (unanswered.has(client)) return;
      if (owner !== client) enqueue(client);
      if (owner === client) serve();
    },
    drop(client) {
      unanswered.delete(client);
      const place = waiting.indexOf(client);
      if (place >= 0) waiting.splice(place, 1);
      if (owner !== client) return;
      execute(abandonTransaction);
      passOn();
      serve();
    },
    idlesInTransaction: (client, ms) => owner === client && now() - ownerSince >= ms,
    quietFor: () => now() - lastRunAt,
    async whileIdle(work) {
      if (owner) return false;
      owner = nobody;
      try {
        await work();
      } finally {
        passOn();
        log.start(false);
        serve();
      }
      return true;
    },
    async finish(work) {
      await new Promise<void>((resolve) => {
        enqueue({ ...nobody, next: () => void resolve() });
        serve();
      });
      await work();
    },
  };
}

const nobody: BackendClient = { next: () => undefined, hasNext: () => false, deliver: () => {} };

/**
 * ROLLBACK first: after messages without Sync it aborts what they did, where Sync would commit it. It is ignored when
 * such a message has failed, so Sync and a second ROLLBACK follow.
 */
const abandonTransaction = Buffer.concat([queryMessage('ROLLBACK'), syncMessage, queryMessage('ROLLBACK')]);

/** The status byte of ReadyForQuery, the last message of the answer (type, length 5, status); `unknown` if another is. */
function transactionStatus(answer: readonly Buffer[]): number | 'unknown' {
  const last = answer.at(-1);
  // The last message may be cut in two where the engine's send buffer was full.
  const end = last && last.length >= readyBytes ? last : Buffer.concat(answer);
  const type = end[end.length - readyBytes];
  const transaction = end[end.length - 1];
  return type === code.readyForQuery && transaction !== undefined ? transaction : 'unknown';
}

const readyBytes = 6;

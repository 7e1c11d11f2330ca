import * as fs from 'node:fs';

/**
 * Group commit. The engine's fsync of its log (WAL) returns at once; the answers of what was committed meanwhile are
 * held back until one fsync for all of them has reached the disk. While it runs, other sessions are served.
 *
 * Two rules make this as safe as an fsync in place:
 * 1. No answer from outside a transaction leaves before the log it may rest on is on the disk (`whenDurable`).
 * 2. Nothing but the log is written, renamed, cut or removed before that (`flush`): the log must always be ahead of
 *    the data, or a power failure leaves data that no log explains.
 */
export interface LogSync {
  /** In place of an fsync of a log file. */
  defer(handle: number): void;
  /** Whether everything the engine believes to be on the disk is there. */
  readonly settled: boolean;
  /** Waits, blocking, until it is. */
  flush(): void;
  /** Sees to it that it will be. @param alone nobody else could be served meanwhile */
  start(alone: boolean): void;
  /** Calls `fn` when everything deferred so far is on the disk: now, if it is. In the order of the calls. */
  whenDurable(fn: () => void): void;
}

/** A disk this fast is waited for when nobody else wants to be served: going through another thread takes longer. */
const fastDiskMs = 0.3;

/**
 * @param onFailure an fsync failed; what was deferred is lost and nothing may be acknowledged any more
 * @param fastMs a disk whose last fsync was shorter is waited for when there is nothing else to do
 */
export function createLogSync(onFailure: (error: unknown) => void, fastMs = fastDiskMs): LogSync {
  let deferred = new Set<number>();
  let inFlight = new Set<number>();
  let waitingForDeferred: (() => void)[] = [];
  let waitingForFlight: (() => void)[] = [];
  /** Tells a flight that a blocking flush has overtaken it. */
  let flight = 0;
  let lastMs = Number.POSITIVE_INFINITY;

  const settled = (): boolean => deferred.size === 0 && inFlight.size === 0;

  const release = (waiting: (() => void)[]): void => {
    for (const fn of waiting) fn();
  };

  const flush = (): void => {
    if (settled()) return;
    const startedAt = performance.now();
    try {
      for (const handle of new Set([...inFlight, ...deferred])) fs.fdatasyncSync(handle);
    } catch (error) {
      onFailure(error);
      throw error;
    }
    lastMs = performance.now() - startedAt;
    flight++;
    deferred = new Set();
    inFlight = new Set();
    const waiting = [...waitingForFlight, ...waitingForDeferred];
    waitingForFlight = [];
    waitingForDeferred = [];
    // The engine may be in the middle of a statement: what the answers set off must not reach into it.
    if (waiting.length > 0) setImmediate(release, waiting);
  };

  const launch = (): void => {
    inFlight = deferred;
    deferred = new Set();
    waitingForFlight = waitingForDeferred;
    waitingForDeferred = [];
    const number = ++flight;
    const startedAt = performance.now();
    let left = inFlight.size;
    const done = (error: NodeJS.ErrnoException | null): void => {
      // Overtaken: the file may even be closed by now, and its result means nothing.
      if (number !== flight) return;
      if (error) onFailure(error);
      else if (--left === 0) land(startedAt);
    };
    for (const handle of inFlight) fs.fdatasync(handle, done);
  };

  const land = (startedAt: number): void => {
    lastMs = performance.now() - startedAt;
    inFlight = new Set();
    const waiting = waitingForFlight;
    waitingForFlight = [];
    if (deferred.size > 0) launch();
    release(waiting);
  };

  return {
    defer: (handle) => void deferred.add(handle),
    get settled() {
      return settled();
    },
    flush,
    start(alone) {
      if (deferred.size === 0 || inFlight.size > 0) return;
      if (alone && lastMs < fastMs) flush();
      else launch();
    },
    whenDurable(fn) {
      if (deferred.size > 0) waitingForDeferred.push(fn);
      else if (inFlight.size > 0) waitingForFlight.push(fn);
      else fn();
    },
  };
}

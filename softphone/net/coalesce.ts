type After = (ms: number, run: () => void) => () => void;

const afterTimeout: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export interface Coalesced {
  /** Runs now, or once more when the present run is over and `gapMs` have passed since it began. */
  call(): void;
  /** Nothing runs after this. Idempotent. */
  close(): void;
}

/** Many calls become few runs: the first at once, never two at a time, never more often than once in `gapMs`. */
export function coalesce(run: () => Promise<unknown>, gapMs: number, after: After = afterTimeout): Coalesced {
  let resting = false;
  let again = false;
  let closed = false;
  let cancel: (() => void) | undefined;

  function start(): void {
    resting = true;
    again = false;
    const rested = new Promise<void>((resolve) => {
      cancel = after(gapMs, resolve);
    });
    // a run that fails is tried again by the next call
    Promise.allSettled([run(), rested]).then(() => {
      resting = false;
      if (again && !closed) start();
    });
  }

  return {
    call() {
      if (closed) return;
      if (resting) again = true;
      else start();
    },
    close() {
      closed = true;
      cancel?.();
    },
  };
}

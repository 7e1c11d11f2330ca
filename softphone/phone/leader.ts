export interface PhoneTab {
  /** Takes the phone from the tab that has it, which must have no call. */
  takeOver(): void;
  close(): void;
}

export interface PhoneTabHandlers {
  /** This tab is the phone now. */
  readonly onOwned: () => void;
  /** Another tab is: at the start, or because it took the phone over. */
  readonly onWaiting: () => void;
}

/**
 * One phone per browser profile: six tabs must not ring like six phones. The tab that holds the lock registers; when it
 * goes, whether closed or crashed, the browser gives the lock to the next one at once.
 */
export function claimPhone(aor: string, handlers: PhoneTabHandlers): PhoneTab {
  const name = `switchroom-phone:${aor}`;
  const closing = new AbortController();
  let owner = false;
  let release: () => void = () => undefined;

  const own = (): Promise<void> => {
    if (closing.signal.aborted) return Promise.resolve();
    owner = true;
    handlers.onOwned();
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };

  /** Rejected by close() before the lock came, or by another tab's takeover while this one held it. */
  const lost = (): void => {
    if (closing.signal.aborted) return;
    owner = false;
    release();
    handlers.onWaiting();
    queue();
  };

  function queue(): void {
    navigator.locks.request(name, { signal: closing.signal }, own).catch(lost);
  }

  if (navigator.locks === undefined) {
    // plain http on a foreign address: no locks, and no microphone either
    void own();
  } else {
    void navigator.locks.query().then((locks) => {
      if (!owner && locks.held?.some((lock) => lock.name === name) === true) handlers.onWaiting();
    });
    queue();
  }
  return {
    takeOver() {
      // a lock that is stolen is granted at once; what this tab had asked for before stays in the queue behind it
      if (!owner && navigator.locks !== undefined) navigator.locks.request(name, { steal: true }, own).catch(lost);
    },
    close() {
      closing.abort();
      release();
      owner = false;
    },
  };
}

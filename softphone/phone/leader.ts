export interface PhoneTab {
  /** Whether this tab owns the phone. */
  isOwner(): boolean;
  close(): void;
}

/**
 * One phone per browser profile: six tabs must not ring like six phones. The tab that holds the lock registers; when it
 * goes, the browser gives the lock to the next one at once.
 * @param onOwned this tab is the phone now. @param onWaiting another tab is.
 */
export function claimPhone(aor: string, onOwned: () => void, onWaiting: () => void): PhoneTab {
  let owner = false;
  let release: () => void = () => undefined;
  const closing = new AbortController();
  const own = (): Promise<void> => {
    owner = true;
    onOwned();
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  if (navigator.locks === undefined) {
    // plain http on a foreign address: no locks, and no microphone either
    void own();
  } else {
    const name = `switchroom-phone:${aor}`;
    void navigator.locks.query().then((locks) => {
      if (!owner && locks.held?.some((lock) => lock.name === name) === true) onWaiting();
    });
    // rejects only when aborted by close()
    navigator.locks.request(name, { signal: closing.signal }, own).catch(() => undefined);
  }
  return {
    isOwner: () => owner,
    close() {
      closing.abort();
      release();
      owner = false;
    },
  };
}

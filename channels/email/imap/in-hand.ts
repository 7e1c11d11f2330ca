import { limits } from '../limits.ts';

/** What is left to do with a mail that was read. */
export interface MailStep {
  /** Whom and what it has to do with: mails that share one of them are handed in one after another. */
  readonly keys: readonly string[];
  /** Resolves when it is stored, or known already. @throws AppError `unavailable` when the house does not take it now */
  handIn(): Promise<void>;
}

/** Mails of a folder that are handed in, several at once. */
export interface MailsInHand {
  /** Until there is room for more, or everything stops. @throws what kept an earlier mail from being stored */
  room(): Promise<void>;
  /** The next mail of the folder, with its length in bytes; what is to be done is known when it is read. */
  add(uid: number, bytes: number, reading: Promise<MailStep>): void;
  /** Until nothing is in hand any more, and the bookmark stands behind what is stored. Call it at the end. @throws as `room` */
  settle(): Promise<void>;
}

export interface InHandOptions {
  /** What has begun is ended, nothing more begins. */
  readonly stop: AbortSignal;
  /** Moves the bookmark: this mail is stored, and all before it. */
  reach(uid: number): Promise<void>;
  onDone(uid: number): void;
}

interface Entry {
  readonly uid: number;
  /** 0 when it is done: it is not kept longer than it is needed. */
  bytes: number;
  /** Null while it is read, and when it is done. */
  step: MailStep | null;
  state: 'reading' | 'ready' | 'begun' | 'done';
}

/** Those that share no key with one before them. Behind a mail that is being read nobody knows what shares a key with it. */
function* free(entries: readonly Entry[]): Generator<Entry> {
  const taken = new Set<string>();
  for (const entry of entries) {
    if (entry.state === 'reading') return;
    const keys = entry.step?.keys ?? [];
    if (entry.state === 'ready' && !keys.some((key) => taken.has(key))) yield entry;
    for (const key of keys) taken.add(key);
  }
}

/** Something that changes, and waiting for it. */
function createChange(): { tell(): void; until(isTrue: () => boolean): Promise<void> } {
  let told = Promise.withResolvers<void>();
  return {
    tell() {
      told.resolve();
      told = Promise.withResolvers<void>();
    },
    async until(isTrue) {
      while (!isTrue()) await told.promise;
    },
  };
}

/**
 * Hands in limits.handedInAtOnce mails at once; those that have to do with each other in the order of the folder. The bookmark moves
 * only over what is stored without a gap, so after a crash what stood behind a gap comes again. After a failure nothing more begins.
 */
export function createMailsInHand({ stop, reach, onDone }: InHandOptions): MailsInHand {
  /** From the first on that is not stored. */
  const entries: Entry[] = [];
  const change = createChange();
  let running = 0;
  let failure: { readonly error: unknown } | null = null;
  let reached = 0;
  let marked = 0;
  let marking = Promise.resolve();
  let unmarked = 0;
  stop.addEventListener('abort', change.tell);

  const isOver = (): boolean => failure !== null || stop.aborted;
  const fail = (error: unknown): void => {
    failure ??= { error };
  };

  /** One after another: an older place must not be written over a newer one. */
  function mark(): Promise<void> {
    unmarked = 0;
    marking = marking.then(async () => {
      const uid = reached;
      if (uid === marked) return;
      await reach(uid).then(() => {
        marked = uid;
      }, fail);
    });
    return marking;
  }

  function finish(entry: Entry): void {
    Object.assign(entry, { state: 'done', step: null, bytes: 0 });
    onDone(entry.uid);
    for (let first = entries[0]; first?.state === 'done'; first = entries[0]) {
      reached = first.uid;
      unmarked++;
      entries.shift();
    }
    if (unmarked >= limits.markedAtOnce) void mark();
  }

  async function handIn(entry: Entry): Promise<void> {
    running++;
    entry.state = 'begun';
    try {
      await entry.step?.handIn();
      finish(entry);
    } catch (error) {
      fail(error);
    }
    running--;
    begin();
  }

  function begin(): void {
    for (const entry of isOver() ? [] : free(entries)) {
      if (running >= limits.handedInAtOnce) break;
      void handIn(entry);
    }
    change.tell();
  }

  function hasRoom(): boolean {
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    return entries.length <= limits.inHandMails && bytes <= limits.inHandBytes;
  }

  function raise(): void {
    if (failure) throw failure.error;
  }

  return {
    async room() {
      await change.until(() => isOver() || hasRoom());
      raise();
    },
    add(uid, bytes, reading) {
      const entry: Entry = { uid, bytes, step: null, state: 'reading' };
      entries.push(entry);
      const ready = (step: MailStep): void => {
        Object.assign(entry, { step, state: 'ready' });
        begin();
      };
      reading.then(ready, (error) => {
        fail(error);
        change.tell();
      });
    },
    async settle() {
      await change.until(() => running === 0 && (isOver() || entries.length === 0));
      stop.removeEventListener('abort', change.tell);
      await mark();
      raise();
    },
  };
}

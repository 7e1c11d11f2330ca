import type { Database } from '../../../db/client.ts';

/** What an injected failure looks like. */
export class DatabaseAway extends Error {
  constructor() {
    super('the database is away');
  }
}

/**
 * A database that works one statement after another, and only while its gate is open: so that what happens while a call
 * is being stored happens in the same order in every run.
 */
export interface GatedDatabase extends Database {
  open(): void;
  shut(): void;
  /** Lets the next statement that waits, if any, through a shut gate, and waits for its end. */
  letOneThrough(): Promise<void>;
  /** The next statements that store a call fail: before the database has seen them, or their answer is lost. */
  failNext(count: number, when: 'before' | 'after'): void;
  isBusy(): boolean;
  /** Nothing is answered any more: the process is dead. Waits for the statement that the database works on. */
  die(): Promise<void>;
}

/** Statements that store the state of a call. */
const isOfCall = (name: string): boolean => name.startsWith('call_');

export function gateDatabase(db: Database): GatedDatabase {
  const waiting: (() => Promise<void>)[] = [];
  let isOpen = true;
  let isDead = false;
  let passes = 0;
  let failures = 0;
  let failing: 'before' | 'after' = 'before';
  let working: Promise<void> | null = null;

  function pump(): void {
    if (working || isDead || (!isOpen && passes === 0)) return;
    const next = waiting.shift();
    if (!next) return;
    if (!isOpen) passes--;
    working = next().finally(() => {
      working = null;
      pump();
    });
  }

  const inLine = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push(async () => {
        await work().then(
          (value) => !isDead && resolve(value),
          (error: unknown) => !isDead && reject(error),
        );
      });
      pump();
    });

  return {
    kind: db.kind,
    orm: db.orm,
    run: (statement) =>
      inLine(async () => {
        if (failures > 0 && isOfCall(statement.name)) {
          failures--;
          if (failing === 'after') await db.run(statement);
          throw new DatabaseAway();
        }
        return db.run(statement);
      }),
    transaction: (work) => inLine(() => db.transaction(work)),
    openLocks: (options) => db.openLocks(options),
    ping: () => db.ping(),
    close: async () => undefined,
    open() {
      isOpen = true;
      passes = 0;
      pump();
    },
    shut() {
      isOpen = false;
    },
    async letOneThrough() {
      if (waiting.length > 0) passes++;
      pump();
      await working;
    },
    failNext(count, when) {
      failures = count;
      failing = when;
    },
    isBusy: () => working !== null || waiting.length > 0,
    async die() {
      isDead = true;
      await working;
    },
  };
}

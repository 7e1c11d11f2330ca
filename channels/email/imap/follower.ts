import { AppError } from '../../../server/kernel/errors.ts';
import type { Log } from '../../../server/kernel/log.ts';
import { createBell } from './bell.ts';
import { type ConnectionOptions, type ImapConnection, isRefusal, openConnection, wordsOf } from './connection.ts';
import { type Folder, type FolderDeps, readFolder, type Troubles } from './folder.ts';
import { createWaitingCopies, findSentFolder, hasNews } from './sent-folder.ts';
import { backOff } from './timing.ts';

/** How the follower is. `refused`: the server does not take our password or token. */
export type FollowerState = 'connecting' | 'up' | 'busy' | 'refused';

export interface FollowerOptions
  extends ConnectionOptions,
    Omit<FolderDeps, 'stop' | 'onProgress' | 'mailbox' | 'sinceDays'> {
  readonly log: Log;
  /** 0 to 1. */
  readonly random: () => number;
  /** `busy`: the house takes no mail; it waits in the mailbox. */
  onState(state: FollowerState, problem: string): void;
  /** While many mails are fetched; null at the end. */
  onCatchUp(progress: { readonly done: number; readonly total: number } | null): void;
}

/** Follows a mailbox until it is closed. */
export interface Follower {
  start(): void;
  /** Waits for the mail in hand. Idempotent. */
  close(): Promise<void>;
  /** Puts a mail that was sent into the Sent folder, some time, if it can. */
  saveCopy(raw: Buffer): void;
}

const isHouseTrouble = (error: unknown): error is AppError => error instanceof AppError && error.code === 'unavailable';

/**
 * Follows INBOX by IDLE (RFC 2177) and the Sent folder by asking, over one connection: providers count connections. What breaks is
 * made anew with growing pauses; nothing that the mailbox holds is lost, as the bookmarks move behind what was stored.
 */
export function createFollower(options: FollowerOptions): Follower {
  const { clock, log, timing, settings } = options;
  const stop = new AbortController();
  const isStopped = (): boolean => stop.signal.aborted;
  const bell = createBell(clock, stop.signal);
  const copies = createWaitingCopies(log);
  const troubles: Troubles = new Map();
  const mailbox = `${settings.user}@${settings.host}`.toLowerCase();
  const folderDeps: FolderDeps = {
    bookmarks: options.bookmarks,
    read: options.read,
    clock,
    mailbox,
    sinceDays: settings.sinceDays,
    stop: stop.signal,
    onProgress: (done, total) => options.onCatchUp({ done, total }),
  };
  let running: Promise<void> | undefined;
  let isPollDue = false;
  let failures = 0;

  /** One look into the folders. INBOX is the last: it stays open for IDLE. */
  async function look(open: ImapConnection, sent: string | null): Promise<void> {
    const isPoll = isPollDue;
    isPollDue = false;
    if (sent !== null) {
      await copies.appendTo(open, sent);
      await readSent(open, sent, isPoll);
    }
    await read(open, { path: 'INBOX', direction: 'in' });
  }

  /** Its beginning is marked at once, then polls look into it. A Sent folder that cannot be read keeps nothing from the INBOX. */
  async function readSent(open: ImapConnection, path: string, isPoll: boolean): Promise<void> {
    try {
      const known = await options.bookmarks.load(path);
      if (known && !isPoll) return;
      if (await hasNews(open, path, { known, mailbox })) await read(open, { path, direction: 'echo' });
    } catch (error) {
      if (isHouseTrouble(error) || open.closed() !== null) throw error;
      log.warn({ problem: wordsOf(error), path }, 'The Sent folder of a mailbox cannot be read');
    }
  }

  async function read(open: ImapConnection, folder: Folder): Promise<void> {
    try {
      await readFolder(open, folder, folderDeps, troubles);
    } finally {
      options.onCatchUp(null);
    }
  }

  /** The house takes nothing: the mail waits where it is, and is offered again. */
  async function lookUntilTaken(open: ImapConnection, sent: string | null): Promise<void> {
    for (let refusals = 1; ; refusals++) {
      try {
        await look(open, sent);
        return;
      } catch (error) {
        if (!isHouseTrouble(error)) throw error;
        options.onState('busy', error.message);
        const isLost = (): boolean => open.closed() !== null;
        await bell.rest(backOff(timing.houseMs, refusals, options.random()), isLost);
        if (isStopped() || isLost()) throw error;
      }
    }
  }

  function idle({ client }: ImapConnection): void {
    // it ends when another command is given, or with the connection, whose end is told elsewhere
    client.idle().catch(() => undefined);
  }

  async function follow(open: ImapConnection): Promise<void> {
    const sent = await findSentFolder(open, settings.sentFolder);
    let poll = clock.after(timing.pollMs, onPoll);
    function onPoll(): void {
      isPollDue = true;
      poll = clock.after(timing.pollMs, onPoll);
      bell.ring();
    }
    isPollDue = true;
    bell.ring();
    try {
      while (!isStopped() && open.closed() === null) {
        if (bell.answer()) {
          await lookUntilTaken(open, sent);
          failures = 0;
          options.onState('up', '');
        } else {
          idle(open);
          await bell.wait(timing.pollMs);
        }
      }
    } finally {
      poll.cancel();
    }
    if (!isStopped()) throw new Error(open.closed() ?? 'the connection was lost');
  }

  async function session(): Promise<void> {
    const connection = await openConnection(options, bell.ring, stop.signal);
    try {
      await follow(connection);
    } finally {
      connection.close();
    }
  }

  /** How long to wait after a session ended. */
  function told(error: unknown): number {
    failures++;
    const problem = wordsOf(error);
    const refused = isRefusal(error);
    options.onState(refused ? 'refused' : 'connecting', problem);
    log.warn({ problem, refused, failures }, 'The connection to a mailbox was lost');
    return refused ? timing.refusedMs : backOff(timing.backOffMs, failures, options.random());
  }

  async function run(): Promise<void> {
    options.onState('connecting', '');
    while (!isStopped()) {
      try {
        await session();
      } catch (error) {
        if (!isStopped()) await bell.rest(told(error));
      }
    }
  }

  return {
    start() {
      running ??= run();
    },
    async close() {
      stop.abort();
      await running;
    },
    saveCopy(raw) {
      copies.add(raw);
      bell.ring();
    },
  };
}

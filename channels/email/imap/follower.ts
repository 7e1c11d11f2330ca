import { AppError } from '../../../server/kernel/errors.ts';
import type { Log } from '../../../server/kernel/log.ts';
import { limits } from '../limits.ts';
import { type ConnectionOptions, type ImapConnection, openConnection } from './connection.ts';
import { type Folder, type FolderDeps, readFolder, type Troubles } from './folder.ts';
import { backOff } from './timing.ts';

/** How the follower is. `refused`: the server does not take our password or token. */
export type FollowerState = 'connecting' | 'up' | 'busy' | 'refused';

export interface FollowerOptions extends ConnectionOptions, Omit<FolderDeps, 'isStopped' | 'onProgress' | 'sinceDays'> {
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

const isRefusal = (error: unknown): boolean =>
  (error instanceof AppError && error.code === 'wrong_credentials') ||
  (error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true);

/** The server's own words, where there are some. */
function wordsOf(error: unknown): string {
  const { responseText, message } = error as { responseText?: unknown; message?: unknown };
  return String(responseText ?? message ?? error).slice(0, limits.factLength);
}

async function sentFolder({ client, timed }: ImapConnection, wanted: string | null): Promise<string | null> {
  if (wanted === null || wanted !== '') return wanted;
  const folders = await timed('list', client.list());
  return folders.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? null;
}

/** Has a folder that is not open anything that was not read? Cheaper than opening it. */
async function hasNews(connection: ImapConnection, path: string, options: FollowerOptions): Promise<boolean> {
  const known = await options.bookmarks.load(path);
  const query = { uidNext: true, uidValidity: true };
  const status = await connection.timed('status', connection.client.status(path, query));
  if (!status) return false;
  const isSame = known !== null && known.since === null && known.uidValidity === String(status.uidValidity);
  return !isSame || (status.uidNext ?? 0) > known.lastUid + 1;
}

/**
 * Follows INBOX by IDLE (RFC 2177) and the Sent folder by asking, over one connection: providers count connections. What breaks is
 * made anew with growing pauses; nothing that the mailbox holds is lost, as the bookmarks move behind what was stored.
 */
export function createFollower(options: FollowerOptions): Follower {
  const { clock, log, timing, settings } = options;
  const copies: Buffer[] = [];
  const troubles: Troubles = new Map();
  const stop = new AbortController();
  const isStopped = (): boolean => stop.signal.aborted;
  let running: Promise<void> | undefined;
  let wake = (): void => undefined;
  /** What is to be done before the next IDLE. */
  let hasSignal = false;
  let isPollDue = false;
  let connectFailures = 0;

  const signal = (): void => {
    hasSignal = true;
    wake();
  };

  /** Until `ms` are over or something happens. */
  async function pause(ms: number): Promise<void> {
    if (isStopped()) return;
    await new Promise<void>((resolve) => {
      const timer = clock.after(ms, resolve);
      wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
  /** Like `pause`, whatever is told meanwhile; only closing ends it, or `isOver`. */
  async function rest(ms: number, isOver = (): boolean => false): Promise<void> {
    const until = clock.now() + ms;
    while (!isStopped() && !isOver() && clock.now() < until) await pause(until - clock.now());
  }

  const folderDeps = (sinceDays: number): FolderDeps => ({
    bookmarks: options.bookmarks,
    sink: options.sink,
    clock,
    sinceDays,
    isStopped,
    onProgress: (done, total) => options.onCatchUp({ done, total }),
  });

  /** One look into the folders. INBOX is the last: it stays open for IDLE. */
  async function look(open: ImapConnection, sent: string | null): Promise<void> {
    const isPoll = isPollDue;
    isPollDue = false;
    if (sent !== null) {
      await appendCopies(open, sent);
      if (isPoll || (await isUnread(sent))) await readSent(open, sent);
    }
    await read(open, { path: 'INBOX', direction: 'in' });
  }

  /** A Sent folder that cannot be read keeps nothing from the INBOX. */
  async function readSent(open: ImapConnection, path: string): Promise<void> {
    try {
      if (await hasNews(open, path, options)) await read(open, { path, direction: 'echo' });
    } catch (error) {
      const isHouse = error instanceof AppError && error.code === 'unavailable';
      if (isHouse || open.closed() !== null) throw error;
      log.warn({ problem: wordsOf(error), path }, 'The Sent folder of a mailbox cannot be read');
    }
  }
  const isUnread = async (path: string): Promise<boolean> => (await options.bookmarks.load(path)) === null;

  async function read(open: ImapConnection, folder: Folder): Promise<void> {
    try {
      await readFolder(open, folder, folderDeps(settings.sinceDays), troubles);
    } finally {
      options.onCatchUp(null);
    }
  }

  async function appendCopies({ client, timed }: ImapConnection, sent: string): Promise<void> {
    for (let raw = copies.shift(); raw && !isStopped(); raw = copies.shift()) {
      try {
        await timed('append', client.append(sent, raw, ['\\Seen']));
      } catch (error) {
        log.warn({ problem: wordsOf(error) }, 'A sent mail could not be put into the Sent folder');
      }
    }
  }

  /** The house takes nothing: the mail waits where it is, and is offered again. */
  async function lookUntilTaken(open: ImapConnection, sent: string | null): Promise<void> {
    for (let refusals = 1; ; refusals++) {
      try {
        await look(open, sent);
        return;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
        options.onState('busy', error.message);
        const isLost = (): boolean => open.closed() !== null;
        await rest(backOff(timing.houseMs, refusals, options.random()), isLost);
        if (isStopped() || isLost()) throw error;
      }
    }
  }

  function idle({ client }: ImapConnection): void {
    // it ends when another command is given, or with the connection, whose end is told elsewhere
    client.idle().catch(() => undefined);
  }

  async function follow(open: ImapConnection): Promise<void> {
    const sent = await sentFolder(open, settings.sentFolder);
    let poll = clock.after(timing.pollMs, onPoll);
    function onPoll(): void {
      isPollDue = true;
      poll = clock.after(timing.pollMs, onPoll);
      signal();
    }
    isPollDue = true;
    hasSignal = true;
    try {
      while (!isStopped() && open.closed() === null) {
        if (hasSignal) {
          hasSignal = false;
          await lookUntilTaken(open, sent);
          connectFailures = 0;
          options.onState('up', '');
        } else {
          idle(open);
          await pause(timing.pollMs);
        }
      }
    } finally {
      poll.cancel();
    }
    if (!isStopped()) throw new Error(open.closed() ?? 'the connection was lost');
  }

  async function session(): Promise<void> {
    const connection = await openConnection(options, signal, stop.signal);
    try {
      await follow(connection);
    } finally {
      connection.close();
    }
  }

  /** How long to wait after a session ended. */
  function told(error: unknown): number {
    connectFailures++;
    const problem = wordsOf(error);
    const refused = isRefusal(error);
    options.onState(refused ? 'refused' : 'connecting', problem);
    log.warn({ problem, refused, failures: connectFailures }, 'The connection to a mailbox was lost');
    return refused ? timing.refusedMs : backOff(timing.backOffMs, connectFailures, options.random());
  }

  async function run(): Promise<void> {
    options.onState('connecting', '');
    while (!isStopped()) {
      try {
        await session();
      } catch (error) {
        if (!isStopped()) await rest(told(error));
      }
    }
  }

  return {
    start() {
      running ??= run();
    },
    async close() {
      stop.abort();
      wake();
      await running;
    },
    saveCopy(raw) {
      if (copies.length >= limits.copiesWaiting) copies.shift();
      copies.push(raw);
      signal();
    },
  };
}

import type { Clock } from '../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { type Bookmark, type Bookmarks, startingFrom } from './bookmark.ts';
import type { ImapConnection } from './connection.ts';
import { batchLength, fetchMails, isLarge, type ListedMail, listNew, listSizes, stillThere } from './fetch.ts';

/** A mail of a folder. */
export interface FolderMail {
  readonly folder: Folder;
  readonly uidValidity: string;
  readonly uid: number;
  readonly size: number;
  /** Milliseconds since the epoch; null where the server does not say. */
  readonly at: number | null;
  /** The whole mail, of a large one its head; null when the server does not give it, try as we might. */
  readonly bytes: Buffer | null;
  readonly isCut: boolean;
}

/** A folder that is followed. */
export interface Folder {
  readonly path: string;
  /** `echo`: what our own people sent. */
  readonly direction: 'in' | 'echo';
}

/** Where mails go, in the order of the folder. */
export interface MailSink {
  /** Begins to read a mail; `handIn` waits for it. */
  prepare(mail: FolderMail): void;
  /** Resolves when it is stored, or known already. @throws AppError `unavailable` when the house does not take it now */
  handIn(mail: FolderMail): Promise<void>;
}

export interface FolderDeps {
  readonly bookmarks: Bookmarks;
  readonly sink: MailSink;
  readonly clock: Clock;
  readonly sinceDays: number;
  /** Ends the reading between two mails. */
  isStopped(): boolean;
  onProgress(done: number, total: number): void;
}

/** How often the server failed to give a mail, by folder and number. Lives longer than a connection. */
export type Troubles = Map<string, number>;

/**
 * Hands in everything that is new in a folder, oldest first. The bookmark moves behind what was handed in and never ahead of it: after
 * a crash the last mails come again, and whoever stores them knows them by their source.
 * @throws when the connection is lost, the server refuses, or the house takes nothing
 */
export async function readFolder(
  connection: ImapConnection,
  folder: Folder,
  deps: FolderDeps,
  troubles: Troubles,
): Promise<void> {
  const box = await select(connection, folder.path);
  const { sinceDays } = deps;
  const rules = { now: deps.clock.now(), sinceDays, rescanDays: limits.rescanDays };
  const known = await deps.bookmarks.load(folder.path);
  let bookmark = startingFrom(known, box, rules);
  const save = (changed: Partial<Bookmark>): Promise<void> => {
    bookmark = { ...bookmark, ...changed };
    return deps.bookmarks.save(folder.path, bookmark);
  };
  if (bookmark !== known) await save({});
  const { uidValidity } = bookmark;
  // what arrives from here on has a higher number, and is found by the next look
  const newest = box.uidNext - 1;

  const uids = await listNew(connection, bookmark.lastUid, bookmark.since);
  let done = 0;
  const shown = uids.length >= limits.catchUpFrom;
  const onDone = (): void => {
    done++;
    if (shown) deps.onProgress(done, uids.length);
  };
  for (let start = 0; start < uids.length && !deps.isStopped(); start += limits.sizesBatch) {
    const mails = await listSizes(connection, uids.slice(start, start + limits.sizesBatch));
    const reach = (lastUid: number): Promise<void> => save({ lastUid });
    await handInAll({ connection, folder, uidValidity, deps, troubles, reach, onDone }, mails);
  }
  if (deps.isStopped()) return;
  const highestModseq = box.highestModseq === undefined ? null : String(box.highestModseq);
  const lastUid = bookmark.since === null ? bookmark.lastUid : Math.max(bookmark.lastUid, newest);
  if (bookmark.since !== null || bookmark.highestModseq !== highestModseq) {
    await save({ since: null, lastUid, highestModseq });
  }
}

/** The folder, opened for reading only; as it is when it is open already. */
async function select({ client, timed }: ImapConnection, path: string) {
  const { mailbox } = client;
  return mailbox && mailbox.path === path ? mailbox : timed('select', client.mailboxOpen(path, { readOnly: true }));
}

interface Pass {
  readonly connection: ImapConnection;
  readonly folder: Folder;
  readonly uidValidity: string;
  readonly deps: FolderDeps;
  readonly troubles: Troubles;
  /** Moves the bookmark. */
  reach(uid: number): Promise<void>;
  onDone(): void;
}

async function handInAll(pass: Pass, mails: readonly ListedMail[]): Promise<void> {
  const { deps, troubles, folder } = pass;
  const troubleOf = (uid: number): string => `${folder.path}/${pass.uidValidity}/${uid}`;
  for (let at = 0; at < mails.length && !deps.isStopped(); ) {
    const first = mails[at];
    if (!first) return;
    const failures = troubles.get(troubleOf(first.uid)) ?? 0;
    // a mail that made trouble travels alone
    const batch = mails.slice(at, at + (failures > 0 ? 1 : batchLength(mails, at)));
    const given = new Map<number, Buffer>();
    if (failures < limits.fetchAttempts) {
      try {
        await fetchMails(pass.connection, batch, given);
      } catch (error) {
        const missing = batch.find(({ uid }) => !given.has(uid));
        if (missing) troubles.set(troubleOf(missing.uid), (troubles.get(troubleOf(missing.uid)) ?? 0) + 1);
        throw error;
      }
    }
    const taken = await handInBatch(pass, batch, given, failures >= limits.fetchAttempts);
    at += taken;
    const refused = batch[taken];
    if (refused) troubles.set(troubleOf(refused.uid), (troubles.get(troubleOf(refused.uid)) ?? 0) + 1);
    else for (const { uid } of batch) troubles.delete(troubleOf(uid));
  }
}

/** @returns how many are done: up to the first that is in the folder and was not given */
async function handInBatch(
  pass: Pass,
  batch: readonly ListedMail[],
  given: ReadonlyMap<number, Buffer>,
  giveUp: boolean,
): Promise<number> {
  const missing = batch.filter(({ uid }) => !given.has(uid)).map(({ uid }) => uid);
  const held = missing.length > 0 && !giveUp ? new Set(await stillThere(pass.connection, missing)) : new Set<number>();
  const firstHeld = batch.findIndex(({ uid }) => held.has(uid));
  const ready = firstHeld < 0 ? batch : batch.slice(0, firstHeld);
  const mails = ready
    .filter(({ uid }) => giveUp || given.has(uid))
    .map((listed) => folderMail(pass, listed, given.get(listed.uid) ?? null));
  for (const mail of mails) pass.deps.sink.prepare(mail);
  let reached = 0;
  try {
    for (const mail of mails) {
      if (pass.deps.isStopped()) return ready.length;
      await pass.deps.sink.handIn(mail);
      reached = mail.uid;
      pass.onDone();
    }
    reached = ready.at(-1)?.uid ?? reached;
  } finally {
    if (reached > 0) await pass.reach(reached);
  }
  return ready.length;
}

const folderMail = ({ folder, uidValidity }: Pass, listed: ListedMail, bytes: Buffer | null): FolderMail => ({
  folder,
  uidValidity,
  ...listed,
  bytes,
  isCut: isLarge(listed),
});

import type { Clock } from '../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { type Bookmark, type Bookmarks, type FolderFacts, startingFrom } from './bookmark.ts';
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
  const place = await openPlace(folder, deps, box);
  const { uidValidity, lastUid, since } = place.bookmark();
  const uids = await listNew(connection, lastUid, since);
  const onDone = countdown(uids.length, deps);
  const pass: Pass = {
    connection,
    folder,
    uidValidity,
    deps,
    troubles,
    reach: (uid) => place.move({ lastUid: uid }),
    onDone,
  };
  for (let start = 0; start < uids.length && !deps.isStopped(); start += limits.sizesBatch) {
    await handInAll(pass, await listSizes(connection, uids.slice(start, start + limits.sizesBatch)));
  }
  if (!deps.isStopped()) await place.finish();
}

/** The bookmark of a folder while it is read. */
interface Place {
  bookmark(): Bookmark;
  move(changed: Partial<Bookmark>): Promise<void>;
  /** Everything there was is read. */
  finish(): Promise<void>;
}

async function openPlace(
  { path }: Folder,
  { bookmarks, clock, sinceDays }: FolderDeps,
  box: FolderFacts,
): Promise<Place> {
  const known = await bookmarks.load(path);
  let bookmark = startingFrom(known, box, { now: clock.now(), sinceDays, rescanDays: limits.rescanDays });
  const place: Place = {
    bookmark: () => bookmark,
    move(changed) {
      bookmark = { ...bookmark, ...changed };
      return bookmarks.save(path, bookmark);
    },
    async finish() {
      const highestModseq = box.highestModseq === undefined ? null : String(box.highestModseq);
      // older mails than were asked for are passed over; what came meanwhile has a higher number than the folder told
      if (bookmark.since !== null)
        await place.move({ since: null, lastUid: Math.max(bookmark.lastUid, box.uidNext - 1), highestModseq });
      else if (bookmark.highestModseq !== highestModseq) await place.move({ highestModseq });
    },
  };
  if (bookmark !== known) await place.move({});
  return place;
}

/** Tells the progress of many mails; of a few nothing. */
function countdown(total: number, { onProgress }: FolderDeps): () => void {
  let done = 0;
  return () => {
    done++;
    if (total >= limits.catchUpFrom) onProgress(done, total);
  };
}

/** The folder, opened for reading only; as it is when it is open already. */
async function select(connection: ImapConnection, path: string): Promise<FolderFacts> {
  const { client, timed } = connection;
  const isOpen = client.mailbox && client.mailbox.path === path;
  const box =
    isOpen && client.mailbox ? client.mailbox : await timed('select', client.mailboxOpen(path, { readOnly: true }));
  const { uidValidity, highestModseq } = box;
  // old servers do not tell the next number (RFC 2060)
  const uidNext = box.uidNext || ((await listNew(connection, 0, null)).at(-1) ?? 0) + 1;
  return { uidValidity, uidNext, highestModseq };
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

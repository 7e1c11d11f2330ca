import type { Clock } from '../../../server/kernel/clock.ts';
import { limits } from '../limits.ts';
import { type Bookmark, type Bookmarks, type FolderFacts, latestModseq, startingFrom } from './bookmark.ts';
import type { ImapConnection } from './connection.ts';
import { batchLength, fetchMails, isLarge, type ListedMail, listNew, listSizes, stillThere } from './fetch.ts';
import { createMailsInHand, type MailStep, type MailsInHand } from './in-hand.ts';

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

/** Reads mails, which come in the order of the folder. Never rejects. */
export type ReadStep = (mail: FolderMail) => Promise<MailStep>;

export interface FolderDeps {
  readonly bookmarks: Bookmarks;
  readonly read: ReadStep;
  readonly clock: Clock;
  /** Whose folders: `user@host`, lower case. */
  readonly mailbox: string;
  readonly sinceDays: number;
  /** What is in hand is ended, nothing more begins. */
  readonly stop: AbortSignal;
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
  const { stop } = deps;
  const box = await select(connection, folder.path);
  const place = await openPlace(folder, deps, box);
  const { uidValidity, lastUid, since } = place.bookmark();
  const uids = await listNew(connection, lastUid, since);
  const tell = countdown(uids.length, deps);
  const troubleOf = (uid: number): string => `${folder.path}/${uidValidity}/${uid}`;
  const onDone = (uid: number): void => {
    troubles.delete(troubleOf(uid));
    tell();
  };
  const inHand = createMailsInHand({ stop, reach: (uid) => place.move({ lastUid: uid }), onDone });
  const pass: Pass = { connection, folder, uidValidity, deps, inHand, ...counting(troubles, troubleOf) };
  try {
    for (let start = 0; start < uids.length && !stop.aborted; start += limits.sizesBatch) {
      await takeAll(pass, await listSizes(connection, uids.slice(start, start + limits.sizesBatch)));
    }
  } finally {
    await inHand.settle();
  }
  if (!stop.aborted) await place.finish();
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
  { bookmarks, clock, mailbox, sinceDays }: FolderDeps,
  box: FolderFacts,
): Promise<Place> {
  const known = await bookmarks.load(path);
  const rules = { mailbox, now: clock.now(), sinceDays, rescanDays: limits.rescanDays };
  let bookmark = startingFrom(known, box, rules);
  const place: Place = {
    bookmark: () => bookmark,
    move(changed) {
      bookmark = { ...bookmark, ...changed, highestModseq: latestModseq(bookmark, box) };
      return bookmarks.save(path, bookmark);
    },
    async finish() {
      if (bookmark.since === null) return;
      // older mails than were asked for are passed over; what came meanwhile has a higher number than the folder told
      await place.move({ since: null, lastUid: Math.max(bookmark.lastUid, (box.uidNext ?? 0) - 1) });
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

/** The folder, opened for reading only. Of one that is open already the next number is not known any more. */
async function select(connection: ImapConnection, path: string): Promise<FolderFacts> {
  const { client, timed } = connection;
  if (client.mailbox && client.mailbox.path === path)
    return { uidValidity: client.mailbox.uidValidity, uidNext: null, highestModseq: null };
  const opened = await timed('select', client.mailboxOpen(path, { readOnly: true }));
  const { uidValidity, uidNext, highestModseq = null } = opened;
  // old servers do not tell the next number (RFC 2060)
  return { uidValidity, uidNext: uidNext || ((await listNew(connection, 0, null)).at(-1) ?? 0) + 1, highestModseq };
}

interface Pass {
  readonly connection: ImapConnection;
  readonly folder: Folder;
  readonly uidValidity: string;
  readonly deps: FolderDeps;
  readonly inHand: MailsInHand;
  failuresOf(uid: number): number;
  /** The server did not give this mail. */
  fail(uid: number): void;
}

const counting = (troubles: Troubles, nameOf: (uid: number) => string): Pick<Pass, 'failuresOf' | 'fail'> => ({
  failuresOf: (uid) => troubles.get(nameOf(uid)) ?? 0,
  fail: (uid) => void troubles.set(nameOf(uid), (troubles.get(nameOf(uid)) ?? 0) + 1),
});

/** Fetches mails while those before them are handed in. */
async function takeAll(pass: Pass, mails: readonly ListedMail[]): Promise<void> {
  for (let at = 0; at < mails.length; ) {
    await pass.inHand.room();
    if (pass.deps.stop.aborted) return;
    const batch = batchFrom(pass, mails, at);
    const giveUp = batch.some(({ uid }) => pass.failuresOf(uid) >= limits.fetchAttempts);
    const given = giveUp ? new Map<number, Buffer>() : await fetchBatch(pass, batch);
    const taken = await takeBatch(pass, batch, given, giveUp);
    at += taken;
    const refused = batch[taken];
    if (refused) pass.fail(refused.uid);
  }
}

/** A mail that made trouble travels alone: those before it are not fetched with it again and again. */
function batchFrom({ failuresOf }: Pass, mails: readonly ListedMail[], at: number): readonly ListedMail[] {
  const batch = mails.slice(at, at + batchLength(mails, at));
  const troubled = batch.findIndex(({ uid }) => failuresOf(uid) > 0);
  return troubled < 0 ? batch : batch.slice(0, Math.max(1, troubled));
}

/** @throws when the connection is lost; what came before is taken in hand, the next mail is to blame */
async function fetchBatch(pass: Pass, batch: readonly ListedMail[]): Promise<ReadonlyMap<number, Buffer>> {
  const given = new Map<number, Buffer>();
  try {
    await fetchMails(pass.connection, batch, given);
    return given;
  } catch (error) {
    const missing = batch.findIndex(({ uid }) => !given.has(uid));
    await takeBatch(pass, missing < 0 ? batch : batch.slice(0, missing), given, false);
    const blamed = batch[missing];
    if (blamed) pass.fail(blamed.uid);
    throw error;
  }
}

/** @returns how many are taken in hand: up to the first that is in the folder and was not given */
async function takeBatch(
  { connection, folder, uidValidity, deps, inHand }: Pass,
  batch: readonly ListedMail[],
  given: ReadonlyMap<number, Buffer>,
  giveUp: boolean,
): Promise<number> {
  const missing = batch.filter(({ uid }) => !given.has(uid)).map(({ uid }) => uid);
  const held = missing.length > 0 && !giveUp ? new Set(await stillThere(connection, missing)) : new Set<number>();
  const firstHeld = batch.findIndex(({ uid }) => held.has(uid));
  const ready = firstHeld < 0 ? batch : batch.slice(0, firstHeld);
  for (const listed of ready) {
    const bytes = given.get(listed.uid) ?? null;
    if (bytes === null && !giveUp) continue;
    const mail = { folder, uidValidity, ...listed, bytes, isCut: isLarge(listed) };
    inHand.add(listed.uid, bytes?.length ?? 0, deps.read(mail));
  }
  return ready.length;
}

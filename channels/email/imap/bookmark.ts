import { AppError } from '../../../server/kernel/errors.ts';
import type { AdapterState } from '../../message-channel.ts';

/** How far a folder has been read (RFC 3501 section 2.3.1.1, RFC 7162). */
export interface Bookmark {
  /** Whose folder: many servers give every mailbox the same validity, so an account that was moved would pass over new mails. */
  readonly mailbox: string;
  /** Numbers of another validity mean nothing. Decimal: it is larger than JSON's integers may be. */
  readonly uidValidity: string;
  /** All mails up to here were handed in, and stored by whom they were handed to. */
  readonly lastUid: number;
  /** The highest modification number that the folder had; decimal, null where the server has none. It never gets less. */
  readonly highestModseq: string | null;
  /**
   * While older mails are read (the first days, or again after a new validity): ISO day from which on. Null = everything that comes
   * after `lastUid` is new.
   */
  readonly since: string | null;
}

export interface Bookmarks {
  load(folder: string): Promise<Bookmark | null>;
  save(folder: string, bookmark: Bookmark): Promise<void>;
}

/** @throws AppError `unavailable` from both: it is the house's trouble and not the mailbox's */
export function createBookmarks(state: AdapterState): Bookmarks {
  const fail = (cause: unknown): never => {
    throw new AppError('unavailable', 'the house has no access to its bookmarks', { cause, retryable: true });
  };
  return {
    load: (folder) => state.get<Bookmark>(`imap:${folder}`).catch(fail),
    save: (folder, bookmark) => state.set(`imap:${folder}`, bookmark).catch(fail),
  };
}

/** The folder as the server describes it. */
export interface FolderFacts {
  readonly uidValidity: bigint;
  /** The number that the next mail will have; null when it is not known now. */
  readonly uidNext: number | null;
  readonly highestModseq: bigint | null;
}

export interface BookmarkRules {
  /** `user@host`, lower case. */
  readonly mailbox: string;
  readonly now: number;
  /** Days of old mail at the first meeting. */
  readonly sinceDays: number;
  /** Days looked through again when the folder was rebuilt. */
  readonly rescanDays: number;
}

const dayMs = 86_400_000;
/** A day more: the server counts days in a time zone of its own. */
const dayBefore = (now: number, days: number): string => new Date(now - (days + 1) * dayMs).toISOString().slice(0, 10);

/** Modification numbers of a bookmark of an earlier version are not known. */
const modseqOf = ({ highestModseq }: Partial<Bookmark>): bigint => BigInt(highestModseq ?? 0);

/**
 * Whether the numbers still name the same mails. A folder that was restored from a backup gives them again without a word: its next
 * number, or its modification number (RFC 7162 section 3.1), is behind what it was.
 */
export const isSameFolder = (known: Bookmark, folder: FolderFacts, mailbox: string): boolean =>
  known.mailbox === mailbox &&
  known.uidValidity === String(folder.uidValidity) &&
  (folder.uidNext === null || folder.uidNext > known.lastUid) &&
  (folder.highestModseq === null || folder.highestModseq >= modseqOf(known));

/** What a bookmark keeps of the folder as it is now. */
export const latestModseq = (known: Partial<Bookmark>, { highestModseq }: FolderFacts): string | null => {
  const before = modseqOf(known);
  const latest = highestModseq !== null && highestModseq > before ? highestModseq : before;
  return latest === 0n ? null : String(latest);
};

/** Where to read on: at the bookmark, from so many days ago, or only what is new. */
export function startingFrom(known: Bookmark | null, folder: FolderFacts, rules: BookmarkRules): Bookmark {
  const { mailbox } = rules;
  if (known && isSameFolder(known, folder, mailbox)) return known;
  const uidValidity = String(folder.uidValidity);
  const days = known ? rules.rescanDays : rules.sinceDays;
  const place = { mailbox, uidValidity, highestModseq: latestModseq({}, folder) };
  if (days === 0) return { ...place, lastUid: Math.max(0, (folder.uidNext ?? 0) - 1), since: null };
  return { ...place, lastUid: 0, since: dayBefore(rules.now, days) };
}

import { AppError } from '../../../server/kernel/errors.ts';
import type { AdapterState } from '../../message-channel.ts';

/** How far a folder has been read (RFC 3501 section 2.3.1.1, RFC 7162). */
export interface Bookmark {
  /** Numbers of another validity mean nothing. Decimal: it is larger than JSON's integers may be. */
  readonly uidValidity: string;
  /** All mails up to here were handed in, and stored by whom they were handed to. */
  readonly lastUid: number;
  /** Of the folder when it was last read; decimal, null where the server has none. */
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

/** The folder as the server describes it when it is opened. */
export interface FolderFacts {
  readonly uidValidity: bigint;
  /** The number that the next mail will have. */
  readonly uidNext: number;
  readonly highestModseq?: bigint | undefined;
}

export interface BookmarkRules {
  readonly now: number;
  /** Days of old mail at the first meeting. */
  readonly sinceDays: number;
  /** Days looked through again when the folder was rebuilt. */
  readonly rescanDays: number;
}

const dayMs = 86_400_000;
/** A day more: the server counts days in a time zone of its own. */
const dayBefore = (now: number, days: number): string => new Date(now - (days + 1) * dayMs).toISOString().slice(0, 10);

/** Where to read on: at the bookmark, from so many days ago, or only what is new. */
export function startingFrom(known: Bookmark | null, folder: FolderFacts, rules: BookmarkRules): Bookmark {
  const uidValidity = String(folder.uidValidity);
  if (known?.uidValidity === uidValidity) return known;
  const days = known ? rules.rescanDays : rules.sinceDays;
  const highestModseq = folder.highestModseq === undefined ? null : String(folder.highestModseq);
  if (days === 0) return { uidValidity, lastUid: Math.max(0, folder.uidNext - 1), highestModseq, since: null };
  return { uidValidity, lastUid: 0, highestModseq, since: dayBefore(rules.now, days) };
}

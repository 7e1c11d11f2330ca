import type { Log } from '../../../server/kernel/log.ts';
import { limits } from '../limits.ts';
import { type Bookmark, isSameFolder } from './bookmark.ts';
import { type ImapConnection, wordsOf } from './connection.ts';

/** @param wanted its name, '' = the server says which (RFC 6154), null = none @returns null when there is none */
export async function findSentFolder({ client, timed }: ImapConnection, wanted: string | null): Promise<string | null> {
  if (wanted !== '') return wanted;
  const folders = await timed('list', client.list());
  return folders.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? null;
}

/** Has a folder that is not open anything beyond its bookmark? Cheaper than opening it. */
export async function hasNews(
  { client, timed }: ImapConnection,
  path: string,
  { known, mailbox }: { readonly known: Bookmark | null; readonly mailbox: string },
): Promise<boolean> {
  const status = await timed('status', client.status(path, { uidNext: true, uidValidity: true, highestModseq: true }));
  if (!status) return false;
  const { uidValidity = 0n, uidNext = null, highestModseq = null } = status;
  const folder = { uidValidity, uidNext, highestModseq };
  const isSame = known !== null && known.since === null && isSameFolder(known, folder, mailbox);
  return !isSame || (uidNext ?? 0) > known.lastUid + 1;
}

/** Mails that wait to be put into the Sent folder: the last limits.copiesWaiting of them. */
export interface WaitingCopies {
  add(raw: Buffer): void;
  /** Puts them there, each tried once. Never rejects. */
  appendTo(connection: ImapConnection, path: string): Promise<void>;
}

export function createWaitingCopies(log: Log): WaitingCopies {
  const copies: Buffer[] = [];
  return {
    add(raw) {
      if (copies.length >= limits.copiesWaiting) copies.shift();
      copies.push(raw);
    },
    async appendTo({ client, timed, closed }, path) {
      for (let raw = copies.shift(); raw; raw = copies.shift()) {
        try {
          await timed('append', client.append(path, raw, ['\\Seen']));
        } catch (error) {
          log.warn({ problem: wordsOf(error) }, 'A sent mail could not be put into the Sent folder');
          if (closed() !== null) return;
        }
      }
    },
  };
}

import { limits } from '../limits.ts';
import type { ImapConnection } from './connection.ts';

/** A mail as the folder lists it. */
export interface ListedMail {
  readonly uid: number;
  readonly size: number;
  /** When the mailbox took it (INTERNALDATE), milliseconds since the epoch; null where the server does not say. */
  readonly at: number | null;
}

const timeOf = (date: Date | string | undefined): number | null => {
  const ms = date === undefined ? Number.NaN : new Date(date).getTime();
  return Number.isNaN(ms) ? null : ms;
};

/** Numbers after `lastUid`, in order. @throws when the server refuses to search */
export async function listNew(connection: ImapConnection, lastUid: number, since: string | null): Promise<number[]> {
  const query = { uid: `${lastUid + 1}:*`, ...(since === null ? {} : { since: new Date(since) }) };
  const found = await connection.timed('search', connection.client.search(query, { uid: true }));
  if (!found) throw new Error('the server refuses to search');
  // `n:*` names the last mail even when its number is lower
  return found.filter((uid) => uid > lastUid).sort((one, other) => one - other);
}

/** Numbers in ascending order as a sequence set (RFC 3501 section 9): `1:3,7`. */
export function uidSet(uids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const uid of uids) {
    const last = ranges.at(-1);
    if (last && uid === last[1] + 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join(',');
}

/** Those of `uids` that are still in the folder. */
export async function stillThere(connection: ImapConnection, uids: readonly number[]): Promise<number[]> {
  const found = await connection.timed('search', connection.client.search({ uid: uidSet(uids) }, { uid: true }));
  return found ? found : [...uids];
}

/** Sizes and dates, in order of the numbers; what has vanished meanwhile is left out. */
export async function listSizes(connection: ImapConnection, uids: readonly number[]): Promise<ListedMail[]> {
  const listed: ListedMail[] = [];
  const query = { uid: true, size: true, internalDate: true };
  const answers = connection.client.fetch(uidSet(uids), query, { uid: true });
  for (;;) {
    const { value, done } = await connection.timed('fetch of sizes', answers.next());
    if (done || !value) break;
    listed.push({ uid: value.uid, size: value.size ?? 0, at: timeOf(value.internalDate) });
  }
  return listed.sort((one, other) => one.uid - other.uid);
}

export const isLarge = ({ size }: ListedMail): boolean => size >= limits.fetchBytes;

/** How many of `mails` from `start` on are fetched together: one large one, or several small ones. */
export function batchLength(mails: readonly ListedMail[], start: number): number {
  let bytes = 0;
  let end = start;
  for (; end < mails.length && end - start < limits.fetchBatch; end++) {
    const mail = mails[end];
    if (!mail || (isLarge(mail) && end > start)) break;
    bytes += mail.size;
    if (bytes > limits.fetchBatchBytes && end > start) break;
    if (isLarge(mail)) return 1;
  }
  return end - start;
}

/**
 * Fetches whole mails, of large ones the head, into `into` by number, so that what came before a failure is kept. Marks nothing as
 * read. Mails that the server does not give are missing.
 */
export async function fetchMails(
  connection: ImapConnection,
  mails: readonly ListedMail[],
  into: Map<number, Buffer>,
): Promise<void> {
  const maxLength = mails.some(isLarge) ? limits.largeHeadBytes : limits.fetchBytes;
  const uids = uidSet(mails.map(({ uid }) => uid));
  const query = { uid: true, source: { start: 0, maxLength } };
  const answers = connection.client.fetch(uids, query, { uid: true });
  for (;;) {
    const { value, done } = await connection.timed('fetch', answers.next());
    if (done || !value) return;
    if (value.source) into.set(value.uid, value.source);
  }
}

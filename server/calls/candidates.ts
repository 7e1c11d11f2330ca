import type { UserId } from '../kernel/ids.ts';
import type { CandidateRow } from '../routing/router.ts';

/**
 * Candidates as an offer keeps them. Nearly all of 400 agents have the same reason: written once it is some hundred
 * bytes instead of ten thousand, which cost the database more than the rest of the offer.
 */
interface StoredCandidates {
  /** Everybody in order, with runs of following numbers as `first-last`, e.g. `4-90 2 91-403`. */
  readonly ids: string;
  /** Why, for all who are not among the others: [reason, parameter?]. */
  readonly most: Reason;
  readonly others: readonly CandidateRow[];
}

type Reason = CandidateRow extends readonly [UserId, ...infer Rest] ? Readonly<Rest> : never;

/** JSON text for `candidatesOf`. */
export function candidatesText(rows: readonly CandidateRow[]): string {
  const most = commonest(rows);
  const others = rows.filter(([, reason, parameter]) => reason !== most[0] || parameter !== most[1]);
  return JSON.stringify({ ids: runs(rows.map(([id]) => id)), most, others } satisfies StoredCandidates);
}

/** @param text of `candidatesText`, or the plain list that earlier versions wrote */
export function candidatesOf(text: string): readonly CandidateRow[] {
  const stored = JSON.parse(text) as StoredCandidates | readonly CandidateRow[];
  if (!('ids' in stored)) return stored;
  const others = new Map(stored.others.map((row) => [row[0], row]));
  return numbers(stored.ids).map((id) => others.get(id) ?? [id, ...stored.most]);
}

function commonest(rows: readonly CandidateRow[]): Reason {
  const counts = new Map<string, { count: number; reason: Reason }>();
  let most: { count: number; reason: Reason } = { count: 0, reason: ['later_in_turn'] };
  for (const [, ...reason] of rows) {
    const key = reason.join(' ');
    const entry = counts.get(key) ?? { count: 0, reason };
    entry.count++;
    counts.set(key, entry);
    if (entry.count > most.count) most = entry;
  }
  return most.reason;
}

function runs(ids: readonly number[]): string {
  const parts: string[] = [];
  let first: number | undefined;
  ids.forEach((id, index) => {
    first ??= id;
    if (ids[index + 1] === id + 1) return;
    parts.push(first === id ? `${id}` : `${first}-${id}`);
    first = undefined;
  });
  return parts.join(' ');
}

function numbers(text: string): UserId[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => (first + index) as UserId);
    });
}

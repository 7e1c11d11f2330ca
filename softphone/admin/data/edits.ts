/** Fields of a thing that is edited. Values are plain JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** An edit in hand: what it began with, and what it says now. */
export interface Edit<T> {
  readonly base: T;
  readonly draft: T;
}

/** A field that both I and a colleague changed since I began. */
export interface FieldConflict<T> {
  readonly field: keyof T & string;
  readonly mine: unknown;
  readonly theirs: unknown;
}

/** Equal as JSON; the order of members does not count, and an absent member is the same as an undefined one. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame((a as Fields)[key], (b as Fields)[key]));
}

/** The fields of `to` that differ from `from`. */
export function changedFields<T extends object>(from: T, to: T): Partial<T> {
  const keys = Object.keys(to) as (keyof T)[];
  return Object.fromEntries(
    keys.filter((key) => !isSame(from[key], to[key])).map((key) => [key, to[key]]),
  ) as Partial<T>;
}

/**
 * An edit on top of the thing as it is now: my changes over the newest values. A colleague's changes of other fields are
 * taken over silently; of the same field they are conflicts, unless both of us wrote the same.
 */
export function rebase<T extends object>(
  { base, draft }: Edit<T>,
  current: T,
): { readonly values: T; readonly conflicts: readonly FieldConflict<T>[] } {
  const mine = changedFields(base, draft);
  const fields = Object.keys(mine) as (keyof T & string)[];
  const conflicts = fields
    .filter((field) => !isSame(base[field], current[field]) && !isSame(mine[field], current[field]))
    .map((field) => ({ field, mine: mine[field], theirs: current[field] }));
  return { values: { ...current, ...mine }, conflicts };
}

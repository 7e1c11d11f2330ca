import { AppError } from '../kernel/errors.ts';

/** Place in a list by time. */
export interface Cursor {
  readonly at: Date;
  readonly id: number;
}

/** @throws AppError `bad_request` */
export function parseCursor(text: string | undefined): Cursor | null {
  if (text === undefined || text === '') return null;
  const [at = '', id = '', ...rest] = text.split(',');
  const ms = Date.parse(at);
  if (Number.isNaN(ms) || !/^\d{1,15}$/.test(id) || rest.length > 0)
    throw new AppError('bad_request', '"after" must be what the page before says');
  return { at: new Date(ms), id: Number(id) };
}

/** Cuts off the one that was read beyond the page to know whether there is a next one. */
export function pageOf<T extends { readonly id: number; readonly dueAt: string }>(
  found: readonly T[],
  limit: number,
): { items: T[]; after: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, after: found.length > limit && last ? `${last.dueAt},${last.id}` : null };
}

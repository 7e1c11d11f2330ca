import type { TimelineEntry } from '../contract/schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { EntryId } from '../kernel/ids.ts';

export type Comment = TimelineEntry['comments'][number];

/** Place in a timeline: everything before it is older. */
export interface Cursor {
  readonly at: Date;
  readonly id: EntryId;
}

/** The cursor behind an entry, as the contract writes it: instant and id, joined by a comma. */
export const cursorOf = (entry: Pick<TimelineEntry, 'at' | 'id'>): string => `${entry.at},${entry.id}`;

/** @throws AppError `bad_request` */
export function parseCursor(text: string): Cursor {
  const [at = '', id = '', ...rest] = text.split(',');
  const ms = Date.parse(at);
  if (Number.isNaN(ms) || id === '' || rest.length > 0)
    throw new AppError('bad_request', '"before" must be the instant and the id of an entry, joined by a comma');
  return { at: new Date(ms), id: id as EntryId };
}

/** What people write, without the space around it. @throws AppError `bad_request` when nothing is left */
export function writtenText(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new AppError('bad_request', 'nothing but spaces was written');
  return trimmed;
}

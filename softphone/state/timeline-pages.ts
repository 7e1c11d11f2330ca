import type { Output } from '../../server/contract/api.ts';
import type { TimelineEntry } from '../../server/contract/schemas.ts';

export type TimelinePage = Output<'GET /api/v1/clients/:id/timeline'>;

/** Pages with an entry replaced in place, or put on top when it is new. */
export function withEntry(pages: readonly TimelinePage[], entry: TimelineEntry): TimelinePage[] {
  let found = false;
  const replaced = pages.map((page) => ({
    ...page,
    items: page.items.map((item) => {
      if (item.id !== entry.id) return item;
      found = true;
      return entry;
    }),
  }));
  if (found) return replaced;
  const [first, ...rest] = replaced;
  if (first === undefined) return [{ items: [entry], before: null }];
  const items = [entry, ...first.items].toSorted((left, right) => right.at.localeCompare(left.at));
  return [{ ...first, items }, ...rest];
}

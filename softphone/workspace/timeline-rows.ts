import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { dayMonth, daysBetween } from '../i18n/format.ts';
import type { Language, Translate } from '../i18n/translate.ts';

export type TimelineRow =
  | { readonly type: 'day'; readonly key: string; readonly text: string }
  | { readonly type: 'entry'; readonly key: string; readonly entry: TimelineEntry; readonly isNewPage: boolean };

function dayText(at: string, now: number, t: Translate, language: Language): string {
  const days = daysBetween(Date.parse(at), now);
  if (days === 0) return t('timeline.today');
  if (days === 1) return t('timeline.yesterday');
  return dayMonth(at, now, language);
}

/** What visitors wrote on another page of the site than what they had written before. */
function withNewPage(entries: readonly TimelineEntry[]): ReadonlySet<string> {
  const found = new Set<string>();
  let before = '';
  for (const { id, kind, page } of entries.toReversed()) {
    if (kind !== 'chat' || page === undefined) continue;
    if (page.url !== before) found.add(id);
    before = page.url;
  }
  return found;
}

/** Entries with a line before each day; the same entry on two pages (pushed meanwhile) appears once. Pure. */
export function timelineRows(
  entries: readonly TimelineEntry[],
  now: number,
  { t, language }: { readonly t: Translate; readonly language: Language },
): TimelineRow[] {
  const rows: TimelineRow[] = [];
  const seen = new Set<string>();
  const newPages = withNewPage(entries);
  let day = '';
  for (const entry of entries) {
    if (seen.has(entry.id)) continue;
    seen.add(entry.id);
    const text = dayText(entry.at, now, t, language);
    if (text !== day) rows.push({ type: 'day', key: `day-${text}`, text });
    day = text;
    rows.push({ type: 'entry', key: entry.id, entry, isNewPage: newPages.has(entry.id) });
  }
  return rows;
}

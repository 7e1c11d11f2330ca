import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { dayMonth, daysBetween } from '../i18n/format.ts';
import type { Language, Translate } from '../i18n/translate.ts';

export type TimelineRow =
  | { readonly type: 'day'; readonly key: string; readonly text: string }
  | { readonly type: 'entry'; readonly key: string; readonly entry: TimelineEntry };

function dayText(at: string, now: number, t: Translate, language: Language): string {
  const days = daysBetween(Date.parse(at), now);
  if (days === 0) return t('timeline.today');
  if (days === 1) return t('timeline.yesterday');
  return dayMonth(at, now, language);
}

/** Entries with a line before each day; the same entry on two pages (pushed meanwhile) appears once. Pure. */
export function timelineRows(
  entries: readonly TimelineEntry[],
  now: number,
  { t, language }: { readonly t: Translate; readonly language: Language },
): TimelineRow[] {
  const rows: TimelineRow[] = [];
  const seen = new Set<string>();
  let day = '';
  for (const entry of entries) {
    if (seen.has(entry.id)) continue;
    seen.add(entry.id);
    const text = dayText(entry.at, now, t, language);
    if (text !== day) rows.push({ type: 'day', key: `day-${text}`, text });
    day = text;
    rows.push({ type: 'entry', key: entry.id, entry });
  }
  return rows;
}

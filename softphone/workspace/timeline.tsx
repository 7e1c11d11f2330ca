import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import type { TimelineFilter } from '../state/cards.ts';
import { PlannedList } from './planned.tsx';
import classes from './timeline.module.css';
import { TimelineItem } from './timeline-item.tsx';
import { timelineRows } from './timeline-rows.ts';
import { useNow } from './use-now.ts';
import { useTimeline } from './use-timeline.ts';

const filters: readonly TimelineFilter[] = ['all', 'call', 'sms', 'email', 'note', 'planned'];
const ROW_PX = 34;

/** Everything that happened with a client, newest on top. Older pages come as one scrolls. */
export function Timeline({ clientId }: { readonly clientId: number }) {
  const { t, language } = useLanguage();
  const [filter, setFilter] = useState<TimelineFilter>('all');
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const timeline = useTimeline(clientId, filter);
  // the lines between days change at midnight, not each second
  const today = new Date(useNow()).setHours(12, 0, 0, 0);
  const rows = useMemo(
    () => timelineRows(timeline.data?.pages.flatMap((page) => page.items) ?? [], today, { t, language }),
    [timeline.data, t, language, today],
  );
  function toggle(id: string): void {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  }
  const planned = filter === 'planned';
  const empty = rows.length === 0 && !timeline.isFetching && !planned;
  return (
    <section className={classes.timeline} aria-label={t('timeline.label')} data-testid="timeline">
      <div className={classes.filters}>
        {filters.map((choice) => (
          <button key={choice} type="button" aria-pressed={filter === choice} onClick={() => setFilter(choice)}>
            {t(`timeline.${choice}`)}
          </button>
        ))}
      </div>
      {timeline.isError ? <p className={classes.empty}>{t('timeline.failed')}</p> : null}
      {empty && !timeline.isError ? <p className={classes.empty}>{t('timeline.empty')}</p> : null}
      {planned ? <PlannedList clientId={clientId} /> : null}
      <Rows rows={rows} opened={opened} onToggle={toggle} more={timeline.hasNextPage} onMore={timeline.fetchNextPage} />
    </section>
  );
}

interface RowsProps {
  readonly rows: ReturnType<typeof timelineRows>;
  readonly opened: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  readonly more: boolean;
  readonly onMore: () => unknown;
}

/** Only the visible rows are in the page: a wholesale client has thousands. */
function Rows({ rows, opened, onToggle, more, onMore }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  });
  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && rows.length > 0 && lastVisible >= rows.length - 1) onMore();
  }, [more, onMore, lastVisible, rows.length]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard
    <div ref={scroller} className={classes.scroller} tabIndex={0}>
      <div className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {visible.map((place) => {
          const row = rows[place.index];
          if (row === undefined) return null;
          return (
            <div
              key={place.key}
              ref={virtual.measureElement}
              data-index={place.index}
              className={classes.place}
              style={{ transform: `translateY(${place.start}px)` }}
            >
              {row.type === 'day' ? (
                <h3 className={classes.day}>{row.text}</h3>
              ) : (
                <TimelineItem entry={row.entry} opened={opened.has(row.key)} onToggle={onToggle} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

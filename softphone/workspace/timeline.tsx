import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { TimelineEntry } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { TimelineFilter } from '../state/cards.ts';
import { ThreadBar } from './messages/thread-bar.tsx';
import { type EntryChoice, useThread } from './messages/use-thread.ts';
import { PlannedList } from './planned.tsx';
import classes from './timeline.module.css';
import { TimelineItem } from './timeline-item.tsx';
import { timelineRows } from './timeline-rows.ts';
import { useNow } from './use-now.ts';
import { useTimeline } from './use-timeline.ts';

const filters: readonly TimelineFilter[] = ['all', 'call', 'sms', 'email', 'chat', 'note', 'planned'];
const ROW_PX = 34;

interface TimelineProps {
  readonly clientId: number;
  /** In the foreground: its bar is shown, and its last message is open. */
  readonly conversationId: string | undefined;
}

/** Everything that happened with a client, newest on top. Older pages come as one scrolls. */
export function Timeline({ clientId, conversationId }: TimelineProps) {
  const { t, language } = useLanguage();
  const [filter, setFilter] = useState<TimelineFilter>('all');
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const timeline = useTimeline(clientId, filter);
  const thread = useThread(clientId, conversationId);
  const loaded = useMemo(() => timeline.data?.pages.flatMap((page) => page.items) ?? [], [timeline.data]);
  const entries = thread.alone ?? loaded;
  // the lines between days change at midnight, not each second
  const today = new Date(useNow()).setHours(12, 0, 0, 0);
  const rows = useMemo(() => timelineRows(entries, today, { t, language }), [entries, t, language, today]);
  useLastOpened(conversationId, loaded, setOpened);
  function toggle(id: string): void {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  }
  function choose(next: TimelineFilter): void {
    thread.showAll();
    setFilter(next);
  }
  const planned = filter === 'planned' && thread.alone === undefined;
  const empty = rows.length === 0 && !timeline.isFetching && !planned;
  const choices = filters.filter((choice) => choice !== 'chat' || thread.hasChats);
  return (
    <section className={classes.timeline} aria-label={t('timeline.label')} data-testid="timeline">
      <div className={classes.filters}>
        {choices.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={filter === choice && thread.alone === undefined}
            onClick={() => choose(choice)}
          >
            {t(`timeline.${choice}`)}
          </button>
        ))}
      </div>
      <ThreadBar thread={thread} />
      {timeline.isError ? <p className={classes.empty}>{t('timeline.failed')}</p> : null}
      {empty && !timeline.isError ? <p className={classes.empty}>{t('timeline.empty')}</p> : null}
      {planned ? <PlannedList clientId={clientId} /> : null}
      <Rows
        rows={rows}
        opened={opened}
        onToggle={toggle}
        choice={thread.choice}
        more={thread.alone === undefined && timeline.hasNextPage}
        onMore={timeline.fetchNextPage}
      />
    </section>
  );
}

/** The last message of the conversation in the foreground is open from the beginning; closed by hand it stays closed. */
function useLastOpened(
  conversationId: string | undefined,
  entries: readonly TimelineEntry[],
  setOpened: (change: (opened: ReadonlySet<string>) => ReadonlySet<string>) => void,
): void {
  const done = useRef<string>(undefined);
  const last = entries.find(({ message }) => message !== null && message.conversationId === conversationId);
  useEffect(() => {
    if (conversationId === undefined || last === undefined || done.current === conversationId) return;
    done.current = conversationId;
    setOpened((opened) => new Set([...opened, last.id]));
  }, [conversationId, last, setOpened]);
}

interface RowsProps {
  readonly rows: ReturnType<typeof timelineRows>;
  readonly opened: ReadonlySet<string>;
  readonly onToggle: (id: string) => void;
  /** Messages are being chosen. */
  readonly choice: EntryChoice | undefined;
  readonly more: boolean;
  readonly onMore: () => unknown;
}

/** Only the visible rows are in the page: a wholesale client has thousands. */
function Rows({ rows, opened, onToggle, choice, more, onMore }: RowsProps) {
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
                <TimelineItem
                  entry={row.entry}
                  isNewPage={row.isNewPage}
                  opened={opened.has(row.key)}
                  onToggle={onToggle}
                  choice={choice}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useRef } from 'react';
import type { BoardView } from '../../server/contract/board.ts';
import type { QueueView } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useNow } from '../workspace/use-now.ts';
import { useStableOrder } from '../workspace/use-stable-order.ts';
import { netAbandoned } from './figures.ts';
import { type Level, shareLevel, waitingLevel } from './levels.ts';
import { countReading, type MetricId, meanReading, type Reading, shareReading, timeReading } from './metrics.ts';
import panels from './panel.module.css';
import { Figure } from './passport.tsx';
import { QueueCallers } from './queue-callers.tsx';
import { type QueueRow, queueRows } from './queue-rows.ts';
import classes from './queue-table.module.css';
import { ShareBar } from './share-bar.tsx';
import { type Rows, useRows } from './use-rows.ts';

const columns = [
  'waiting',
  'longest',
  'sl_recent',
  'sl_day',
  'offered',
  'answered',
  'abandoned',
  'short',
  'flowed_out',
  'asa',
  'longest_today',
] as const satisfies readonly MetricId[];
type Column = (typeof columns)[number];

interface QueueTableProps {
  readonly queues: readonly QueueView[];
  readonly board: BoardView | undefined;
}

/** Each queue with its day, those in trouble first; a row opens to the callers and why nobody rings for them. */
export function QueueTable({ queues, board }: QueueTableProps) {
  const { t } = useLanguage();
  const panel = useRef<HTMLElement>(null);
  const fresh = useMemo(() => queueRows(queues, board), [queues, board]);
  const shown = useStableOrder(fresh, panel);
  const rows = useRows(shown.map(({ id }) => String(id)));
  return (
    <section ref={panel} className={panels.panel} data-block="2" aria-labelledby="block-queues">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <h2 id="block-queues">{t('supervisor.queues')}</h2>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" title={t(`metric.${column}`)}>
                {t(`supervisor.column.${column}`)}
              </th>
            ))}
            <th scope="col">{t('supervisor.share')}</th>
          </tr>
        </thead>
        <tbody {...rows.container}>
          {shown.map((queue) => (
            <QueueLine key={queue.id} queue={queue} rows={rows} answerSeconds={board?.formula.answerSeconds ?? 20} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 ? <p className={panels.empty}>{t('supervisor.noQueues')}</p> : null}
    </section>
  );
}

interface QueueLineProps {
  readonly queue: QueueRow;
  readonly rows: Rows;
  readonly answerSeconds: number;
}

function QueueLine({ queue, rows, answerSeconds }: QueueLineProps) {
  const { t } = useLanguage();
  const key = String(queue.id);
  const opened = rows.opened.has(key);
  const current = rows.current === key;
  const Chevron = opened ? ChevronDown : ChevronRight;
  return (
    <>
      <tr
        tabIndex={current ? 0 : -1}
        data-row={key}
        className={classes.row}
        data-waiting={queue.waiting.length > 0}
        data-testid={`queue-${queue.id}`}
      >
        <th scope="row">
          <button
            type="button"
            tabIndex={-1}
            aria-expanded={opened}
            aria-label={t('supervisor.open', { name: queue.name })}
            onClick={() => rows.toggle(key)}
          >
            <Chevron size={15} aria-hidden="true" />
          </button>
          {queue.name}
        </th>
        <Cells queue={queue} reachable={current} answerSeconds={answerSeconds} />
      </tr>
      {opened ? (
        <tr className={classes.details} data-details={key}>
          <td colSpan={columns.length + 2}>
            <QueueCallers waiting={queue.waiting} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

interface CellsProps {
  readonly queue: QueueRow;
  readonly reachable: boolean;
  readonly answerSeconds: number;
}

function Cells({ queue, reachable, answerSeconds }: CellsProps) {
  const { t, language } = useLanguage();
  const now = useNow();
  const longestMs = queue.longestSince === null ? 0 : now - Date.parse(queue.longestSince);
  const readings = readingsOf(queue, longestMs, { t, language });
  const levels: Partial<Record<Column, Level>> = {
    waiting: waitingLevel(longestMs, queue.waiting.length, answerSeconds),
    longest: waitingLevel(longestMs, queue.waiting.length, answerSeconds),
    ...(queue.today === null
      ? {}
      : {
          sl_recent: shareLevel(queue.today.recentServiceLevel),
          sl_day: shareLevel(queue.today.serviceLevel),
        }),
  };
  return (
    <>
      {columns.map((column) => (
        <td key={column} data-level={levels[column] ?? 'calm'} data-column={column}>
          <Figure reading={readings[column]} scope={queue.name} reachable={reachable} />
        </td>
      ))}
      <td className={classes.share}>{queue.today === null ? null : <ShareBar figures={queue.today.figures} />}</td>
    </>
  );
}

/** What the table says of a queue. */
function readingsOf(
  { waiting, today }: QueueRow,
  longestMs: number,
  { t, language }: ReturnType<typeof useLanguage>,
): Record<Column, Reading> {
  const figures = today?.figures;
  const flowedOut = t('supervisor.flowedOut.of', {
    messages: figures?.voicemails ?? 0,
    callbacks: figures?.callbacksRequested ?? 0,
  });
  return {
    waiting: countReading('waiting', waiting.length),
    longest: timeReading('longest', longestMs),
    sl_recent: shareReading('sl_recent', today?.recentServiceLevel, language),
    sl_day: shareReading('sl_day', today?.serviceLevel, language),
    offered: countReading('offered', figures?.offered),
    answered: countReading('answered', figures?.answered),
    abandoned: countReading('abandoned', figures && netAbandoned(figures)),
    short: countReading('short', figures?.shortAbandoned),
    flowed_out: countReading('flowed_out', figures?.flowedOut, flowedOut),
    asa: meanReading('asa', figures?.answeredWaitMs ?? 0, figures?.answered ?? 0, language),
    longest_today: timeReading('longest_today', figures?.longestWaitMs),
  };
}

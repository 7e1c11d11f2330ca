import type { BoardView, QueueMessages } from '../../server/contract/board.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { timeLeft } from '../workspace/time-words.ts';
import { useNow } from '../workspace/use-now.ts';
import { type Level, messagesLevel, shareLevel } from './levels.ts';
import { countReading, type MetricId, meanReading, NO_FIGURE, type Reading, shareReading } from './metrics.ts';
import panels from './panel.module.css';
import { Figure } from './passport.tsx';
import classes from './queue-table.module.css';
import { useRows } from './use-rows.ts';

const columns = [
  'messages_waiting',
  'unassigned',
  'first_due',
  'messages_overdue',
  'response_level',
  'received',
  'written',
  'replied',
  'answer_time',
] as const satisfies readonly MetricId[];
type Column = (typeof columns)[number];

interface Line {
  readonly key: string;
  readonly name: string;
  readonly messages: QueueMessages;
}

/** Queues with anything written today or waiting; the sum of all of them on top where there are several. */
function linesOf(board: BoardView, all: string): readonly Line[] {
  const isUsed = ({ messages: { now, figures } }: BoardView['queues'][number]): boolean =>
    now.waiting > 0 || Object.values(figures).some((figure) => figure > 0);
  const used = board.queues
    .filter(isUsed)
    .map(({ id, name, messages }): Line => ({ key: `messages-${id}`, name, messages }));
  return used.length > 1 ? [{ key: 'messages-all', name: all, messages: board.total.messages }, ...used] : used;
}

/** Letters, short messages and chats of each queue: who waits, how long there is time, how it went today. */
export function MessageTable({ board }: { readonly board: BoardView | undefined }) {
  const { t } = useLanguage();
  const lines = board === undefined ? [] : linesOf(board, t('supervisor.all'));
  const rows = useRows(lines.map(({ key }) => key));
  if (lines.length === 0) return null;
  return (
    <section className={panels.panel} data-block="5" aria-labelledby="block-messages">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <h2 id="block-messages">{t('supervisor.messages')}</h2>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" title={t(`metric.${column}`)}>
                {t(`supervisor.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...rows.container}>
          {lines.map(({ key, name, messages }) => (
            <tr
              key={key}
              tabIndex={rows.current === key ? 0 : -1}
              data-row={key}
              className={classes.row}
              data-waiting={messages.now.overdue > 0}
              data-testid={key}
            >
              <th scope="row">{name}</th>
              <Cells name={name} messages={messages} reachable={rows.current === key} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface CellsProps {
  readonly name: string;
  readonly messages: QueueMessages;
  readonly reachable: boolean;
}

function Cells({ name, messages, reachable }: CellsProps) {
  const { t, language } = useLanguage();
  const now = useNow();
  const readings = readingsOf(messages, { t, language }, now);
  const waiting = messagesLevel(messages.now, now);
  const levels: Partial<Record<Column, Level>> = {
    messages_waiting: waiting,
    first_due: waiting,
    response_level: shareLevel(messages.responseLevel),
  };
  return columns.map((column) => (
    <td key={column} data-level={levels[column] ?? 'calm'} data-column={column}>
      <Figure reading={readings[column]} scope={name} reachable={reachable} />
    </td>
  ));
}

function readingsOf(
  { figures, now: waits, responseLevel }: QueueMessages,
  { t, language }: ReturnType<typeof useLanguage>,
  now: number,
): Record<Column, Reading> {
  const first = waits.firstDueAt === null ? NO_FIGURE : timeLeft(waits.firstDueAt, now, t).text;
  return {
    messages_waiting: countReading('messages_waiting', waits.waiting),
    unassigned: countReading('unassigned', waits.unassigned),
    first_due: { metric: 'first_due', text: first, fraction: null },
    messages_overdue: countReading('messages_overdue', waits.overdue),
    response_level: shareReading('response_level', responseLevel, language),
    received: countReading('received', figures.received),
    written: countReading('written', figures.written),
    replied: countReading('replied', figures.answered),
    answer_time: meanReading('answer_time', figures.answerWaitMs, figures.answered, language),
  };
}

import { Popover } from '@mantine/core';
import { X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import type { BoardView } from '../../server/contract/board.ts';
import { clockTime, dayMonth } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { placeOf } from './anchor.ts';
import { type MetricId, NO_FIGURE, type Reading } from './metrics.ts';
import classes from './passport.module.css';

interface Shown {
  readonly reading: Reading;
  readonly scope: string;
  readonly anchor: DOMRect;
}

type ShowPassport = (reading: Reading, scope: string, element: HTMLElement) => void;

const PassportContext = createContext<ShowPassport>(() => undefined);

/** One window for the passports of all figures on the page: hundreds of them would be hundreds of windows. */
export function PassportWindow(props: { readonly board: BoardView | undefined; readonly children: ReactNode }) {
  const [shown, setShown] = useState<Shown>();
  const show = useCallback<ShowPassport>(
    (reading, scope, element) => setShown({ reading, scope, anchor: element.getBoundingClientRect() }),
    [],
  );
  return (
    <PassportContext value={show}>
      {props.children}
      <Popover
        opened={shown !== undefined}
        onChange={(opened) => {
          if (!opened) setShown(undefined);
        }}
        width={360}
        position="bottom-start"
        shadow="md"
        withinPortal
        withRoles={false}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <span style={placeOf(shown?.anchor)} />
        </Popover.Target>
        <Popover.Dropdown p={14} data-testid="passport" role="dialog" aria-labelledby="passport-name">
          {shown === undefined ? null : <Passport {...shown} board={props.board} onClose={() => setShown(undefined)} />}
        </Popover.Dropdown>
      </Popover>
    </PassportContext>
  );
}

/** Counted by the target of each queue. */
const byTarget: ReadonlySet<MetricId> = new Set(['response_level']);

/** Those that thresholds decide on. */
const byFormula: ReadonlySet<MetricId> = new Set(['sl_day', 'sl_recent', 'abandoned', 'abandon_rate', 'short']);

interface PassportProps extends Omit<Shown, 'anchor'> {
  readonly board: BoardView | undefined;
  readonly onClose: () => void;
}

function Passport({ reading, scope, board, onClose }: PassportProps) {
  const { t, language } = useLanguage();
  const { metric, text, fraction, detail } = reading;
  const now = [fraction, detail].filter((part) => part !== null && part !== undefined).join(', ');
  return (
    <div className={classes.passport}>
      <header>
        <h2 id="passport-name">{t(`metric.${metric}`)}</h2>
        <button type="button" aria-label={t('passport.close')} onClick={onClose}>
          <X size={16} aria-hidden="true" />
        </button>
      </header>
      <p className={classes.scope}>{scope}</p>
      <p className={`${classes.value} num`}>
        {text === NO_FIGURE ? t('passport.noData') : text}
        {now === '' ? null : <small data-testid="passport-fraction">{now}</small>}
      </p>
      <dl>
        <dt>{t('passport.formula')}</dt>
        <dd>{t(`metric.${metric}.how`)}</dd>
        <dt>{t('passport.without')}</dt>
        <dd>{t(`metric.${metric}.without`)}</dd>
        {board === undefined ? null : <OfBoard board={board} metric={metric} language={language} />}
      </dl>
    </div>
  );
}

function OfBoard(props: { readonly board: BoardView; readonly metric: MetricId; readonly language: 'ru' | 'en' }) {
  const { t } = useLanguage();
  const { formula, responseFormula, day, timeZone, at } = props.board;
  return (
    <>
      {byTarget.has(props.metric) ? (
        <>
          <dt>{t('passport.version')}</dt>
          <dd>{t('passport.versionOf', responseFormula)}</dd>
        </>
      ) : null}
      {byFormula.has(props.metric) ? (
        <>
          <dt>{t('passport.threshold')}</dt>
          <dd>{t('passport.thresholds', { answer: formula.answerSeconds, short: formula.shortAbandonSeconds })}</dd>
          <dt>{t('passport.version')}</dt>
          <dd>{t('passport.versionOf', { id: formula.id, version: formula.version })}</dd>
        </>
      ) : null}
      <dt>{t('passport.day')}</dt>
      <dd>
        {t('supervisor.day', { day: dayMonth(`${day}T12:00`, Date.parse(at), props.language), zone: timeZone })},{' '}
        {t('supervisor.asOf', { time: clockTime(at, props.language) })}
      </dd>
    </>
  );
}

interface FigureProps {
  readonly reading: Reading;
  /** Of what: a queue, an agent, all queues. */
  readonly scope: string;
  /** Reached by Tab; in a table only those of the row that is worked in are. */
  readonly reachable?: boolean;
  /** Is a row of its block for J and the arrows. */
  readonly isRow?: boolean;
  readonly className?: string | undefined;
  /** Drawn instead of the text alone. */
  readonly children?: ReactNode;
}

/** A figure that opens its passport; what it is a fraction of is said on hover and to screen readers. */
export function Figure({ reading, scope, reachable = true, isRow = false, className, children }: FigureProps) {
  const { t } = useLanguage();
  const show = useContext(PassportContext);
  const { metric, text, fraction, detail } = reading;
  const name = t(`metric.${metric}`);
  const said = [text === NO_FIGURE ? t('passport.noData') : text, fraction, detail].filter((part) => !!part).join(', ');
  return (
    <button
      type="button"
      className={`${classes.figure} num ${className ?? ''}`}
      title={`${name}: ${said}`}
      aria-label={`${name}: ${said}`}
      tabIndex={reachable ? 0 : -1}
      data-row={isRow || undefined}
      data-metric={metric}
      onClick={(event) => show(reading, scope, event.currentTarget)}
    >
      {children ?? text}
    </button>
  );
}

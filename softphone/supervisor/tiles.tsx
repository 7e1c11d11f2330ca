import { CircleCheck, type LucideIcon, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BoardView } from '../../server/contract/board.ts';
import type { QueueView } from '../../server/contract/schemas.ts';
import { duration } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { useNow } from '../workspace/use-now.ts';
import type { StateCounts } from './agent-states.ts';
import { netAbandoned, netAbandonRate } from './figures.ts';
import {
  healthLevel,
  type Level,
  levelOfService,
  owedLevel,
  SERVICE_LEVEL_TARGET,
  staffLevel,
  waitingLevel,
} from './levels.ts';
import { countReading, percentText, type Reading, shareReading } from './metrics.ts';
import { Figure } from './passport.tsx';
import { StateBar } from './state-bar.tsx';
import classes from './tiles.module.css';

interface TilesProps {
  readonly board: BoardView | undefined;
  readonly queues: readonly QueueView[];
  readonly staff: StateCounts;
}

/** Five tiles in the order of a supervisor's questions: who suffers, how well, what is lost, who can help, is it sound. */
export function Tiles({ board, queues, staff }: TilesProps) {
  const { t } = useLanguage();
  const waiting = queues.flatMap((queue) => queue.waiting);
  return (
    <section className={classes.tiles} data-block="1" aria-label={t('supervisor.title')}>
      <WaitingTile since={waiting.map((caller) => caller.since)} answerSeconds={board?.formula.answerSeconds} />
      <ServiceTile board={board} />
      <LostTile board={board} />
      <StaffTile staff={staff} waiting={waiting.length} />
      <HealthTile board={board} />
    </section>
  );
}

const levelIcons: Record<Level, LucideIcon> = {
  calm: CircleCheck,
  attention: TriangleAlert,
  trouble: OctagonAlert,
};

interface TileProps {
  readonly title: MessageKey & `tile.${string}`;
  readonly level: Level;
  readonly testId: string;
  readonly children: ReactNode;
}

function Tile({ title, level, testId, children }: TileProps) {
  const { t } = useLanguage();
  const Icon = levelIcons[level];
  return (
    <article className={classes.tile} data-level={level} data-testid={testId}>
      <header>
        <h2>{t(title as 'tile.waiting')}</h2>
        <span className={classes.level}>
          <Icon size={15} aria-hidden="true" /> {t(`level.${level}`)}
        </span>
      </header>
      {children}
    </article>
  );
}

interface TileFigureProps {
  readonly reading: Reading;
  readonly label?: string;
  readonly big?: boolean;
  readonly tone?: Level;
  /** Of what it is the figure; all queues otherwise. */
  readonly scope?: string;
}

/** A figure with its word after it; J and the arrows go from one to the next. */
function TileFigure({ reading, label, big = false, tone, scope }: TileFigureProps) {
  const { t } = useLanguage();
  return (
    <span className={big ? classes.big : classes.small} data-tone={tone}>
      <Figure reading={reading} scope={scope ?? t('supervisor.all')} isRow>
        <b>{reading.text}</b>
      </Figure>
      {label === undefined ? null : <span>{label}</span>}
    </span>
  );
}

function WaitingTile(props: { readonly since: readonly string[]; readonly answerSeconds: number | undefined }) {
  const { t } = useLanguage();
  const now = useNow();
  const { since, answerSeconds = 20 } = props;
  const longest = Math.max(0, ...since.map((at) => now - Date.parse(at)));
  return (
    <Tile title="tile.waiting" level={waitingLevel(longest, since.length, answerSeconds)} testId="tile-waiting">
      <p className={classes.main}>
        <TileFigure reading={countReading('waiting', since.length)} big />
        {since.length === 0 ? null : (
          <TileFigure
            reading={{ metric: 'longest', text: duration(longest), fraction: null }}
            label={t('tile.waiting.longest')}
          />
        )}
      </p>
      <p className={classes.note}>{since.length === 0 ? t('tile.waiting.nobody') : ''}</p>
    </Tile>
  );
}

function ServiceTile({ board }: { readonly board: BoardView | undefined }) {
  const { t, language } = useLanguage();
  const total = board?.total;
  const level = total === undefined ? 'calm' : levelOfService(total.serviceLevel, total.recentServiceLevel);
  return (
    <Tile title="tile.service" level={level} testId="tile-service">
      <p className={classes.main}>
        <TileFigure
          reading={shareReading('sl_recent', total?.recentServiceLevel, language)}
          label={t('tile.service.recent')}
          big
        />
        <TileFigure reading={shareReading('sl_day', total?.serviceLevel, language)} label={t('tile.service.day')} />
      </p>
      <p className={classes.note}>
        {board === undefined
          ? ''
          : t('tile.service.target', {
              target: percentText(SERVICE_LEVEL_TARGET, language).replace(/[.,]0/, ''),
              seconds: board.formula.answerSeconds,
              formula: board.formula.id,
              short: board.formula.shortAbandonSeconds,
            })}
      </p>
    </Tile>
  );
}

function LostTile({ board }: { readonly board: BoardView | undefined }) {
  const { t, language } = useLanguage();
  const figures = board?.total.figures;
  const owed = board?.owed;
  return (
    <Tile title="tile.lost" level={owed === undefined ? 'calm' : owedLevel(owed)} testId="tile-lost">
      <p className={classes.main}>
        <TileFigure reading={countReading('abandoned', figures && netAbandoned(figures))} big />
        <TileFigure
          reading={shareReading('abandon_rate', figures && netAbandonRate(figures), language)}
          label={t('tile.lost.rate')}
        />
      </p>
      <p className={classes.parts}>
        <TileFigure reading={countReading('owed', owed?.open)} label={t('tile.lost.owed')} />
        <TileFigure
          reading={countReading('overdue', owed?.overdue)}
          label={t('tile.lost.overdue')}
          {...(owed !== undefined && owed.overdue > 0 ? { tone: 'trouble' } : {})}
        />
      </p>
    </Tile>
  );
}

function StaffTile({ staff, waiting }: { readonly staff: StateCounts; readonly waiting: number }) {
  const { t } = useLanguage();
  const parts: readonly (readonly ['on_contact' | 'wrap_up' | 'not_ready' | 'missing', number])[] = [
    ['on_contact', staff.on_call + staff.ringing],
    ['wrap_up', staff.wrap_up],
    ['not_ready', staff.not_ready],
    ['missing', staff.missing],
  ];
  return (
    <Tile title="tile.staff" level={staffLevel(staff, waiting)} testId="tile-staff">
      <p className={classes.main}>
        <TileFigure
          reading={countReading('available', staff.available)}
          label={t('tile.staff.available')}
          scope={t('supervisor.agents')}
          big
        />
        <StateBar staff={staff} />
      </p>
      <p className={classes.parts}>
        {parts.map(([metric, count]) => (
          <TileFigure
            key={metric}
            scope={t('supervisor.agents')}
            reading={countReading(metric, count)}
            label={t(`tile.staff.${metric}`)}
            {...(metric === 'missing' && count > 0 ? { tone: 'attention' } : {})}
          />
        ))}
      </p>
    </Tile>
  );
}

function HealthTile({ board }: { readonly board: BoardView | undefined }) {
  const { t } = useLanguage();
  const online = useWorkspaceStore((store) => store.connection.online);
  const figures = board?.total.figures;
  const phantom = figures?.phantomRings ?? 0;
  return (
    <Tile title="tile.health" level={healthLevel(online, phantom)} testId="tile-health">
      <p className={classes.main}>
        <TileFigure
          reading={{
            ...countReading('phantom', figures?.phantomRings),
            fraction: `${phantom} / ${figures?.rings ?? 0}`,
          }}
          label={t('tile.health.phantom', { rings: figures?.rings ?? 0 })}
          big
        />
      </p>
      <p className={classes.parts}>
        <TileFigure reading={countReading('rescued', figures?.rescued)} label={t('tile.health.rescued')} />
        <span className={classes.socket} data-online={online}>
          {online ? t('tile.health.online') : t('tile.health.offline')}
        </span>
      </p>
    </Tile>
  );
}

import { CircleHelp, Wifi, WifiOff } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { BoardView } from '../../server/contract/board.ts';
import { clockTime, dayMonth, duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { failureCode } from '../net/problem.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { useNow } from '../workspace/use-now.ts';
import { UserMenu } from '../workspace/user-menu.tsx';
import { AgentGrid } from './agent-grid.tsx';
import { agentRows, countStates } from './agent-states.ts';
import { BoardKeyHelp } from './board-key-help.tsx';
import { MessageTable } from './message-table.tsx';
import { OwedPanel } from './owed-panel.tsx';
import { PassportWindow } from './passport.tsx';
import { QueueTable } from './queue-table.tsx';
import classes from './supervisor-page.module.css';
import { Tiles } from './tiles.tsx';
import { useBoard } from './use-board.ts';
import { useBoardKeys } from './use-board-keys.ts';

const noDays: BoardView['agents'] = [];

/** Is anybody suffering now, who can help, what did we lose: the supervisor's board, live. */
export default function SupervisorPage() {
  const { t } = useLanguage();
  const { board, queues, agents, owed, failure } = useBoard();
  const [mapOpen, setMapOpen] = useState(false);
  const openMap = useCallback(() => setMapOpen(true), []);
  useBoardKeys(openMap);
  const days = board?.agents ?? noDays;
  const rows = useMemo(() => agentRows(agents, days), [agents, days]);
  const staff = useMemo(() => countStates(rows), [rows]);
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <h1>{t('supervisor.title')}</h1>
        <LiveMark board={board} />
        <button
          type="button"
          className={classes.help}
          aria-label={t('help.label')}
          title={`${t('help.label')} (?)`}
          onClick={openMap}
        >
          <CircleHelp size={18} aria-hidden="true" />
        </button>
        <Link href="/">{t('menu.workspace')}</Link>
        <UserMenu />
      </header>
      <main className={classes.main}>
        <NotLive />
        {failure === null ? null : <p className={classes.failure}>{t(`failure.${failureCode(failure)}`)}</p>}
        <PassportWindow board={board}>
          <Tiles board={board} queues={queues} staff={staff} />
          <QueueTable queues={queues} board={board} />
          <MessageTable board={board} />
          <div className={classes.people}>
            <AgentGrid agents={rows} staff={staff} capacity={board?.capacity ?? 0} />
            <OwedPanel owed={owed} agents={agents} />
          </div>
        </PassportWindow>
      </main>
      <BoardKeyHelp opened={mapOpen} onClose={() => setMapOpen(false)} />
    </div>
  );
}

/** Whether what stands here is the present, and of which day. */
function LiveMark({ board }: { readonly board: BoardView | undefined }) {
  const { t, language } = useLanguage();
  const online = useWorkspaceStore((store) => store.connection.online);
  if (board === undefined) return null;
  return (
    <span className={classes.live} data-online={online}>
      {online ? (
        <>
          <Wifi size={15} aria-hidden="true" /> {t('supervisor.live')} ·{' '}
        </>
      ) : null}
      {t('supervisor.day', {
        day: dayMonth(`${board.day}T12:00`, Date.parse(board.at), language),
        zone: board.timeZone,
      })}
      {online ? '' : ` · ${t('supervisor.asOf', { time: clockTime(board.at, language) })}`}
    </span>
  );
}

/** Says that nothing here is true any more, for as long as it is so. No live region: it would talk into a call. */
function NotLive() {
  const { t } = useLanguage();
  const now = useNow();
  const { online, offlineSince } = useWorkspaceStore((store) => store.connection);
  const offset = useWorkspaceStore((store) => store.state?.clockOffsetMs ?? 0);
  if (online || offlineSince === null) return null;
  return (
    <p className={classes.notLive} data-testid="not-live">
      <WifiOff size={18} aria-hidden="true" />
      {t('supervisor.notLive', { time: duration(now - offset - offlineSince) })}
    </p>
  );
}

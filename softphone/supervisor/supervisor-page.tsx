import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import type { AgentListItem, QueueView } from '../../server/contract/schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { useNow } from '../workspace/use-now.ts';
import { UserMenu } from '../workspace/user-menu.tsx';
import { AgentTable } from './agent-table.tsx';
import { QueueList } from './queue-list.tsx';
import classes from './supervisor-page.module.css';

const AGENTS_INTERVAL_MS = 3000;
/** Pushes keep the queues fresh; this is for the one that got lost. */
const QUEUES_INTERVAL_MS = 15_000;
const QUEUES_KEY = ['queues'];

/** Is anybody suffering now, and who can help: queues with their callers, agents with their states, live. */
export default function SupervisorPage() {
  const { t } = useLanguage();
  const queues = useQueues();
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: () => call('GET /api/v1/agents'),
    refetchInterval: AGENTS_INTERVAL_MS,
  });
  const failed = queues.error ?? agents.error;
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <h1>{t('supervisor.title')}</h1>
        <Link href="/">{t('menu.workspace')}</Link>
        <UserMenu />
      </header>
      <main className={classes.main}>
        {failed === null ? null : <p role="alert">{t(`failure.${failureCode(failed)}`)}</p>}
        <Tiles queues={queues.data ?? []} agents={agents.data?.items ?? []} />
        <QueueList queues={queues.data ?? []} />
        <AgentTable agents={agents.data?.items ?? []} />
      </main>
    </div>
  );
}

function useQueues() {
  const { watchQueues } = useDeskTools();
  const client = useQueryClient();
  useEffect(
    () => watchQueues((queues) => client.setQueryData<readonly QueueView[]>(QUEUES_KEY, queues)),
    [watchQueues, client],
  );
  return useQuery({
    queryKey: QUEUES_KEY,
    queryFn: async (): Promise<readonly QueueView[]> => (await call('GET /api/v1/queues')).items,
    refetchInterval: QUEUES_INTERVAL_MS,
  });
}

interface TilesProps {
  readonly queues: readonly QueueView[];
  readonly agents: readonly AgentListItem[];
}

/** The five figures in the order of a supervisor's questions. */
function Tiles({ queues, agents }: TilesProps) {
  const { t } = useLanguage();
  const now = useNow();
  const waiting = queues.flatMap((queue) => queue.waiting);
  const longest = Math.max(0, ...waiting.map((caller) => now - Date.parse(caller.since)));
  const ready = agents.filter((agent) => agent.status === 'available' && agent.phone && agent.busy === null).length;
  const busy = agents.filter((agent) => agent.busy !== null).length;
  const missing = agents.filter(
    (agent) =>
      agent.role === 'agent' && agent.onShift && agent.busy === null && (agent.status !== 'available' || !agent.phone),
  ).length;
  return (
    <section className={classes.tiles}>
      <Tile label={t('supervisor.tile.waiting')} tone={waiting.length > 0 ? 'ring' : undefined}>
        {waiting.length}
      </Tile>
      <Tile label={t('supervisor.tile.longest')} tone={longest > 0 ? 'ring' : undefined}>
        {duration(longest)}
      </Tile>
      <Tile label={t('supervisor.tile.ready')} tone={ready === 0 ? 'danger' : 'ready'}>
        {ready}
      </Tile>
      <Tile label={t('supervisor.tile.busy')}>{busy}</Tile>
      <Tile label={t('supervisor.tile.missing')} tone={missing > 0 ? 'danger' : undefined}>
        {missing}
      </Tile>
    </section>
  );
}

interface TileProps {
  readonly label: string;
  readonly tone?: 'ring' | 'ready' | 'danger' | undefined;
  readonly children: ReactNode;
}

function Tile({ label, tone, children }: TileProps) {
  return (
    <div className={classes.tile} data-tone={tone}>
      <span>{label}</span>
      <b className="num">{children}</b>
    </div>
  );
}

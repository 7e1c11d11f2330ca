import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { type FailureCode, failureCode } from '../net/problem.ts';
import { useStableOrder } from '../workspace/use-stable-order.ts';
import classes from './agent-grid.module.css';
import { AgentLine } from './agent-line.tsx';
import type { AgentRow, AgentState, StateCounts } from './agent-states.ts';
import panels from './panel.module.css';
import { StateFilter } from './state-filter.tsx';
import { StatusWindow } from './status-window.tsx';
import { boardQueries } from './use-board.ts';
import { useRows } from './use-rows.ts';

interface AgentGridProps {
  readonly agents: readonly AgentRow[];
  readonly staff: StateCounts;
  /** Points of conversations that one agent has at once. */
  readonly capacity: number;
}

/** Who is where, for how long, and with whom; those in trouble first. */
export function AgentGrid({ agents, staff, capacity }: AgentGridProps) {
  const { t } = useLanguage();
  const panel = useRef<HTMLElement>(null);
  const [only, setOnly] = useState<AgentState | null>(null);
  const steady = useStableOrder(agents, panel);
  const shown = useMemo(() => (only === null ? steady : steady.filter(({ state }) => state === only)), [steady, only]);
  const keys = useMemo(() => shown.map(({ agent }) => String(agent.id)), [shown]);
  const rows = useRows(keys);
  const { act, failure } = useActions();
  return (
    <section ref={panel} className={panels.panel} data-block="3" aria-labelledby="block-agents">
      <header className={classes.head}>
        <h2 id="block-agents">{t('supervisor.agents')}</h2>
        <StateFilter counts={staff} only={only} onChange={setOnly} />
      </header>
      <StatusWindow
        onChoose={(agent, body) =>
          act(agent.id, () => call('PUT /api/v1/agents/:id/presence', { params: { id: agent.id }, body }))
        }
      >
        {(show) => (
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('supervisor.name')}</th>
                <th scope="col">{t('supervisor.state')}</th>
                <th scope="col">{t('supervisor.since')}</th>
                <th scope="col">{t('supervisor.inHand')}</th>
                <th scope="col" title={t('metric.conversations')}>
                  {t('supervisor.conversations')}
                </th>
                <th scope="col" title={t('metric.talks')}>
                  {t('supervisor.talks')}
                </th>
                <th scope="col" title={t('metric.aht')}>
                  {t('supervisor.aht')}
                </th>
                <th scope="col" title={t('metric.phantom')}>
                  {t('supervisor.phantom')}
                </th>
                <th scope="col">{t('supervisor.actions')}</th>
              </tr>
            </thead>
            <tbody {...rows.container}>
              {shown.map(({ agent, state, day }, index) => (
                <AgentLine
                  key={agent.id}
                  agent={agent}
                  state={state}
                  day={day}
                  capacity={capacity}
                  isFirst={shown[index - 1]?.state !== state}
                  current={rows.current === String(agent.id)}
                  opened={rows.opened.has(String(agent.id))}
                  failure={failure?.agentId === agent.id ? failure.code : undefined}
                  act={act}
                  onStatus={show}
                />
              ))}
            </tbody>
          </table>
        )}
      </StatusWindow>
      {agents.length === 0 ? <p className={panels.empty}>{t('supervisor.noAgents')}</p> : null}
    </section>
  );
}

interface ActionFailure {
  readonly agentId: number;
  readonly code: FailureCode;
}

/** Runs what is done for an agent, keeps the last failure, and reads the agents again. */
function useActions() {
  const client = useQueryClient();
  const [failure, setFailure] = useState<ActionFailure>();
  const act = useCallback(
    async (agentId: number, operation: () => Promise<unknown>) => {
      setFailure(undefined);
      await operation().catch((error: unknown) => setFailure({ agentId, code: failureCode(error) }));
      await client.invalidateQueries({ queryKey: boardQueries.agents });
    },
    [client],
  );
  return { act, failure };
}

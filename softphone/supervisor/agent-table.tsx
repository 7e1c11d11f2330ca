import { CircleCheck, CirclePause, ClipboardPen, type LucideIcon, PhoneCall, PhoneIncoming } from 'lucide-react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Timer } from '../workspace/timer.tsx';
import { useReasons } from '../workspace/use-reasons.ts';
import { statusText } from '../workspace/wording.ts';
import { AgentActions } from './agent-actions.tsx';
import classes from './supervisor-page.module.css';

const busyIcons: Record<NonNullable<AgentListItem['busy']>, LucideIcon> = {
  ringing: PhoneIncoming,
  on_call: PhoneCall,
  wrap_up: ClipboardPen,
};

/** Who is where, and for how long. Those who should be there and are not stand out in words. */
export function AgentTable({ agents }: { readonly agents: readonly AgentListItem[] }) {
  const { t } = useLanguage();
  return (
    <section className={classes.panel} aria-label={t('supervisor.agents')}>
      <h2>{t('supervisor.agents')}</h2>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('supervisor.name')}</th>
            <th scope="col">{t('supervisor.state')}</th>
            <th scope="col">{t('supervisor.since')}</th>
            <th scope="col">{t('supervisor.phone')}</th>
            <th scope="col">{t('supervisor.shift')}</th>
            <th scope="col">{t('supervisor.actions')}</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentRow key={agent.id} agent={agent} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function AgentRow({ agent }: { readonly agent: AgentListItem }) {
  const { t } = useLanguage();
  const { nameOf } = useReasons();
  const ready = agent.status === 'available';
  const Icon = agent.busy === null ? (ready ? CircleCheck : CirclePause) : busyIcons[agent.busy];
  const tone = agent.busy ?? agent.status;
  return (
    <tr data-testid={`agent-${agent.id}`} data-tone={tone}>
      <th scope="row">
        {agent.name} {agent.role === 'agent' ? null : <small>{t(`role.${agent.role}`)}</small>}
      </th>
      <td className={classes.agentState} data-tone={tone}>
        <Icon size={15} aria-hidden="true" />
        {agent.busy === null ? statusText(agent, t, nameOf) : t(`busy.${agent.busy}`)}
      </td>
      <td>
        <Timer since={agent.since} />
      </td>
      <td data-bad={agent.onShift && !agent.phone}>
        {agent.phone ? t('supervisor.phoneOn') : t('supervisor.phoneOff')}
      </td>
      <td>{agent.onShift ? t('supervisor.onShift') : t('supervisor.offShift')}</td>
      <td>
        <AgentActions agent={agent} />
      </td>
    </tr>
  );
}

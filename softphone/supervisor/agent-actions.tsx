import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ClipboardCheck, Ear, EarOff } from 'lucide-react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { usePhoneStore, useWorkspaceStore } from '../state/stores.ts';
import { useReasons } from '../workspace/use-reasons.ts';
import classes from './supervisor-page.module.css';

/** What a supervisor may do for one agent: hear his call, end a wrap-up that is stuck, set his status. */
export function AgentActions({ agent }: { readonly agent: AgentListItem }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (operation: () => Promise<unknown>) => operation(),
    onSettled: () => client.invalidateQueries({ queryKey: ['agents'] }),
  });
  const params = { id: agent.interactionId ?? '' };
  return (
    <span className={classes.actions}>
      <Listening agent={agent} act={act.mutate} />
      {agent.busy === 'wrap_up' && agent.interactionId ? (
        <button
          type="button"
          aria-label={t('supervisor.finish.of', { name: agent.name })}
          onClick={() => act.mutate(() => call('POST /api/v1/interactions/:id/finish', { params, body: {} }))}
          data-testid={`finish-${agent.id}`}
        >
          <ClipboardCheck size={14} aria-hidden="true" /> {t('supervisor.finish')}
        </button>
      ) : null}
      <StatusChoice
        agent={agent}
        onChoose={(body) =>
          act.mutate(() => call('PUT /api/v1/agents/:id/presence', { params: { id: agent.id }, body }))
        }
      />
      {act.error === null ? null : <span role="alert">{t(`failure.${failureCode(act.error)}`)}</span>}
    </span>
  );
}

interface ListeningProps {
  readonly agent: AgentListItem;
  readonly act: (operation: () => Promise<unknown>) => void;
}

function Listening({ agent, act }: ListeningProps) {
  const { t } = useLanguage();
  const listeningTo = usePhoneStore((phone) => phone.listeningTo);
  const myId = useWorkspaceStore((store) => store.state?.me.id);
  const id = agent.interactionId;
  if (agent.busy !== 'on_call' || !id || agent.id === myId) return null;
  const params = { id };
  if (listeningTo === id) {
    return (
      <button
        type="button"
        data-on="true"
        onClick={() => act(() => call('POST /api/v1/interactions/:id/leave', { params }))}
        data-testid={`leave-${agent.id}`}
      >
        <EarOff size={14} aria-hidden="true" /> {t('supervisor.leave')}
      </button>
    );
  }
  return (
    <button
      type="button"
      aria-label={t('supervisor.listen.to', { name: agent.name })}
      onClick={() => act(() => call('POST /api/v1/interactions/:id/listen', { params }))}
      data-testid={`listen-${agent.id}`}
    >
      <Ear size={14} aria-hidden="true" /> {t('supervisor.listen')}
    </button>
  );
}

interface StatusChoiceProps {
  readonly agent: AgentListItem;
  readonly onChoose: (status: { status: 'available' } | { status: 'not_ready'; reason: string }) => void;
}

/** During a contact it becomes the next status. */
function StatusChoice({ agent, onChoose }: StatusChoiceProps) {
  const { t } = useLanguage();
  const { choices } = useReasons();
  return (
    <select
      value=""
      aria-label={t('supervisor.setStatus', { name: agent.name })}
      onChange={({ currentTarget: { value } }) =>
        onChoose(value === 'available' ? { status: 'available' } : { status: 'not_ready', reason: value })
      }
      data-testid={`set-status-${agent.id}`}
    >
      <option value="" disabled>
        {t('supervisor.setStatus.choose')}
      </option>
      <option value="available">{t('status.available')}</option>
      {choices.map(({ code, name }) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

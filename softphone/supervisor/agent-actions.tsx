import { ClipboardCheck, Ear, EarOff, type LucideIcon, UserCog } from 'lucide-react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { usePhoneStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './agent-grid.module.css';

export interface AgentActionsProps {
  readonly agent: AgentListItem;
  /** Reached by Tab: those of the row that is worked in. */
  readonly reachable: boolean;
  /** What went wrong with the last one, in words. */
  readonly failure: string | undefined;
  readonly act: (agentId: number, operation: () => Promise<unknown>) => void;
  readonly onStatus: (agent: AgentListItem, button: HTMLElement) => void;
}

/** What a supervisor may do for one agent: hear his call, end a wrap-up that is stuck, set his status. */
export function AgentActions({ agent, reachable, failure, act, onStatus }: AgentActionsProps) {
  const { t } = useLanguage();
  const listeningTo = usePhoneStore((phone) => phone.listeningTo);
  const myId = useWorkspaceStore((store) => store.state?.me.id);
  const { id, name, busy, interactionId } = agent;
  const params = { id: interactionId ?? '' };
  const listens = interactionId !== null && listeningTo === interactionId;
  const canListen = busy === 'on_call' && interactionId !== null && id !== myId;
  const canFinish = busy === 'wrap_up' && interactionId !== null;
  const shared = { reachable, describedBy: failure === undefined ? undefined : `failure-${id}` };
  return (
    <span className={classes.actions}>
      {listens ? (
        <Action
          {...shared}
          icon={EarOff}
          name="listen"
          label={t('supervisor.leave.of', { name })}
          hint={`${t('supervisor.leave')} (L)`}
          pressed
          onPress={() => act(id, () => call('POST /api/v1/interactions/:id/leave', { params }))}
          testId={`leave-${id}`}
        />
      ) : (
        <Action
          {...shared}
          icon={Ear}
          name="listen"
          label={t('supervisor.listen.to', { name })}
          hint={`${t('supervisor.listen')} (L)`}
          disabled={!canListen}
          onPress={() => act(id, () => call('POST /api/v1/interactions/:id/listen', { params }))}
          testId={`listen-${id}`}
        />
      )}
      <Action
        {...shared}
        icon={UserCog}
        name="status"
        label={t('supervisor.setStatus', { name })}
        hint={`${t('boardKey.status')} (S)`}
        onPress={(button) => onStatus(agent, button)}
        testId={`set-status-${id}`}
      />
      <Action
        {...shared}
        icon={ClipboardCheck}
        name="finish"
        label={t('supervisor.finish.of', { name })}
        hint={`${t('supervisor.finish')} (F)`}
        disabled={!canFinish}
        onPress={() => act(id, () => call('POST /api/v1/interactions/:id/finish', { params, body: {} }))}
        testId={`finish-${id}`}
      />
      {failure === undefined ? null : (
        <small id={`failure-${id}`} className={classes.failure}>
          {failure}
        </small>
      )}
    </span>
  );
}

interface ActionProps {
  readonly icon: LucideIcon;
  /** Of the key that presses it. */
  readonly name: 'listen' | 'status' | 'finish';
  readonly label: string;
  readonly hint: string;
  readonly reachable: boolean;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly describedBy: string | undefined;
  readonly onPress: (button: HTMLElement) => void;
  readonly testId: string;
}

/** A button that keeps its place: what cannot be done now is grey. */
function Action(props: ActionProps) {
  const { icon: Icon, disabled = false, pressed = false } = props;
  return (
    <button
      type="button"
      aria-label={props.label}
      aria-describedby={props.describedBy}
      title={props.hint}
      tabIndex={props.reachable ? 0 : -1}
      disabled={disabled}
      data-on={pressed}
      data-key={props.name}
      onClick={(event) => props.onPress(event.currentTarget)}
      data-testid={props.testId}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}

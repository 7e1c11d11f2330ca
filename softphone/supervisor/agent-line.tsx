import {
  CircleCheck,
  CirclePause,
  ClipboardPen,
  type LucideIcon,
  Moon,
  OctagonAlert,
  PhoneCall,
  PhoneIncoming,
  TriangleAlert,
  UserX,
} from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import type { AgentDay } from '../../server/contract/board.ts';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import { duration, phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { FailureCode } from '../net/problem.ts';
import { clientPath } from '../routes.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { useNow } from '../workspace/use-now.ts';
import { useReasons } from '../workspace/use-reasons.ts';
import { statusText } from '../workspace/wording.ts';
import { AgentActions, type AgentActionsProps } from './agent-actions.tsx';
import classes from './agent-grid.module.css';
import { type AgentState, stateLevel } from './agent-states.ts';
import { countReading, meanReading, NO_FIGURE } from './metrics.ts';
import { Figure } from './passport.tsx';

interface AgentLineProps extends Pick<AgentActionsProps, 'act' | 'onStatus'> {
  readonly agent: AgentListItem;
  readonly state: AgentState;
  readonly day: AgentDay | null;
  /** Points of conversations that one agent has at once. */
  readonly capacity: number;
  /** First of its state: a line is drawn above it. */
  readonly isFirst: boolean;
  readonly current: boolean;
  readonly opened: boolean;
  readonly failure: FailureCode | undefined;
}

/** One agent. Drawn again only when something of him is different: there may be hundreds. */
export const AgentLine = memo(function AgentLine(props: AgentLineProps) {
  const { t } = useLanguage();
  const { agent, state, day, capacity, current, failure } = props;
  return (
    <>
      <tr
        className={classes.row}
        tabIndex={current ? 0 : -1}
        data-row={agent.id}
        data-state={state}
        data-first={props.isFirst}
        data-testid={`agent-${agent.id}`}
      >
        <th scope="row" title={agent.name}>
          {agent.name} {agent.role === 'agent' ? null : <small>{t(`role.${agent.role}`)}</small>}
        </th>
        <td>
          <StateCell agent={agent} state={state} />
        </td>
        <td>
          <SinceCell agent={agent} state={state} />
        </td>
        <td className={classes.inHand}>
          <InHand agent={agent} state={state} reachable={current} />
        </td>
        <DayCells day={day} capacity={capacity} name={agent.name} reachable={current} />
        <td>
          <AgentActions
            agent={agent}
            reachable={current}
            failure={failure === undefined ? undefined : t(`failure.${failure}`)}
            act={props.act}
            onStatus={props.onStatus}
          />
        </td>
      </tr>
      {props.opened ? <AgentDetails agent={agent} day={day} /> : null}
    </>
  );
});

/** What the row has no room for, in words. */
function AgentDetails({ agent, day }: Pick<AgentLineProps, 'agent' | 'day'>) {
  const { t } = useLanguage();
  const facts = [
    t('supervisor.agent.rings', { rings: day?.rings ?? 0, taken: day?.ringsTaken ?? 0 }),
    t('supervisor.agent.talkTime', { time: duration(day?.talkMs ?? 0) }),
    t('supervisor.agent.wrapUpTime', { time: duration(day?.wrapUpMs ?? 0) }),
    agent.phone ? t('supervisor.agent.phone') : t('supervisor.noPhone'),
    agent.onShift ? t('supervisor.agent.onShift') : t('supervisor.agent.offShift'),
  ];
  return (
    <tr className={classes.details} data-details={agent.id}>
      <td colSpan={9}>{facts.join(' · ')}</td>
    </tr>
  );
}

const stateIcons: Record<AgentState, LucideIcon> = {
  missing: UserX,
  not_ready: CirclePause,
  wrap_up: ClipboardPen,
  ringing: PhoneIncoming,
  on_call: PhoneCall,
  available: CircleCheck,
  off: Moon,
};

/** What he does; when he is not ready, why. */
function StateCell({ agent, state }: { readonly agent: AgentListItem; readonly state: AgentState }) {
  const { t } = useLanguage();
  const { nameOf } = useReasons();
  const Icon = stateIcons[state];
  const text = state === 'not_ready' ? statusText(agent, t, nameOf) : t(`agentState.${state}`);
  return (
    <span className={classes.state} data-state={state} title={text}>
      <Icon size={15} aria-hidden="true" /> {text}
    </span>
  );
}

/** For how long; a time that is too long is said by colour, shape and word. */
function SinceCell({ agent, state }: { readonly agent: AgentListItem; readonly state: AgentState }) {
  const { t } = useLanguage();
  const ms = useNow() - Date.parse(agent.since);
  if (state === 'off') return null;
  const level = stateLevel(state, agent.reason, ms);
  const Sign = level === 'trouble' ? OctagonAlert : TriangleAlert;
  return (
    <span className={classes.since} data-level={level}>
      <b className="num">{duration(ms)}</b>
      {level === 'calm' ? null : (
        <em>
          <Sign size={13} aria-hidden="true" /> {t(`stateLevel.${level}`)}
        </em>
      )}
    </span>
  );
}

/** With whom he talks, for which queue, who listens, and what comes next; or why he is missed. */
function InHand({
  agent,
  state,
  reachable,
}: Pick<AgentLineProps, 'agent' | 'state'> & { readonly reachable: boolean }) {
  const { t } = useLanguage();
  const details = useDetails(agent);
  const { inHand } = agent;
  if (state === 'missing') {
    return <small>{agent.reason === 'signed_in' ? t('supervisor.notStarted') : t('supervisor.noPhone')}</small>;
  }
  if (inHand === null) return null;
  const text = details.join(' · ');
  return (
    <>
      <Link href={clientPath(inHand.client.id)} tabIndex={reachable ? 0 : -1}>
        {inHand.client.name || phoneNumber(inHand.peer)}
      </Link>
      <small title={text} data-testid={`in-hand-${agent.id}`}>
        {text}
      </small>
    </>
  );
}

/** The rarest first: the end of the line may be cut off. */
function useDetails({ inHand, nextStatus, nextReason }: AgentListItem): string[] {
  const { t } = useLanguage();
  const { nameOf } = useReasons();
  const myId = useWorkspaceStore((store) => store.state?.me.id);
  if (inHand === null) return [];
  const listeners = inHand.listeners.map(({ id, name }) => (id === myId ? t('supervisor.you') : name));
  const next = nextStatus === null ? '' : statusText({ status: nextStatus, reason: nextReason }, t, nameOf);
  return [
    inHand.state === 'held' ? t('supervisor.onHold') : '',
    listeners.length === 0 ? '' : t('supervisor.listenedBy', { names: listeners.join(', ') }),
    next === '' ? '' : t('supervisor.then', { status: next.toLowerCase() }),
    inHand.direction === 'out' ? t('supervisor.outgoing') : inHand.queueName,
  ].filter((part) => part !== '');
}

interface DayCellsProps {
  readonly day: AgentDay | null;
  readonly capacity: number;
  readonly name: string;
  readonly reachable: boolean;
}

/** His day in figures. */
function DayCells({ day, capacity, name, reachable }: DayCellsProps) {
  const { t, language } = useLanguage();
  const talks = day?.talks ?? 0;
  const phantom = day?.phantomRings ?? 0;
  const shared = { scope: name, reachable };
  return (
    <>
      <td className={classes.number}>
        <Figure
          {...shared}
          reading={countReading(
            'conversations',
            day?.conversations ?? 0,
            t('supervisor.points', { points: day?.points ?? 0, capacity }),
          )}
        />
      </td>
      <td className={classes.number}>
        <Figure {...shared} reading={countReading('talks', talks)} />
      </td>
      <td className={classes.number}>
        <Figure {...shared} reading={meanReading('aht', (day?.talkMs ?? 0) + (day?.wrapUpMs ?? 0), talks, language)} />
      </td>
      <td className={classes.number} data-bad={phantom > 0}>
        <Figure
          {...shared}
          reading={{
            metric: 'phantom',
            text: day === null || day.rings === 0 ? NO_FIGURE : String(phantom),
            fraction: `${phantom} / ${day?.rings ?? 0}`,
          }}
        />
      </td>
    </>
  );
}

import {
  ChevronDown,
  ChevronRight,
  type LucideIcon,
  MessageSquare,
  OctagonAlert,
  Phone,
  PhoneForwarded,
  PhoneMissed,
  TriangleAlert,
  Voicemail,
} from 'lucide-react';
import { useRef } from 'react';
import { Link, useLocation } from 'wouter';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import type { OwedRow } from '../../server/contract/tasks-schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { callPath, clientPath } from '../routes.ts';
import { timeLeft } from '../workspace/time-words.ts';
import { useNow } from '../workspace/use-now.ts';
import { OwedActions } from './owed-actions.tsx';
import classes from './owed-panel.module.css';

const kindIcons: Record<OwedRow['kind'], LucideIcon> = {
  missed: PhoneMissed,
  voicemail: Voicemail,
  callback: PhoneForwarded,
  message: MessageSquare,
};

interface OwedLineProps {
  readonly row: OwedRow;
  readonly agents: readonly AgentListItem[];
  readonly current: boolean;
  readonly opened: boolean;
  readonly onToggle: (key: string) => void;
}

/** Whom we owe what, until when, and whose he is; it opens to what can be done about it. */
export function OwedLine({ row, agents, current, opened, onToggle }: OwedLineProps) {
  const { t } = useLanguage();
  const key = String(row.id);
  const name = row.client.name || phoneNumber(row.number) || row.lineName;
  const Icon = kindIcons[row.kind];
  const Chevron = opened ? ChevronDown : ChevronRight;
  const line = useRef<HTMLDivElement>(null);
  function done(): void {
    onToggle(key);
    line.current?.focus();
  }
  const isCalled = row.channels.includes('call');
  const facts = [
    t(`owed.${row.kind}`),
    row.channels.map((channel) => t(`supervisor.owed.channel.${channel}`)).join(', '),
    row.times > 1 && isCalled && row.channels.length === 1 ? t('work.owed.times', { count: row.times }) : '',
    row.client.name === '' || row.number === '' ? '' : phoneNumber(row.number),
  ].filter((fact) => fact !== '');
  return (
    <li>
      <div ref={line} className={classes.row} tabIndex={current ? 0 : -1} data-row={key} data-testid={`owed-${row.id}`}>
        <button
          type="button"
          tabIndex={-1}
          className={classes.chevron}
          aria-expanded={opened}
          aria-label={t('supervisor.owed.open', { name })}
          onClick={() => onToggle(key)}
        >
          <Chevron size={15} aria-hidden="true" />
        </button>
        <Icon size={16} aria-hidden="true" className={classes.kind} />
        <Link href={clientPath(row.client.id)} tabIndex={current ? 0 : -1}>
          {name}
        </Link>
        <span className={classes.owner} data-none={row.owner === null} data-testid={`owner-${row.id}`}>
          {row.owner?.name ?? t('supervisor.owed.nobody')}
        </span>
        {row.number === '' ? <span /> : <CallButton row={row} name={name} reachable={current} />}
        <small title={row.lineName}>
          <TimeLeft dueAt={row.dueAt} />
          {facts.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </small>
      </div>
      {opened ? <OwedActions row={row} agents={agents} onDone={done} /> : null}
    </li>
  );
}

/** Said in words; the sign and the colour go with them. */
function TimeLeft({ dueAt }: { readonly dueAt: string }) {
  const { t } = useLanguage();
  const left = timeLeft(dueAt, useNow(), t);
  return (
    <b className={classes.left} data-tone={left.tone}>
      {left.tone === 'late' ? <OctagonAlert size={13} aria-hidden="true" /> : null}
      {left.tone === 'soon' ? <TriangleAlert size={13} aria-hidden="true" /> : null} {left.text}
    </b>
  );
}

function CallButton(props: { readonly row: OwedRow; readonly name: string; readonly reachable: boolean }) {
  const { t } = useLanguage();
  const { commands } = useDeskTools();
  const [, navigate] = useLocation();
  const { row } = props;
  const label = t('owed.call', { name: props.name });
  async function dial(): Promise<void> {
    const made = await commands.dial(row.number, row.client.id);
    if (made !== undefined) navigate(callPath(made.id));
  }
  return (
    <button
      type="button"
      className={classes.call}
      aria-label={label}
      title={label}
      tabIndex={props.reachable ? 0 : -1}
      onClick={() => void dial()}
      data-testid={`owed-call-${row.client.id}`}
    >
      <Phone size={15} aria-hidden="true" />
    </button>
  );
}

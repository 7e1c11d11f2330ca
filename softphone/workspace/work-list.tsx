import {
  AlarmClock,
  Check,
  ClipboardPen,
  ListTodo,
  type LucideIcon,
  MessageSquare,
  Pause,
  Phone,
  PhoneCall,
  PhoneForwarded,
  PhoneIncoming,
  PhoneMissed,
  PhoneOutgoing,
  RefreshCw,
  Voicemail,
} from 'lucide-react';
import { useMemo, useRef } from 'react';
import { Link } from 'wouter';
import type { InteractionView, OwedClient } from '../../server/contract/schemas.ts';
import type { TaskView } from '../../server/contract/tasks-schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { ago, dayAndTime, phoneNumber } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { waitingFor } from '../state/conversation-list.ts';
import { useConversations } from '../state/conversations.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { forToday } from '../state/task-list.ts';
import { finishTask, useTasks } from '../state/tasks.ts';
import { WaitingRow } from './messages/waiting-row.tsx';
import { owedText, type TimeText, taskTime, taskTitle, timeLeft } from './time-words.ts';
import { Timer } from './timer.tsx';
import { useInteractionName } from './use-card.ts';
import { useNow } from './use-now.ts';
import type { Open } from './use-open.ts';
import { useStableOrder } from './use-stable-order.ts';
import { type WorkItem, workItems } from './work-items.ts';
import classes from './work-list.module.css';

const noItems: readonly WorkItem[] = [];

const MINUTE_MS = 60_000;

const clientOf = (item: WorkItem): number | undefined =>
  item.section === 'owed' ? item.owed.client.id : item.section === 'later' ? item.task.client?.id : undefined;

function isShown(item: WorkItem, open: Open): boolean {
  if ('interaction' in item) return item.interaction.id === open.interaction?.id;
  if (item.section === 'waiting') return item.conversation.id === open.conversationId;
  return clientOf(item) !== undefined && clientOf(item) === open.clientId && open.conversationId === undefined;
}

/** The left column: what is live, what rings, who waits for an answer, whom we owe, what is for later, always in this order. */
export function WorkList({ open }: { readonly open: Open }) {
  const { t } = useLanguage();
  const state = useWorkspaceStore((store) => store.state);
  const column = useRef<HTMLElement>(null);
  const tasks = useTasks((store) => store.tasks);
  const minute = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const held = useConversations((store) => store.held);
  const fresh = useMemo(() => {
    if (state === null) return noItems;
    return workItems(state, { conversations: waitingFor(held, state.me.id), tasks: forToday(tasks, minute) });
  }, [state, held, tasks, minute]);
  const items = useStableOrder(fresh, column);
  const inSection = (section: WorkItem['section']) => items.filter((item) => item.section === section);
  const rows = (section: WorkItem['section']) =>
    inSection(section).map((item) => <Row key={item.key} item={item} isOpen={isShown(item, open)} />);
  const offered = rows('offered');
  return (
    <nav ref={column} className={classes.column} aria-label={t('work.label')}>
      <Section title="work.live" empty="work.live.none" rows={rows('live')} />
      {offered.length === 0 ? null : <Section title="work.offered" rows={offered} />}
      <Section title="work.waiting" empty="work.waiting.none" rows={rows('waiting')} count />
      <Section title="work.owed" empty="work.owed.none" rows={rows('owed')} count />
      <Section title="work.later" empty="work.later.none" rows={rows('later')} count />
    </nav>
  );
}

interface SectionProps {
  readonly title: MessageKey & `work.${string}`;
  readonly empty?: 'work.live.none' | 'work.waiting.none' | 'work.owed.none' | 'work.later.none';
  readonly rows: readonly React.ReactNode[];
  readonly count?: boolean;
}

function Section({ title, empty, rows, count = false }: SectionProps) {
  const { t } = useLanguage();
  const heading = title as 'work.live';
  return (
    <section className={classes.section} aria-label={t(heading)}>
      <h2>
        {t(heading)}
        {count && rows.length > 0 ? <span className="num">{rows.length}</span> : null}
      </h2>
      {rows.length > 0 ? <ul>{rows}</ul> : empty === undefined ? null : <p>{t(empty)}</p>}
    </section>
  );
}

function Row({ item, isOpen }: { readonly item: WorkItem; readonly isOpen: boolean }) {
  const testId = item.section === 'offered' ? `offer-${item.interaction.id}` : `work-${item.key}`;
  return (
    <li className={classes.place}>
      <Link
        href={item.path}
        className={classes.row}
        data-section={item.section}
        aria-current={isOpen ? 'true' : undefined}
        data-testid={testId}
      >
        {item.section === 'owed' ? (
          <OwedRow owed={item.owed} />
        ) : item.section === 'waiting' ? (
          <WaitingRow conversation={item.conversation} />
        ) : item.section === 'later' ? (
          <TaskRow task={item.task} />
        ) : (
          <CallRow interaction={item.interaction} />
        )}
      </Link>
      {item.section === 'owed' && item.owed.number !== '' ? <CallOwed owed={item.owed} /> : null}
      {item.section === 'later' ? <DoneButton task={item.task} /> : null}
    </li>
  );
}

const icons: Partial<Record<InteractionView['state'], LucideIcon>> = {
  offered: PhoneIncoming,
  dialing: PhoneOutgoing,
  active: PhoneCall,
  held: Pause,
  reconnecting: RefreshCw,
  wrap_up: ClipboardPen,
};

const owedIcons: Record<NonNullable<OwedClient['kind']>, LucideIcon> = {
  missed: PhoneMissed,
  voicemail: Voicemail,
  callback: PhoneForwarded,
  message: MessageSquare,
};

const taskIcons: Record<TaskView['kind'], LucideIcon> = {
  task: ListTodo,
  callback: PhoneForwarded,
  promise: AlarmClock,
};

function CallRow({ interaction }: { readonly interaction: InteractionView }) {
  const { t } = useLanguage();
  const now = useNow();
  const name = useInteractionName(interaction);
  const Icon = icons[interaction.state] ?? PhoneCall;
  const offer = interaction.state === 'offered' ? interaction.offer : null;
  const secondsLeft = offer === null ? 0 : Math.max(0, Math.ceil((Date.parse(offer.expiresAt) - now) / 1000));
  return (
    <>
      <Icon size={16} aria-hidden="true" className={classes.icon} data-state={interaction.state} />
      <span className={classes.name}>{name}</span>
      <span className={classes.time}>
        {interaction.state === 'wrap_up' && interaction.wrapUpUntil !== null ? (
          <Timer until={interaction.wrapUpUntil} />
        ) : offer === null ? (
          <Timer since={interaction.stateSince} />
        ) : null}
      </span>
      <span className={classes.detail}>
        {offer === null ? t(`state.${interaction.state}`) : t('work.secondsLeft', { seconds: secondsLeft })}
        {interaction.queue === null ? '' : ` · ${interaction.queue.name}`}
      </span>
    </>
  );
}

/** What is owed, how often it was asked for, and the time left; without a time, when it was. */
function OwedRow({ owed }: { readonly owed: OwedClient }) {
  const { t, language } = useLanguage();
  const now = useNow();
  const Icon = owedIcons[owed.kind ?? 'missed'];
  const left: TimeText =
    owed.dueAt === undefined ? { tone: 'calm', text: ago(owed.missedAt, now, language) } : timeLeft(owed.dueAt, now, t);
  return (
    <>
      <Icon size={16} aria-hidden="true" className={classes.icon} data-state="owed" />
      <span className={classes.name}>{owed.client.name || phoneNumber(owed.number)}</span>
      <span className={classes.detail} title={`${left.text} · ${owedText(owed, t)}`}>
        <b data-tone={left.tone}>{left.text}</b> · {owedText(owed, t)}
      </span>
    </>
  );
}

function CallOwed({ owed }: { readonly owed: OwedClient }) {
  const { t } = useLanguage();
  const { commands } = useDeskTools();
  const label = t('owed.call', { name: owed.client.name || phoneNumber(owed.number) });
  return (
    <button
      type="button"
      className={classes.action}
      aria-label={label}
      title={label}
      onClick={() => void commands.dial(owed.number, owed.client.id)}
      data-testid={`owed-call-${owed.client.id}`}
    >
      <Phone size={15} aria-hidden="true" />
    </button>
  );
}

function TaskRow({ task }: { readonly task: TaskView }) {
  const { t, language } = useLanguage();
  const now = useNow();
  const Icon = taskIcons[task.kind];
  const time = taskTime(task, now, t);
  return (
    <>
      <Icon size={16} aria-hidden="true" className={classes.icon} />
      <span className={classes.name}>{taskTitle(task, t)}</span>
      <span className={`${classes.time} num`}>{dayAndTime(task.dueAt, now, language)}</span>
      <span className={classes.detail}>
        {time.text === '' ? null : <b data-tone={time.tone}>{time.text} · </b>}
        {task.client === null ? t(`task.of.${task.kind}`) : task.client.name || phoneNumber(task.number)}
      </span>
    </>
  );
}

function DoneButton({ task }: { readonly task: TaskView }) {
  const { t } = useLanguage();
  const label = t('task.done.of', { title: taskTitle(task, t) });
  return (
    <button
      type="button"
      className={classes.action}
      aria-label={label}
      title={label}
      onClick={() => void finishTask(task.id)}
      data-testid={`task-done-${task.id}`}
    >
      <Check size={15} aria-hidden="true" />
    </button>
  );
}

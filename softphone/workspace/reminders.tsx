import { AlarmClock, Check, Phone, X } from 'lucide-react';
import { Link } from 'wouter';
import type { TaskView } from '../../server/contract/tasks-schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { dayAndTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { clientPath } from '../routes.ts';
import { dueTasks } from '../state/task-list.ts';
import { finishTask, hideReminder, snoozeTask, useTasks } from '../state/tasks.ts';
import classes from './task-form.module.css';
import { taskTitle } from './time-words.ts';

const snoozes = [5, 15, 60] as const;
/** More would push the card off the screen; the rest is in the work list. */
const SHOWN = 2;

/** Tasks whose time has come, until each is done, put off or put away. They are in the work list as well. */
export function Reminders() {
  const { t } = useLanguage();
  const tasks = useTasks((store) => store.tasks);
  const hidden = useTasks((store) => store.hidden);
  const shown = dueTasks(tasks)
    .filter((task) => !hidden.has(task.id))
    .slice(-SHOWN);
  if (shown.length === 0) return null;
  return (
    <ul className={classes.reminders} aria-label={t('task.due.title')}>
      {shown.map((task) => (
        <Reminder key={task.id} task={task} />
      ))}
    </ul>
  );
}

function Reminder({ task }: { readonly task: TaskView }) {
  const { t, language } = useLanguage();
  const { commands } = useDeskTools();
  const { client } = task;
  const details = [
    `${t(`task.of.${task.kind}`)}, ${dayAndTime(task.dueAt, Date.now(), language)}`,
    task.handedOver === null ? '' : t('task.due.handedOver', { name: task.handedOver.from.name }),
    task.note,
  ];
  return (
    <li className={classes.reminder} data-testid={`reminder-${task.id}`}>
      <AlarmClock size={18} aria-hidden="true" />
      <span className={classes.what}>
        <b>{taskTitle(task, t)}</b>{' '}
        {client === null ? null : <Link href={clientPath(client.id)}>{client.name || t('pop.noName')}</Link>}
        <br />
        <small>{details.filter((part) => part !== '').join(' · ')}</small>
      </span>
      <span className={classes.actions}>
        {task.number === '' ? null : (
          <button
            type="button"
            onClick={() => void commands.dial(task.number, client?.id)}
            data-testid={`reminder-call-${task.id}`}
          >
            <Phone size={14} aria-hidden="true" /> {t('task.call')}
          </button>
        )}
        <button type="button" onClick={() => void finishTask(task.id)} data-testid={`reminder-done-${task.id}`}>
          <Check size={14} aria-hidden="true" /> {t('task.done')}
        </button>
        <SnoozeChoice task={task} />
        <button type="button" aria-label={t('task.hide')} title={t('task.hide')} onClick={() => hideReminder(task.id)}>
          <X size={14} aria-hidden="true" />
        </button>
      </span>
    </li>
  );
}

function SnoozeChoice({ task }: { readonly task: TaskView }) {
  const { t } = useLanguage();
  return (
    <span className={classes.actions}>
      <small>{t('task.snooze')}</small>
      {snoozes.map((minutes) => (
        <button
          key={minutes}
          type="button"
          onClick={() => void snoozeTask(task.id, minutes)}
          data-testid={`reminder-snooze-${minutes}-${task.id}`}
        >
          {t('task.snooze.minutes', { count: minutes })}
        </button>
      ))}
    </span>
  );
}

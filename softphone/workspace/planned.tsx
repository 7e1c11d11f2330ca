import { useQuery } from '@tanstack/react-query';
import { Check, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import type { TaskView } from '../../server/contract/tasks-schemas.ts';
import { dayAndTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { finishTask, useTasks } from '../state/tasks.ts';
import classes from './task-form.module.css';
import { taskTime, taskTitle } from './time-words.ts';
import { useNow } from './use-now.ts';

const MINUTE_MS = 60_000;

interface PlannedProps {
  readonly client: { readonly id: number; readonly name: string };
  /** Shown when nothing is planned. */
  readonly nothing: ReactNode;
}

/** What is planned with this client, by whomever, and the way to plan more. */
export function Planned({ client, nothing }: PlannedProps) {
  const { t } = useLanguage();
  const items = usePlanned(client.id);
  const plan = (): void =>
    useTasks.setState({
      draft: { kind: 'callback', client: { id: client.id, name: client.name }, interactionId: null },
    });
  return (
    <>
      {items.length === 0 ? (
        nothing
      ) : (
        <ul className={classes.planned}>
          {items.map((task) => (
            <PlannedTask key={task.id} task={task} />
          ))}
        </ul>
      )}
      <span className={classes.actions}>
        <button type="button" onClick={plan} data-testid="card-plan">
          <Plus size={14} aria-hidden="true" /> {t('task.add')}
        </button>
      </span>
    </>
  );
}

/** The same on its own, for the history's filter. */
export function PlannedList({ clientId }: { readonly clientId: number }) {
  const { t } = useLanguage();
  const items = usePlanned(clientId);
  if (items.length === 0) return <p className={classes.nothing}>{t('work.later.none')}</p>;
  return (
    <ul className={classes.planned} data-alone="true">
      {items.map((task) => (
        <PlannedTask key={task.id} task={task} />
      ))}
    </ul>
  );
}

/** Fetched again whenever a task of mine changes; those of colleagues when the card is opened. */
function usePlanned(clientId: number): readonly TaskView[] {
  const mine = useTasks((store) => store.tasks);
  const version = mine.filter((task) => task.client?.id === clientId).map((task) => `${task.id}.${task.version}`);
  const { data } = useQuery({
    queryKey: ['planned', clientId, ...version],
    placeholderData: (before) => before,
    queryFn: () => call('GET /api/v1/clients/:id/tasks', { params: { id: clientId }, querystring: { state: 'open' } }),
  });
  return (data?.items ?? []).filter((task) => task.client?.id === clientId);
}

function PlannedTask({ task }: { readonly task: TaskView }) {
  const { t, language } = useLanguage();
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const time = taskTime(task, now, t);
  const words = [t(`task.of.${task.kind}`), dayAndTime(task.dueAt, now, language), time.text, task.assignee.name];
  return (
    <li data-testid={`planned-${task.id}`}>
      <span>
        <b>{taskTitle(task, t)}</b>
        <br />
        <small data-tone={time.tone}>{words.filter((word) => word !== '').join(' · ')}</small>
      </span>
      <span className={classes.actions}>
        <button
          type="button"
          aria-label={t('task.done.of', { title: taskTitle(task, t) })}
          title={t('task.done')}
          onClick={() => void finishTask(task.id)}
        >
          <Check size={14} aria-hidden="true" />
        </button>
      </span>
    </li>
  );
}

const steps = ['callback', 'task', 'promise'] as const;

/** In wrap-up: what comes next with this client; what was planned in this call is said in words. */
export function NextStep({ interaction }: { readonly interaction: InteractionView }) {
  const { t, language } = useLanguage();
  const draft = useTasks((store) => store.draft);
  const tasks = useTasks((store) => store.tasks);
  const made = tasks.filter((task) => task.interactionId === interaction.id);
  const drafting = draft?.interactionId === interaction.id ? draft.kind : undefined;
  const { id, name } = interaction.client;
  const open = (kind: (typeof steps)[number]): void =>
    useTasks.setState({ draft: { kind, client: { id, name }, interactionId: interaction.id } });
  return (
    <fieldset className={classes.nextStep} aria-label={t('nextStep.label')} data-testid="next-step">
      <span aria-hidden="true">{t('nextStep.label')}</span>
      <span className={classes.kinds}>
        <button
          type="button"
          aria-pressed={drafting === undefined && made.length === 0}
          onClick={() => useTasks.setState({ draft: null })}
        >
          {t('nextStep.none')}
        </button>
        {steps.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={drafting === kind}
            onClick={() => open(kind)}
            data-testid={`next-${kind}`}
          >
            {t(`task.kind.${kind}`)}
          </button>
        ))}
      </span>
      {made.map((task) => (
        <b key={task.id} data-testid="next-made">
          {t(`task.kind.${task.kind}`)}: {dayAndTime(task.dueAt, Date.now(), language)}
        </b>
      ))}
    </fieldset>
  );
}

import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { NewTask } from '../../server/contract/tasks-schemas.ts';
import { type TaskKind, taskKinds } from '../../server/contract/tasks-words.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import { failureCode } from '../net/problem.ts';
import { makeTask, type TaskDraft, useTasks } from '../state/tasks.ts';
import { ShiftCheck } from './shift-check.tsx';
import classes from './task-form.module.css';
import { localInput, quickTimes } from './task-times.ts';

/** A callback, task or promise being made; between the strip and the card, so that a call goes on beside it. */
export function TaskForm() {
  const draft = useTasks((store) => store.draft);
  if (draft === null) return null;
  return <Form key={`${draft.kind}-${draft.client?.id}-${draft.interactionId}`} draft={draft} />;
}

const close = (): void => useTasks.setState({ draft: null });

function Form({ draft }: { readonly draft: TaskDraft }) {
  const { t } = useLanguage();
  const [kind, setKind] = useState<TaskKind>(draft.kind);
  const [at, setAt] = useState(() => localInput(quickTimes(Date.now()).hour));
  const [title, setTitle] = useState('');
  const [assigneeId, setAssigneeId] = useState<number>();
  const [busy, setBusy] = useState(false);
  const dueMs = new Date(at).getTime();
  const dueAt = Number.isNaN(dueMs) ? undefined : new Date(dueMs).toISOString();
  const check = useShiftCheck(dueAt, draft.client?.id, assigneeId);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (dueAt === undefined || busy) return;
    setBusy(true);
    const made = await makeTask(newTask({ kind, dueAt, title, assigneeId, draft }));
    setBusy(false);
    if (made) close();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  }
  return (
    <form
      className={classes.form}
      aria-label={t('task.add')}
      onSubmit={submit}
      onKeyDown={onKeyDown}
      data-testid="task-form"
    >
      <div className={classes.row}>
        <fieldset className={classes.kinds} aria-label={t('task.kind')}>
          {taskKinds.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={kind === one}
              disabled={one !== 'task' && draft.client === null}
              onClick={() => setKind(one)}
              data-testid={`task-kind-${one}`}
            >
              {t(`task.kind.${one}`)}
            </button>
          ))}
        </fieldset>
        <span className={classes.client}>
          {draft.client === null ? t('task.noClient') : t('task.for', { name: draft.client.name || t('pop.noName') })}
        </span>
      </div>
      <div className={classes.row}>
        <TextInput
          type="datetime-local"
          size="xs"
          aria-label={t('task.when')}
          value={at}
          data-autofocus
          autoFocus
          onChange={(event) => setAt(event.currentTarget.value)}
          data-testid="task-when"
        />
        <QuickTimes onChoose={setAt} />
        <TextInput
          className={classes.title ?? ''}
          size="xs"
          aria-label={t('task.title')}
          placeholder={t('task.title.placeholder')}
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-testid="task-title"
        />
        <Button type="submit" size="xs" loading={busy} disabled={dueAt === undefined} data-testid="task-save">
          {t('task.save')}
        </Button>
        <Button size="xs" variant="default" onClick={close} data-testid="task-cancel">
          {t('task.cancel')}
        </Button>
      </div>
      {check.isError ? <p role="alert">{t(`failure.${failureCode(check.error)}`)}</p> : null}
      <ShiftCheck
        check={check.data}
        onTime={(time) => setAt(localInput(Date.parse(time)))}
        onAssignee={setAssigneeId}
      />
    </form>
  );
}

interface Answers {
  readonly kind: TaskKind;
  readonly dueAt: string;
  readonly title: string;
  readonly assigneeId: number | undefined;
  readonly draft: TaskDraft;
}

function newTask({ kind, dueAt, title, assigneeId, draft }: Answers): NewTask {
  return {
    kind,
    dueAt,
    title: title.trim(),
    ...(assigneeId === undefined ? {} : { assigneeId }),
    ...(draft.client === null ? {} : { clientId: draft.client.id }),
    ...(draft.interactionId === null ? {} : { interactionId: draft.interactionId }),
  };
}

function QuickTimes({ onChoose }: { readonly onChoose: (at: string) => void }) {
  const { t } = useLanguage();
  const choose = (name: keyof ReturnType<typeof quickTimes>) => () =>
    onChoose(localInput(quickTimes(Date.now())[name]));
  return (
    <span className={classes.quick}>
      <button type="button" onClick={choose('quarter')} data-testid="task-quick-15">
        {t('task.quick.15')}
      </button>
      <button type="button" onClick={choose('hour')}>
        {t('task.quick.60')}
      </button>
      <button type="button" onClick={choose('tomorrow')} data-testid="task-quick-tomorrow">
        {t('task.quick.tomorrow')}
      </button>
    </span>
  );
}

/** Asked at each change of time: an agent must not promise an hour at which nobody is there to keep it. */
function useShiftCheck(dueAt: string | undefined, clientId: number | undefined, assigneeId: number | undefined) {
  return useQuery({
    queryKey: ['task-check', dueAt, clientId, assigneeId],
    enabled: dueAt !== undefined,
    placeholderData: (before) => before,
    retry: false,
    queryFn: () =>
      call('POST /api/v1/tasks/check', {
        body: {
          dueAt: dueAt ?? '',
          ...(clientId === undefined ? {} : { clientId }),
          ...(assigneeId === undefined ? {} : { assigneeId }),
        },
      }),
  });
}

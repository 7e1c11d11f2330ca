import { Button } from '@mantine/core';
import { useState } from 'react';
import type { CompanySettings, UserSchedule } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { type Editor, useEditor } from '../data/use-editor.ts';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { ExceptionsField } from '../parts/exceptions-field.tsx';
import { CheckField, SelectField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import type { DayException, Weekly } from '../parts/hours.ts';
import { WeeklyField } from '../parts/hours-fields.tsx';
import { ZoneField } from '../parts/place-fields.tsx';
import { localDay } from '../parts/wall-time.ts';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import classes from './shifts.module.css';

interface ScheduleFields {
  readonly timeZone: string;
  readonly weekly: Weekly;
  readonly exceptions: readonly DayException[];
}

const labels = { timeZone: 'field.timeZone', weekly: 'weekly.title', exceptions: 'exceptions.title' } as const;

interface SchedulePanelProps {
  readonly schedule: UserSchedule;
  readonly schedules: readonly UserSchedule[];
  readonly company: CompanySettings;
  /** The day that was pointed at in the week. */
  readonly day: string | undefined;
}

/** The shifts of one person: his week, the days that differ, his time zone. */
export function SchedulePanel({ schedule, schedules, company, day }: SchedulePanelProps) {
  const { say } = useWords();
  const { user, version, canChange } = schedule;
  const title = say('shifts.schedule', { name: user.name });
  const current: ScheduleFields = {
    timeZone: version === 0 && schedule.timeZone === '' ? company.timeZone : schedule.timeZone,
    weekly: schedule.weekly,
    exceptions: schedule.exceptions,
  };
  const editor = useEditor<ScheduleFields>({
    subject: `work_schedule:${user.id}`,
    title,
    path: adminPath('shifts', `user-${user.id}`),
    current,
    version,
    async save({ values, version: base }) {
      const body = { version: base, ...values, exceptions: [...values.exceptions] };
      await call('PUT /api/v1/setup/schedules/:id', { params: { id: user.id }, body });
      recordChange({ did: 'changed', name: title, kind: 'work_schedule', id: user.id });
    },
  });
  const exceptions = (
    <ExceptionsField
      value={editor.values.exceptions}
      onChange={(list) => editor.set({ exceptions: list })}
      onBlock={editor.block}
      today={localDay(Date.now(), editor.values.timeZone)}
      chosenDay={day}
      reasons={['vacation', 'sick', 'holiday', 'training', 'changed', 'extra']}
      error={editor.errorAt('exceptions')}
    />
  );
  return (
    <SidePanel title={title} back={adminPath('shifts')}>
      <EditorForm editor={editor} readOnly={!canChange} labelOf={(field) => say(labels[field])}>
        {canChange ? null : <p className={form.text}>{say('shifts.notYours')}</p>}
        {day === undefined ? null : exceptions}
        <WeeklyField
          value={editor.values.weekly}
          onChange={(weekly) => editor.set({ weekly })}
          onBlock={editor.block}
          error={editor.errorAt('weekly')}
        />
        <p className={form.text}>{say('shifts.overnight')}</p>
        <ZoneField {...editor.bind('timeZone')} />
        {day === undefined ? exceptions : null}
        <CopyFrom editor={editor} others={schedules.filter((one) => one.user.id !== user.id && one.version > 0)} />
      </EditorForm>
    </SidePanel>
  );
}

interface CopyFromProps {
  readonly editor: Editor<ScheduleFields>;
  readonly others: readonly UserSchedule[];
}

/** A colleague's shifts go into the form, where they can be looked at before they are saved. */
function CopyFrom({ editor, others }: CopyFromProps) {
  const { say } = useWords();
  const [fromId, setFromId] = useState(others[0]?.user.id ?? 0);
  const [withDays, setWithDays] = useState(false);
  const from = others.find(({ user }) => user.id === fromId);
  if (others.length === 0) return null;
  function copy(): void {
    if (from === undefined) return;
    const { timeZone, weekly, exceptions } = from;
    editor.set({ timeZone, weekly, ...(withDays ? { exceptions } : {}) });
  }
  return (
    <section className={form.part}>
      <h3>{say('shifts.copy')}</h3>
      <div className={classes.copy}>
        <SelectField
          label={say('shifts.copyFrom')}
          value={fromId}
          options={others.map(({ user }) => ({ value: user.id, label: user.name }))}
          onChange={setFromId}
          testId="copy-from"
        />
        <CheckField label={say('shifts.copyDays')} value={withDays} onChange={setWithDays} />
        <div className={form.actions}>
          <Button size="xs" variant="default" onClick={copy} data-testid="copy">
            {say('shifts.copyDo')}
          </Button>
        </div>
        <span className={form.hint}>{say('shifts.copyHint')}</span>
      </div>
    </section>
  );
}

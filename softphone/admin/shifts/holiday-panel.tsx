import { useId } from 'react';
import { useLocation } from 'wouter';
import type { Holiday } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { CheckField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import type { Period } from '../parts/hours.ts';
import { PeriodsInput } from '../parts/hours-fields.tsx';
import { dayText } from '../parts/hours-text.ts';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';

interface HolidayFields {
  readonly day: string;
  readonly name: string;
  readonly periods: readonly Period[];
  readonly closesQueues: boolean;
}

const labels = {
  day: 'holiday.day',
  name: 'holiday.name',
  periods: 'holiday.periods',
  closesQueues: 'holiday.closesQueues',
} as const;

interface HolidayPanelProps {
  /** undefined: a new one. */
  readonly holiday: Holiday | undefined;
}

/** One day of the whole company. */
export function HolidayPanel({ holiday }: HolidayPanelProps) {
  const { say, language } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const hoursId = useId();
  const editor = useHolidayEditor(holiday);
  const back = adminPath('shifts', 'holidays');
  async function remove({ id, name, version }: Holiday): Promise<void> {
    await call('DELETE /api/v1/setup/holidays/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'holiday', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={holiday?.name ?? say('holiday.new')} back={back}>
      <EditorForm
        editor={editor}
        isNew={holiday === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          holiday === undefined || !isAdmin ? null : (
            <section className={form.part}>
              <div>
                <ConfirmButton
                  label={say('holiday.remove')}
                  text={say('holiday.removeText', { day: dayText(holiday.day, language) })}
                  onConfirm={() => remove(holiday)}
                  testId="remove"
                />
              </div>
            </section>
          )
        }
      >
        <TextField label={say('holiday.day')} type="date" testId="holiday-day" {...editor.bind('day')} />
        <TextField label={say('holiday.name')} maxLength={100} testId="holiday-name" {...editor.bind('name')} />
        <div className={form.field}>
          <label htmlFor={hoursId}>{say('holiday.periods')}</label>
          <PeriodsInput
            id={hoursId}
            label={say('holiday.periods')}
            value={editor.values.periods}
            onChange={(periods) => editor.set({ periods })}
            onBlock={(message) => editor.block('periods', message)}
          />
          <span className={form.hint}>
            {say('holiday.periodsHint')}. {say('periods.hint')}
          </span>
        </div>
        <CheckField
          label={say('holiday.closesQueues')}
          hint={say('holiday.closesHint')}
          {...editor.bind('closesQueues')}
        />
      </EditorForm>
    </SidePanel>
  );
}

function useHolidayEditor(holiday: Holiday | undefined) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  return useEditor<HolidayFields>({
    subject: `holiday:${holiday?.id ?? 'new'}`,
    title: holiday?.name ?? say('holiday.new'),
    path: adminPath('shifts', `holiday-${holiday?.id ?? 'new'}`),
    current:
      holiday === undefined
        ? { day: '', name: '', periods: [], closesQueues: true }
        : { day: holiday.day, name: holiday.name, periods: holiday.periods, closesQueues: holiday.closesQueues },
    version: holiday?.version ?? 0,
    required: ['day', 'name'],
    async save({ change, values, version }) {
      if (holiday !== undefined) {
        const { periods, ...rest } = change;
        const body = { version, ...rest, ...(periods === undefined ? {} : { periods: [...periods] }) };
        const saved = await call('PATCH /api/v1/setup/holidays/:id', { params: { id: holiday.id }, body });
        return recordChange({ did: 'changed', name: saved.name, kind: 'holiday', id: holiday.id });
      }
      const made = await call('POST /api/v1/setup/holidays', { body: { ...values, periods: [...values.periods] } });
      recordChange({ did: 'created', name: made.name, kind: 'holiday', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('shifts', 'holiday-new'), adminPath('shifts', `holiday-${made.id}`));
    },
  });
}

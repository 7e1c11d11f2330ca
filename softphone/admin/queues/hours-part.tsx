import { queueExits } from '../../../server/contract/setup-words.ts';
import { useSetup } from '../data/queries.ts';
import type { Editor } from '../data/use-editor.ts';
import { ExceptionsField } from '../parts/exceptions-field.tsx';
import { CheckField, SelectField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import type { Weekly } from '../parts/hours.ts';
import { WeeklyField } from '../parts/hours-fields.tsx';
import { ZoneField } from '../parts/place-fields.tsx';
import { localDay } from '../parts/wall-time.ts';
import { useWords } from '../words/use-words.ts';
import type { QueueFields } from './queue-fields.ts';

const office = [{ from: '09:00', to: '18:00' }];
const officeWeek: Weekly = { 1: office, 2: office, 3: office, 4: office, 5: office };

/** When the queue takes callers, and what they get otherwise. */
export function HoursPart({ editor }: { readonly editor: Editor<QueueFields> }) {
  const { say } = useWords();
  const company = useSetup('GET /api/v1/setup/company');
  const { value: hours, onChange } = editor.bind('hours');
  const zone = company.data?.timeZone ?? 'Europe/Moscow';
  return (
    <section className={form.part}>
      <h3>{say('queue.hours')}</h3>
      <CheckField
        label={say('queue.hasHours')}
        value={hours !== null}
        onChange={(has) => onChange(has ? { timeZone: zone, weekly: officeWeek, exceptions: [] } : null)}
        testId="has-hours"
      />
      {hours === null ? (
        <p className={form.text}>{say('value.always')}</p>
      ) : (
        <>
          <ZoneField
            value={hours.timeZone}
            error={editor.errorAt('hours/timeZone')}
            onChange={(timeZone) => onChange({ ...hours, timeZone })}
          />
          <WeeklyField
            value={hours.weekly}
            onChange={(weekly) => onChange({ ...hours, weekly })}
            onBlock={editor.block}
            error={editor.errorAt('hours/weekly')}
          />
          <ExceptionsField
            value={hours.exceptions}
            onChange={(exceptions) => onChange({ ...hours, exceptions: [...exceptions] })}
            onBlock={editor.block}
            today={localDay(Date.now(), hours.timeZone)}
            reasons={['holiday', 'changed', 'extra']}
            error={editor.errorAt('hours/exceptions')}
          />
          <SelectField
            label={say('queue.outOfHours')}
            options={queueExits.map((value) => ({ value, label: say(`exit.${value}`) }))}
            {...editor.bind('outOfHours')}
          />
        </>
      )}
    </section>
  );
}

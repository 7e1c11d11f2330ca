import type { MessageSettings } from '../../../server/contract/setup-message-schemas.ts';
import { call } from '../../net/api.ts';
import company from '../company/company-screen.module.css';
import { recordChange } from '../data/last-change.ts';
import { useSetup } from '../data/queries.ts';
import { type Editor, useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { EditorForm } from '../parts/editor-panel.tsx';
import { CheckField, Field, NumberField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import list from '../parts/list.module.css';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import classes from './messaging.module.css';

type MessagingFields = Omit<MessageSettings, 'version'>;

const labels = {
  capacity: 'messaging.capacity',
  weightEmail: 'messaging.weightEmail',
  weightSms: 'messaging.weightSms',
  weightChat: 'messaging.weightChat',
  quietFrom: 'messaging.quietFrom',
  quietTo: 'messaging.quietTo',
  marketingPerWeek: 'messaging.marketingPerWeek',
  consentRequired: 'messaging.consentRequired',
  undoSeconds: 'messaging.undoSeconds',
  closeAfterDays: 'messaging.closeAfterDays',
} as const;

/** What holds for all messages. */
export function MessagingScreen() {
  const { say } = useWords();
  const settings = useSetup('GET /api/v1/setup/message-settings');
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.messaging')}</h1>
      </header>
      <p className={list.text}>{say('messaging.text')}</p>
      <WhenLoaded queries={{ settings }}>{(data) => <MessagingForm settings={data.settings} />}</WhenLoaded>
    </div>
  );
}

function MessagingForm({ settings }: { readonly settings: MessageSettings }) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const { version: present, ...current } = settings;
  const editor = useEditor<MessagingFields>({
    subject: 'message_settings:1',
    title: say('screen.messaging'),
    path: adminPath('messaging'),
    current,
    version: present,
    async save({ change, version }) {
      await call('PATCH /api/v1/setup/message-settings', { body: { version, ...change } });
      recordChange({ did: 'changed', name: say('screen.messaging'), kind: 'message_settings', id: 1 });
    },
  });
  return (
    <div className={company.form}>
      <EditorForm editor={editor} readOnly={!isAdmin} labelOf={(field) => say(labels[field])}>
        <WorkPart editor={editor} />
        <QuietPart editor={editor} />
        <section className={form.part}>
          <h3>{say('messaging.marketing')}</h3>
          <NumberField
            label={say('messaging.marketingPerWeek')}
            hint={say('messaging.marketingHint')}
            min={0}
            max={100}
            {...editor.bind('marketingPerWeek')}
          />
          <CheckField
            label={say('messaging.consentRequired')}
            hint={say('messaging.consentHint')}
            {...editor.bind('consentRequired')}
          />
        </section>
        <section className={form.part}>
          <h3>{say('messaging.conversations')}</h3>
          <div className={form.pair}>
            <NumberField
              label={say('messaging.undoSeconds')}
              hint={say('messaging.undoHint')}
              min={0}
              max={120}
              testId="undo-seconds"
              {...editor.bind('undoSeconds')}
            />
            <NumberField
              label={say('messaging.closeAfterDays')}
              hint={say('messaging.closeHint')}
              min={1}
              max={365}
              {...editor.bind('closeAfterDays')}
            />
          </div>
        </section>
      </EditorForm>
    </div>
  );
}

interface PartProps {
  readonly editor: Editor<MessagingFields>;
}

function WorkPart({ editor }: PartProps) {
  const { say } = useWords();
  const { capacity, weightEmail, weightSms, weightChat } = editor.values;
  const at = (weight: number): string =>
    weight === 0 ? say('messaging.unlimited') : String(Math.floor(capacity / weight));
  const weights = ['weightEmail', 'weightSms', 'weightChat'] as const;
  return (
    <section className={form.form}>
      <h3 className={classes.title}>{say('messaging.work')}</h3>
      <NumberField
        label={say('messaging.capacity')}
        hint={say('messaging.capacityHint', { email: at(weightEmail), sms: at(weightSms), chat: at(weightChat) })}
        min={1}
        max={1_000}
        testId="capacity"
        {...editor.bind('capacity')}
      />
      <div className={classes.three}>
        {weights.map((field) => (
          <NumberField key={field} label={say(labels[field])} min={0} max={100} {...editor.bind(field)} />
        ))}
      </div>
    </section>
  );
}

function QuietPart({ editor }: PartProps) {
  const { say } = useWords();
  const { quietFrom: from, quietTo: to } = editor.values;
  return (
    <section className={form.part}>
      <h3>{say('messaging.quiet')}</h3>
      <div className={form.pair}>
        {(['quietFrom', 'quietTo'] as const).map((field) => {
          const { value, onChange, error } = editor.bind(field);
          return (
            <Field key={field} label={say(labels[field])} error={error}>
              {(wiring) => (
                <input
                  {...wiring}
                  type="time"
                  className={form.input}
                  value={value}
                  // a cleared field is no time: what stood there stays
                  onChange={(event) => event.currentTarget.value !== '' && onChange(event.currentTarget.value)}
                  data-testid={field}
                />
              )}
            </Field>
          );
        })}
      </div>
      <p className={form.text}>{from === to ? say('messaging.quietNone') : say('messaging.quietText', { from, to })}</p>
    </section>
  );
}

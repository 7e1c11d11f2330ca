import { Link } from 'wouter';
import type { Sound } from '../../../server/contract/setup-schemas.ts';
import { queueExits, wrapUpModes } from '../../../server/contract/setup-words.ts';
import type { Editor } from '../data/use-editor.ts';
import { CheckField, NumberField, SelectField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { secondsText } from '../parts/hours-text.ts';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import type { QueueFields } from './queue-fields.ts';

interface PartProps {
  readonly editor: Editor<QueueFields>;
}

/** How long one wait is when it is first limited. */
const FIRST_LIMIT_SECONDS = 300;

/** Whose phone rings, how long, and what comes first. */
export function RingingPart({ editor }: PartProps) {
  const { say, language } = useWords();
  const { ringSeconds, responsibleSeconds } = editor.values;
  return (
    <section className={form.part}>
      <h3>{say('queue.ringing')}</h3>
      <div className={form.pair}>
        <NumberField
          label={say('queue.responsibleSeconds')}
          hint={
            responsibleSeconds === 0
              ? say('queue.responsibleNone')
              : say('queue.responsibleText', { time: secondsText(responsibleSeconds, language) })
          }
          min={0}
          max={120}
          testId="responsible-seconds"
          {...editor.bind('responsibleSeconds')}
        />
        <NumberField
          label={say('queue.ringSeconds')}
          hint={say('queue.ringText', { time: secondsText(ringSeconds, language) })}
          min={5}
          max={120}
          testId="ring-seconds"
          {...editor.bind('ringSeconds')}
        />
      </div>
      <NumberField
        label={say('queue.priority')}
        hint={say('queue.priorityHint')}
        min={0}
        max={9}
        {...editor.bind('priority')}
      />
      <CheckField label={say('queue.recordCalls')} hint={say('queue.recordHint')} {...editor.bind('recordCalls')} />
    </section>
  );
}

/** What the agent has to do, and how long, before the next call. */
export function WrapUpPart({ editor }: PartProps) {
  const { say, language } = useWords();
  const { wrapUpSeconds } = editor.values;
  return (
    <section className={form.part}>
      <h3>{say('queue.afterCall')}</h3>
      <SelectField
        label={say('queue.wrapUpMode')}
        options={wrapUpModes.map((value) => ({ value, label: say(`wrapUp.${value}`) }))}
        {...editor.bind('wrapUpMode')}
      />
      <NumberField
        label={say('queue.wrapUpSeconds')}
        hint={say('queue.wrapUpText', { time: secondsText(wrapUpSeconds, language) })}
        min={0}
        max={3600}
        {...editor.bind('wrapUpSeconds')}
      />
    </section>
  );
}

/** How long a caller may wait, and what then. */
export function WaitPart({ editor }: PartProps) {
  const { say, language } = useWords();
  const { value, onChange, error } = editor.bind('maxWaitSeconds');
  return (
    <section className={form.part}>
      <h3>{say('queue.wait')}</h3>
      <CheckField
        label={say('queue.limitWait')}
        value={value !== null}
        onChange={(isLimited) => onChange(isLimited ? FIRST_LIMIT_SECONDS : null)}
        testId="limit-wait"
      />
      {value === null ? (
        <p className={form.text}>{say('queue.maxWaitNone')}</p>
      ) : (
        <div className={form.pair}>
          <NumberField
            label={say('queue.maxWaitSeconds')}
            hint={say('queue.maxWaitText', { time: secondsText(value, language) })}
            min={10}
            max={7200}
            value={value}
            error={error}
            onChange={onChange}
          />
          <SelectField
            label={say('queue.afterMaxWait')}
            options={queueExits.map((exit) => ({ value: exit, label: say(`exit.${exit}`) }))}
            {...editor.bind('afterMaxWait')}
          />
        </div>
      )}
    </section>
  );
}

/** How soon whoever wrote hears of us. */
export function MessagesPart({ editor }: PartProps) {
  const { say, language } = useWords();
  const { responseMinutes } = editor.values;
  return (
    <section className={form.part}>
      <h3>{say('queue.messages')}</h3>
      <NumberField
        label={say('queue.responseMinutes')}
        hint={say('queue.responseText', { time: secondsText(responseMinutes * 60, language) })}
        min={5}
        max={10_080}
        testId="response-minutes"
        {...editor.bind('responseMinutes')}
      />
    </section>
  );
}

/** Greeting, music, and the sound of a closed house. */
export function SoundsPart({ editor, sounds }: PartProps & { readonly sounds: readonly Sound[] }) {
  const { say } = useWords();
  const optionsWith = (none: string) => [
    { value: null, label: none },
    ...sounds.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <section className={form.part}>
      <h3>{say('queue.sounds')}</h3>
      <SelectField
        label={say('queue.greetingSoundId')}
        options={optionsWith(say('queue.noSound'))}
        testId="greeting"
        {...editor.bind('greetingSoundId')}
      />
      <SelectField
        label={say('queue.musicSoundId')}
        options={optionsWith(say('queue.builtInMusic'))}
        {...editor.bind('musicSoundId')}
      />
      <SelectField
        label={say('queue.closedSoundId')}
        options={optionsWith(say('queue.noSound'))}
        {...editor.bind('closedSoundId')}
      />
      <p className={form.text}>
        <Link href={adminPath('sounds')}>{say('queue.soundsLink')}</Link>
      </p>
    </section>
  );
}

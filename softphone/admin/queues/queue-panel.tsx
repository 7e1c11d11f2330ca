import { useLocation } from 'wouter';
import type { SetupQueue, SetupUser, Sound } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { refreshSetup } from '../data/queries.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { valueText } from '../parts/value-text.ts';
import { adminPath } from '../place.ts';
import type { WordKey } from '../words/translate.ts';
import { useWords } from '../words/use-words.ts';
import { HoursPart } from './hours-part.tsx';
import { MembersPart } from './members-part.tsx';
import type { QueueFields } from './queue-fields.ts';
import { MessagesPart, RingingPart, SoundsPart, WaitPart, WrapUpPart } from './rule-parts.tsx';
import { useQueueEditor } from './use-queue-editor.ts';

const labels = {
  name: 'queue.name',
  memberIds: 'queue.members',
  ringSeconds: 'queue.ringSeconds',
  responsibleSeconds: 'queue.responsibleSeconds',
  priority: 'queue.priority',
  wrapUpMode: 'queue.wrapUpMode',
  wrapUpSeconds: 'queue.wrapUpSeconds',
  recordCalls: 'queue.recordCalls',
  maxWaitSeconds: 'queue.maxWaitSeconds',
  afterMaxWait: 'queue.afterMaxWait',
  hours: 'queue.hours',
  outOfHours: 'queue.outOfHours',
  greetingSoundId: 'queue.greetingSoundId',
  musicSoundId: 'queue.musicSoundId',
  closedSoundId: 'queue.closedSoundId',
  responseMinutes: 'queue.responseMinutes',
} as const satisfies Record<keyof QueueFields, WordKey>;

interface QueuePanelProps {
  /** undefined: a new one. */
  readonly queue: SetupQueue | undefined;
  readonly users: readonly SetupUser[];
  readonly sounds: readonly Sound[];
}

/** One queue. A supervisor sees all of it and may change who serves it. */
export function QueuePanel({ queue, users, sounds }: QueuePanelProps) {
  const { say, language } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const editor = useQueueEditor(queue);
  const back = adminPath('queues');
  const nameOf = (id: number): string => users.find((user) => user.id === id)?.name ?? String(id);
  function wordsOf(field: keyof QueueFields, value: unknown): string {
    if (field === 'memberIds' && Array.isArray(value)) return value.map(nameOf).join(', ');
    if (field.endsWith('SoundId')) return sounds.find(({ id }) => id === value)?.name ?? say('queue.noSound');
    if (field === 'wrapUpMode') return say(`wrapUp.${value as QueueFields['wrapUpMode']}`);
    if (field === 'afterMaxWait' || field === 'outOfHours') return say(`exit.${value as QueueFields['outOfHours']}`);
    return valueText(value, { say, language });
  }
  async function remove({ id, name, version }: SetupQueue): Promise<void> {
    await call('DELETE /api/v1/setup/queues/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'queue', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={queue?.name ?? say('queues.new')} back={back} wide>
      <EditorForm
        editor={editor}
        isNew={queue === undefined}
        labelOf={(field) => say(labels[field])}
        wordsOf={wordsOf}
        after={
          queue === undefined || !isAdmin ? null : (
            <section className={form.part}>
              <div>
                <ConfirmButton
                  label={say('queue.remove')}
                  text={say('queue.removeText', { name: queue.name })}
                  onConfirm={() => remove(queue)}
                  testId="remove"
                />
              </div>
            </section>
          )
        }
      >
        <fieldset className={form.form} disabled={!isAdmin}>
          <TextField label={say('queue.name')} maxLength={100} testId="queue-name" {...editor.bind('name')} />
        </fieldset>
        <MembersPart editor={editor} users={users} />
        {isAdmin ? null : <p className={form.text}>{say('admin.readOnly')}</p>}
        <fieldset className={form.form} disabled={!isAdmin}>
          <RingingPart editor={editor} />
          <WrapUpPart editor={editor} />
          <WaitPart editor={editor} />
          <MessagesPart editor={editor} />
          <HoursPart editor={editor} />
          <SoundsPart editor={editor} sounds={sounds} />
        </fieldset>
      </EditorForm>
    </SidePanel>
  );
}

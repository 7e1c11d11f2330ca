import { useLocation } from 'wouter';
import type { SetupLine, SetupQueue, SetupTrunk } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup, useSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { RegionField } from '../parts/place-fields.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';

interface LineFields {
  readonly number: string;
  readonly name: string;
  readonly queueId: number;
  readonly trunkId: number;
  readonly region: string;
}

const labels = {
  number: 'line.number',
  name: 'line.name',
  queueId: 'line.queue',
  trunkId: 'line.trunk',
  region: 'field.region',
} as const;

interface LinePanelProps {
  /** undefined: a new one. */
  readonly line: SetupLine | undefined;
  readonly trunks: readonly SetupTrunk[];
  readonly queues: readonly SetupQueue[];
}

const optionsOf = (things: readonly { readonly id: number; readonly name: string }[]) =>
  things.map(({ id, name }) => ({ value: id, label: name }));

/** One number: which queue answers it, and whose it is. */
export function LinePanel({ line, trunks, queues }: LinePanelProps) {
  const { say } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const editor = useLineEditor({ line, trunks, queues });
  const back = adminPath('lines');
  function wordsOf(field: keyof LineFields, value: unknown): string {
    if (field === 'queueId') return queues.find(({ id }) => id === value)?.name ?? String(value);
    if (field === 'trunkId') return trunks.find(({ id }) => id === value)?.name ?? String(value);
    return String(value);
  }
  async function remove({ id, name, version }: SetupLine): Promise<void> {
    await call('DELETE /api/v1/setup/lines/:id', { params: { id }, querystring: { version } });
    recordChange({ did: 'removed', name, kind: 'line', id });
    navigate(back);
    await refreshSetup();
  }
  return (
    <SidePanel title={line === undefined ? say('lines.newLine') : line.display || line.number} back={back}>
      <EditorForm
        editor={editor}
        isNew={line === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        wordsOf={wordsOf}
        after={
          line === undefined || !isAdmin ? null : (
            <section className={form.part}>
              <div>
                <ConfirmButton
                  label={say('line.remove')}
                  text={say('line.removeText', { number: line.display || line.number })}
                  onConfirm={() => remove(line)}
                  testId="remove"
                />
              </div>
            </section>
          )
        }
      >
        <TextField
          label={say('line.number')}
          hint={say('line.numberHint')}
          type="tel"
          maxLength={64}
          testId="line-number"
          {...editor.bind('number')}
        />
        <TextField
          label={say('line.name')}
          hint={say('line.nameHint')}
          maxLength={100}
          testId="line-name"
          {...editor.bind('name')}
        />
        <SelectField
          label={say('line.queue')}
          options={optionsOf(queues)}
          testId="line-queue"
          {...editor.bind('queueId')}
        />
        <SelectField
          label={say('line.trunk')}
          options={optionsOf(trunks)}
          testId="line-trunk"
          {...editor.bind('trunkId')}
        />
        <RegionField hint={say('line.regionHint')} {...editor.bind('region')} />
      </EditorForm>
    </SidePanel>
  );
}

function useLineEditor({ line, trunks, queues }: LinePanelProps) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  const company = useSetup('GET /api/v1/setup/company');
  const current: LineFields =
    line === undefined
      ? {
          number: '',
          name: '',
          queueId: queues[0]?.id ?? 0,
          trunkId: trunks[0]?.id ?? 0,
          region: company.data?.region ?? 'RU',
        }
      : {
          number: line.display || line.number,
          name: line.name,
          queueId: line.queueId,
          trunkId: line.trunkId,
          region: line.region,
        };
  return useEditor<LineFields>({
    subject: `line:${line?.id ?? 'new'}`,
    title: line?.name ?? say('lines.newLine'),
    path: adminPath('lines', line?.id ?? 'new'),
    current,
    version: line?.version ?? 0,
    required: ['number', 'name'],
    async save({ change, values, version }) {
      if (line !== undefined) {
        const params = { id: line.id };
        const saved = await call('PATCH /api/v1/setup/lines/:id', { params, body: { version, ...change } });
        return recordChange({ did: 'changed', name: saved.name, kind: 'line', id: line.id });
      }
      const made = await call('POST /api/v1/setup/lines', { body: values });
      recordChange({ did: 'created', name: made.name, kind: 'line', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('lines', 'new'), adminPath('lines', made.id));
    },
  });
}

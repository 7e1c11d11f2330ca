import { useLocation } from 'wouter';
import type { SetupDisposition } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { ArchivePart } from './archive-part.tsx';

interface OutcomeFields {
  readonly nameRu: string;
  readonly nameEn: string;
  readonly hotkey: number | null;
}

const labels = { nameRu: 'outcome.nameRu', nameEn: 'outcome.nameEn', hotkey: 'outcome.hotkey' } as const;
const keys = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

interface OutcomePanelProps {
  /** undefined: a new one. */
  readonly outcome: SetupDisposition | undefined;
  readonly outcomes: readonly SetupDisposition[];
}

/** One outcome: its names and its key. */
export function OutcomePanel({ outcome, outcomes }: OutcomePanelProps) {
  const { say, language } = useWords();
  const { isAdmin } = useRights();
  const [, navigate] = useLocation();
  const nameOf = ({ nameRu, nameEn }: OutcomeFields): string => (language === 'ru' ? nameRu : nameEn);
  const free = keys.find((key) => !outcomes.some(({ hotkey }) => hotkey === key)) ?? null;
  const editor = useEditor<OutcomeFields>({
    subject: `disposition:${outcome?.id ?? 'new'}`,
    title: outcome === undefined ? say('outcomes.newOutcome') : nameOf(outcome),
    path: adminPath('outcomes', outcome?.id ?? 'new'),
    current:
      outcome === undefined
        ? { nameRu: '', nameEn: '', hotkey: free }
        : { nameRu: outcome.nameRu, nameEn: outcome.nameEn, hotkey: outcome.hotkey },
    version: outcome?.version ?? 0,
    required: ['nameRu', 'nameEn'],
    async save({ change, values, version }) {
      if (outcome !== undefined) {
        const params = { id: outcome.id };
        await call('PATCH /api/v1/setup/dispositions/:id', { params, body: { version, ...change } });
        return recordChange({ did: 'changed', name: nameOf(values), kind: 'disposition', id: outcome.id });
      }
      const { id } = await call('POST /api/v1/setup/dispositions', { body: values });
      recordChange({ did: 'created', name: nameOf(values), kind: 'disposition', id });
      await refreshSetup();
      openMade(navigate, adminPath('outcomes', 'new'), adminPath('outcomes', id));
    },
  });
  async function setArchived({ id, version }: SetupDisposition, archived: boolean): Promise<void> {
    await call('PATCH /api/v1/setup/dispositions/:id', { params: { id }, body: { version, archived } });
    recordChange({ did: 'changed', name: nameOf(editor.values), kind: 'disposition', id });
    await refreshSetup();
  }
  const keyLabel = (key: number): string => {
    const other = outcomes.find(({ hotkey, id }) => hotkey === key && id !== outcome?.id);
    return other === undefined ? String(key) : say('outcome.hotkeyTaken', { key, name: nameOf(other) });
  };
  return (
    <SidePanel
      title={outcome === undefined ? say('outcomes.newOutcome') : nameOf(outcome)}
      back={adminPath('outcomes')}
    >
      <EditorForm
        editor={editor}
        isNew={outcome === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          outcome === undefined || !isAdmin ? null : (
            <ArchivePart
              isArchived={outcome.archived}
              text={say('outcome.archiveText', { name: nameOf(outcome) })}
              onSet={(archived) => setArchived(outcome, archived)}
            />
          )
        }
      >
        <TextField label={say('outcome.nameRu')} maxLength={100} testId="name-ru" {...editor.bind('nameRu')} />
        <TextField label={say('outcome.nameEn')} maxLength={100} testId="name-en" {...editor.bind('nameEn')} />
        <SelectField
          label={say('outcome.hotkey')}
          options={[
            { value: null, label: say('outcome.noHotkey') },
            ...keys.map((value) => ({ value, label: keyLabel(value) })),
          ]}
          testId="hotkey"
          {...editor.bind('hotkey')}
        />
      </EditorForm>
    </SidePanel>
  );
}

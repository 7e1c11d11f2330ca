import { useLocation } from 'wouter';
import type { SetupPresenceReason } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { TextField } from '../parts/field.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { ArchivePart } from './archive-part.tsx';

interface ReasonFields {
  readonly nameRu: string;
  readonly nameEn: string;
  readonly code: string;
}

const labels = { nameRu: 'outcome.nameRu', nameEn: 'outcome.nameEn', code: 'reason.code' } as const;
const codePattern = /^[a-z][a-z0-9_]{0,39}$/;

/** A code made of the English name: `Smoke break` is `smoke_break`. */
const codeOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[\d_]+|_+$/g, '')
    .slice(0, 40);

interface ReasonPanelProps {
  /** undefined: a new one. */
  readonly reason: SetupPresenceReason | undefined;
}

/** One not-ready reason: its names; its code is chosen once. */
export function ReasonPanel({ reason }: ReasonPanelProps) {
  const { say, language } = useWords();
  const { isAdmin } = useRights();
  const editor = useReasonEditor(reason);
  const title = reason === undefined ? say('outcomes.newReason') : language === 'ru' ? reason.nameRu : reason.nameEn;
  const code = editor.bind('code');
  const isCodeWrong = code.value !== '' && !codePattern.test(code.value);
  async function setArchived({ id, version }: SetupPresenceReason, archived: boolean): Promise<void> {
    await call('PATCH /api/v1/setup/presence-reasons/:id', { params: { id }, body: { version, archived } });
    recordChange({ did: 'changed', name: title, kind: 'presence_reason', id });
    await refreshSetup();
  }
  function nameIt(nameEn: string): void {
    const follows = reason === undefined && code.value === codeOf(editor.values.nameEn);
    editor.set(follows ? { nameEn, code: codeOf(nameEn) } : { nameEn });
  }
  return (
    <SidePanel title={title} back={adminPath('outcomes')}>
      <EditorForm
        editor={editor}
        isNew={reason === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          reason === undefined || !isAdmin ? null : (
            <ArchivePart
              isArchived={reason.archived}
              text={say('reason.archiveText', { name: title })}
              onSet={(archived) => setArchived(reason, archived)}
            />
          )
        }
      >
        <TextField label={say('outcome.nameRu')} maxLength={100} testId="name-ru" {...editor.bind('nameRu')} />
        <TextField
          label={say('outcome.nameEn')}
          maxLength={100}
          testId="name-en"
          {...editor.bind('nameEn')}
          onChange={nameIt}
        />
        <TextField
          label={say('reason.code')}
          hint={say('reason.codeHint')}
          maxLength={40}
          readOnly={reason !== undefined}
          {...code}
          error={isCodeWrong ? say('reason.codeWrong') : code.error}
        />
      </EditorForm>
    </SidePanel>
  );
}

function useReasonEditor(reason: SetupPresenceReason | undefined) {
  const { say, language } = useWords();
  const [, navigate] = useLocation();
  const nameOf = ({ nameRu, nameEn }: ReasonFields): string => (language === 'ru' ? nameRu : nameEn);
  return useEditor<ReasonFields>({
    subject: `presence_reason:${reason?.id ?? 'new'}`,
    title: reason === undefined ? say('outcomes.newReason') : nameOf(reason),
    path: adminPath('outcomes', `reason-${reason?.id ?? 'new'}`),
    current:
      reason === undefined
        ? { nameRu: '', nameEn: '', code: '' }
        : { nameRu: reason.nameRu, nameEn: reason.nameEn, code: reason.code },
    version: reason?.version ?? 0,
    required: ['nameRu', 'nameEn', 'code'],
    async save({ change, values, version }) {
      if (reason !== undefined) {
        const { code: _, ...names } = change;
        const params = { id: reason.id };
        await call('PATCH /api/v1/setup/presence-reasons/:id', { params, body: { version, ...names } });
        return recordChange({ did: 'changed', name: nameOf(values), kind: 'presence_reason', id: reason.id });
      }
      const { id } = await call('POST /api/v1/setup/presence-reasons', { body: values });
      recordChange({ did: 'created', name: nameOf(values), kind: 'presence_reason', id });
      await refreshSetup();
      openMade(navigate, adminPath('outcomes', 'reason-new'), adminPath('outcomes', `reason-${id}`));
    },
  });
}

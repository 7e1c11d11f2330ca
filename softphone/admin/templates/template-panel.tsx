import { useLocation } from 'wouter';
import { messageChannelNames } from '../../../server/contract/messages-words.ts';
import type { SetupTemplate } from '../../../server/contract/setup-message-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { openMade } from '../data/open-made.ts';
import { refreshSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { ArchivePart } from '../outcomes/archive-part.tsx';
import { EditorForm, SidePanel } from '../parts/editor-panel.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import form from '../parts/form.module.css';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import { BodyField, Preview } from './body-field.tsx';

type TemplateFields = Omit<SetupTemplate, 'id' | 'version' | 'archived'>;

const fresh: TemplateFields = { channel: null, name: '', shortcut: '', language: '', subject: '', body: '' };

const labels = {
  name: 'field.name',
  shortcut: 'template.shortcut',
  channel: 'template.channel',
  language: 'template.language',
  subject: 'template.subject',
  body: 'template.body',
} as const;

interface TemplatePanelProps {
  /** undefined: a new one. */
  readonly template: SetupTemplate | undefined;
}

/** One template: its shortcut, its text with fields, and how it reads. */
export function TemplatePanel({ template }: TemplatePanelProps) {
  const { say, t } = useWords();
  const { isAdmin } = useRights();
  const editor = useTemplateEditor(template);
  const { channel, shortcut, subject, body } = editor.values;
  async function setArchived({ id, name, version }: SetupTemplate, archived: boolean): Promise<void> {
    await call('PATCH /api/v1/setup/message-templates/:id', { params: { id }, body: { version, archived } });
    recordChange({ did: 'changed', name, kind: 'message_template', id });
    await refreshSetup();
  }
  return (
    <SidePanel title={template?.name ?? say('templates.new')} back={adminPath('templates')} wide>
      <EditorForm
        editor={editor}
        isNew={template === undefined}
        readOnly={!isAdmin}
        labelOf={(field) => say(labels[field])}
        after={
          <>
            <Preview subject={subject} body={body} channel={channel} />
            {template === undefined || !isAdmin ? null : (
              <ArchivePart
                isArchived={template.archived}
                text={say('template.archiveText', { name: template.name })}
                onSet={(archived) => setArchived(template, archived)}
              />
            )}
          </>
        }
      >
        <TextField label={say('field.name')} maxLength={100} testId="template-name" {...editor.bind('name')} />
        <TextField
          label={say('template.shortcut')}
          hint={say('template.shortcutHint', { shortcut: shortcut.replace(/^:+/, '').toLowerCase() || '…' })}
          maxLength={40}
          testId="template-shortcut"
          {...editor.bind('shortcut')}
        />
        <div className={form.pair}>
          <SelectField
            label={say('template.channel')}
            options={[
              { value: null, label: say('channel.every') },
              ...messageChannelNames.map((value) => ({ value, label: say(`channel.${value}`) })),
            ]}
            testId="template-channel"
            {...editor.bind('channel')}
          />
          <SelectField
            label={say('template.language')}
            options={[
              { value: '', label: say('template.anyLanguage') },
              { value: 'ru', label: t('language.ru') },
              { value: 'en', label: t('language.en') },
            ]}
            {...editor.bind('language')}
          />
        </div>
        {channel === 'sms' || channel === 'chat' ? null : (
          <TextField label={say('template.subject')} maxLength={500} {...editor.bind('subject')} />
        )}
        <BodyField label={say('template.body')} testId="template-body" {...editor.bind('body')} />
      </EditorForm>
    </SidePanel>
  );
}

function useTemplateEditor(template: SetupTemplate | undefined) {
  const { say } = useWords();
  const [, navigate] = useLocation();
  const {
    id: _id,
    version: _version,
    archived: _archived,
    ...present
  } = template ?? { ...fresh, id: 0, version: 0, archived: false };
  return useEditor<TemplateFields>({
    subject: `template:${template?.id ?? 'new'}`,
    title: template?.name ?? say('templates.new'),
    path: adminPath('templates', template?.id ?? 'new'),
    current: present,
    version: template?.version ?? 0,
    required: ['name', 'shortcut', 'body'],
    async save({ change, values, version }) {
      if (template !== undefined) {
        const params = { id: template.id };
        await call('PATCH /api/v1/setup/message-templates/:id', { params, body: { version, ...change } });
        return recordChange({ did: 'changed', name: values.name, kind: 'message_template', id: template.id });
      }
      const made = await call('POST /api/v1/setup/message-templates', { body: values });
      recordChange({ did: 'created', name: made.name, kind: 'message_template', id: made.id });
      await refreshSetup();
      openMade(navigate, adminPath('templates', 'new'), adminPath('templates', made.id));
    },
  });
}

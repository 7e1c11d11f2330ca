import type { CompanySettings } from '../../../server/contract/setup-schemas.ts';
import { call } from '../../net/api.ts';
import { recordChange } from '../data/last-change.ts';
import { useSetup } from '../data/queries.ts';
import { useEditor } from '../data/use-editor.ts';
import { useRights } from '../data/use-rights.ts';
import { EditorForm } from '../parts/editor-panel.tsx';
import { TextField } from '../parts/field.tsx';
import list from '../parts/list.module.css';
import { LanguageField, RegionField, ZoneField } from '../parts/place-fields.tsx';
import { regionName, zoneText } from '../parts/places.ts';
import { WhenLoaded } from '../parts/when-loaded.tsx';
import { adminPath } from '../place.ts';
import { useWords } from '../words/use-words.ts';
import classes from './company-screen.module.css';

type CompanyFields = Omit<CompanySettings, 'version'>;

const labels = {
  name: 'company.name',
  region: 'field.region',
  timeZone: 'field.timeZone',
  language: 'field.language',
} as const;

/** Name, country, time zone and language of the company. */
export function CompanyScreen() {
  const { say } = useWords();
  const company = useSetup('GET /api/v1/setup/company');
  return (
    <div className={list.main}>
      <header className={list.head}>
        <h1>{say('screen.company')}</h1>
      </header>
      <p className={list.text}>{say('company.text')}</p>
      <WhenLoaded queries={{ company }}>{(data) => <CompanyForm company={data.company} />}</WhenLoaded>
    </div>
  );
}

function CompanyForm({ company }: { readonly company: CompanySettings }) {
  const { say, t, language } = useWords();
  const { isAdmin } = useRights();
  const { version: present, ...current } = company;
  const editor = useEditor<CompanyFields>({
    subject: 'company:1',
    title: say('screen.company'),
    path: adminPath('company'),
    current,
    version: present,
    async save({ change, version }) {
      const saved = await call('PATCH /api/v1/setup/company', { body: { version, ...change } });
      recordChange({ did: 'changed', name: saved.name || say('screen.company'), kind: 'company', id: 1 });
    },
  });
  function wordsOf(field: keyof CompanyFields, value: unknown): string {
    if (field === 'region') return regionName(String(value), language);
    if (field === 'timeZone') return zoneText(String(value));
    return field === 'language' ? t(`language.${value as 'ru' | 'en'}`) : String(value);
  }
  return (
    <div className={classes.form}>
      <EditorForm editor={editor} readOnly={!isAdmin} labelOf={(field) => say(labels[field])} wordsOf={wordsOf}>
        <TextField label={say('company.name')} maxLength={100} testId="company-name" {...editor.bind('name')} />
        <RegionField hint={say('company.regionHint')} {...editor.bind('region')} />
        <ZoneField hint={say('company.zoneHint')} {...editor.bind('timeZone')} />
        <LanguageField hint={say('company.languageHint')} {...editor.bind('language')} />
      </EditorForm>
    </div>
  );
}

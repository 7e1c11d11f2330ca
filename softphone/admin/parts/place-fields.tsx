import { useMemo } from 'react';
import type { Binding } from '../data/use-editor.ts';
import { useWords } from '../words/use-words.ts';
import { SelectField } from './field.tsx';
import { regionOptions, zoneOptions } from './places.ts';

/** Four hundred zones are worked out once, not at every key. */
export function ZoneField({ hint, ...bound }: Binding<string> & { readonly hint?: string }) {
  const { say } = useWords();
  const options = useMemo(() => zoneOptions(bound.value), [bound.value]);
  return <SelectField label={say('field.timeZone')} hint={hint} options={options} testId="time-zone" {...bound} />;
}

export function RegionField({ hint, ...bound }: Binding<string> & { readonly hint?: string }) {
  const { say, language } = useWords();
  const options = useMemo(() => regionOptions(language, bound.value), [language, bound.value]);
  return <SelectField label={say('field.region')} hint={hint} options={options} testId="region" {...bound} />;
}

const languages = ['ru', 'en'] as const;

export function LanguageField({ hint, ...bound }: Binding<'ru' | 'en'> & { readonly hint?: string }) {
  const { say, t } = useWords();
  return (
    <SelectField
      label={say('field.language')}
      hint={hint}
      options={languages.map((value) => ({ value, label: t(`language.${value}`) }))}
      testId="language-field"
      {...bound}
    />
  );
}

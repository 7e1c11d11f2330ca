import type { Language, Translate } from '../../i18n/translate.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { type Say, sayIn } from './translate.ts';

/** Texts of the administration screens (`say`), of the whole app (`t`), and the language of both. */
export function useWords(): { readonly say: Say; readonly t: Translate; readonly language: Language } {
  const { t, language } = useLanguage();
  return { say: sayIn[language], t, language };
}

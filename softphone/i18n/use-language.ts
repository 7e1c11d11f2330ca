import { useSettings } from '../state/settings.ts';
import { type Language, type Translate, translators } from './translate.ts';

/** The translator and language of the page; the component is drawn again when the language changes. */
export function useLanguage(): { readonly t: Translate; readonly language: Language } {
  const language = useSettings((settings) => settings.language);
  return { t: translators[language], language };
}

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';

/** Why somebody is not ready, in the reader's language. */
export interface Reasons {
  /** What can be chosen, in the company's order. */
  readonly choices: readonly { readonly code: string; readonly name: string }[];
  /** A reason that was archived meanwhile is shown by its code. */
  nameOf(code: string): string;
}

/** The company's not-ready reasons; read again when an administrator changes them. */
export function useReasons(): Reasons {
  const { t, language } = useLanguage();
  const { data } = useQuery({
    queryKey: ['setup', 'GET /api/v1/presence-reasons'],
    queryFn: () => call('GET /api/v1/presence-reasons'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => {
    const choices = (data?.items ?? []).map(({ code, nameRu, nameEn }) => ({
      code,
      name: language === 'ru' ? nameRu : nameEn,
    }));
    const names = new Map(choices.map(({ code, name }) => [code, name]));
    names.set('signed_in', t('reason.signed_in'));
    return { choices, nameOf: (code) => names.get(code) ?? code };
  }, [data, language, t]);
}

import type { Language } from '../../i18n/translate.ts';
import type { Words } from './pair.ts';
import { texts } from './texts.ts';

export type WordKey = keyof typeof texts;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<T> = T extends string ? NamesIn<T> : T extends { readonly other: infer O } ? NamesIn<O> : never;
type NamesOfKey<K extends WordKey> = NamesOf<(typeof texts)[K][0]>;
type Values<K extends WordKey> = {
  readonly [Name in NamesOfKey<K>]: Name extends 'count' ? number : string | number;
};

/** Text of a key; placeholders without values do not compile. */
export type Say = <K extends WordKey>(
  key: K,
  ...values: [NamesOfKey<K>] extends [never] ? [] : [values: Values<K>]
) => string;

function createSay(language: Language): Say {
  const rules = new Intl.PluralRules(language);
  const dictionary: Words = texts;
  return (key, ...given) => {
    const values: Readonly<Record<string, string | number>> = given[0] ?? {};
    const text = dictionary[key]?.[language === 'ru' ? 1 : 0] ?? key;
    const form = typeof text === 'string' ? text : (text[rules.select(Number(values['count'] ?? 0))] ?? text.other);
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}

/** One per language: stable identities keep memoized components still. */
export const sayIn: Readonly<Record<Language, Say>> = { ru: createSay('ru'), en: createSay('en') };

import { en } from './en.ts';
import type { DictionaryOf, Message } from './message.ts';
import { ru } from './ru.ts';

export type Language = 'ru' | 'en';
export type MessageKey = keyof typeof en;

type Dictionary = DictionaryOf<typeof en>;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<M> = M extends string ? NamesIn<M> : M extends { other: infer O } ? NamesIn<O> : never;
type Values<K extends MessageKey> = {
  readonly [Name in NamesOf<(typeof en)[K]>]: Name extends 'count' ? number : string | number;
};
type Given<K extends MessageKey> = [NamesOf<(typeof en)[K]>] extends [never] ? [] : [values: Values<K>];

/** Text of a key in the language that the translator was made for. Missing placeholders do not compile. */
export type Translate = <K extends MessageKey>(key: K, ...values: Given<K>) => string;

const dictionaries: Record<Language, Dictionary> = { ru, en };

/** Fills `{name}` by values; a name without a value stays visible, so that a mistake is seen. */
function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function createTranslate(language: Language): Translate {
  const rules = new Intl.PluralRules(language);
  const dictionary: Readonly<Record<string, Message>> = dictionaries[language];
  return (key, ...given) => {
    const values: Readonly<Record<string, string | number>> = given[0] ?? {};
    const message = dictionary[key] ?? key;
    if (typeof message === 'string') return fill(message, values);
    const form = rules.select(Number(values['count'] ?? 0));
    return fill(message[form] ?? message.other, values);
  };
}

/** One translator per language: their identity is stable, so memoized components stay memoized. */
export const translators: Readonly<Record<Language, Translate>> = {
  ru: createTranslate('ru'),
  en: createTranslate('en'),
};

/** Forms by the categories of Intl.PluralRules; `other` is also for fractions. */
export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
export type Message = string | PluralForms;
/** The texts of another language for the keys of `T`; a plural message must be plural in every language. */
export type DictionaryOf<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : PluralForms;
};

/** Whom and whose words a template is filled in for. */
export interface FieldSources {
  readonly client: {
    readonly kind: 'person' | 'company' | 'unknown';
    readonly name: string;
    readonly company: string;
    readonly position: string;
  };
  readonly agent: { readonly name: string } | null;
  readonly company: { readonly name: string };
  readonly now: number;
  /** Of the client. */
  readonly timeZone: string;
  readonly language: 'ru' | 'en';
}

const patronymic = /(?:вич|вна|ична|инична|кызы|оглы)$/i;

/** The language of a card, when it is one of ours; else the company's. */
export const languageOf = (written: string, company: 'ru' | 'en'): 'ru' | 'en' =>
  written === 'ru' || written === 'en' ? written : company;

/** The name that somebody is called by. `Петров Иван Петрович` is written by surname, `Anna Smith` is not. */
export function firstNameOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const bySurname = words.length === 3 && patronymic.test(words[2] ?? '');
  return (bySurname ? words[1] : words[0]) ?? '';
}

type Field = (sources: FieldSources) => string;

const date: (style: Intl.DateTimeFormatOptions) => Field =
  (style) =>
  ({ now, timeZone, language }) =>
    new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', { ...style, timeZone }).format(now);

/** A card that only a number made has no name to call anybody by. */
const personal =
  (read: (client: FieldSources['client']) => string): Field =>
  ({ client }) =>
    client.kind === 'unknown' ? '' : read(client);

/** Fields of templates. An empty value is a missing one. */
export const templateFields: Readonly<Record<string, Field>> = {
  'client.name': personal(({ name }) => name),
  'client.firstName': personal(({ kind, name }) => (kind === 'person' ? firstNameOf(name) : '')),
  'client.company': ({ client }) => (client.kind === 'company' ? client.name : client.company),
  'client.position': ({ client }) => client.position,
  'agent.name': ({ agent }) => agent?.name ?? '',
  'agent.firstName': ({ agent }) => (agent ? firstNameOf(agent.name) : ''),
  'company.name': ({ company }) => company.name,
  date: date({ day: 'numeric', month: 'long', year: 'numeric' }),
  time: date({ hour: '2-digit', minute: '2-digit' }),
};

/** Fills fields in. Unknown and empty ones stay in the text, so that nobody overlooks them, and are named in `missing`. */
export function fillIn(
  text: string,
  sources: FieldSources,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const filled = text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => {
    const field = Object.hasOwn(templateFields, name) ? templateFields[name] : undefined;
    const value = field?.(sources) ?? '';
    if (value !== '') return value;
    missing.add(name);
    return whole;
  });
  return { text: filled, missing: [...missing] };
}

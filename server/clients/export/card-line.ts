import type { ImportField } from '../../contract/client-imports.ts';
import type { StoredCard, StoredContactPoint } from '../client.ts';
import { csvLine } from '../import/csv.ts';

export type ExportLanguage = 'ru' | 'en';

/** Columns in order, under titles that the import reads as these fields. */
const columns: readonly { readonly field: ImportField; readonly ru: string; readonly en: string }[] = [
  { field: 'name', ru: 'ФИО', en: 'Name' },
  { field: 'company', ru: 'Компания', en: 'Company' },
  { field: 'position', ru: 'Должность', en: 'Position' },
  { field: 'phone', ru: 'Телефон', en: 'Phone' },
  { field: 'email', ru: 'E-mail', en: 'E-mail' },
  { field: 'responsible', ru: 'Ответственный', en: 'Responsible' },
  { field: 'tags', ru: 'Метки', en: 'Tags' },
  { field: 'stage', ru: 'Стадия', en: 'Status' },
  { field: 'source', ru: 'Источник', en: 'Source' },
  { field: 'vip', ru: 'VIP', en: 'VIP' },
  { field: 'warning', ru: 'Важно', en: 'Warning' },
];

const words = {
  ru: { lead: 'лид', client: 'клиент', lost: 'потерян', yes: 'да', extension: 'доб.' },
  en: { lead: 'lead', client: 'client', lost: 'lost', yes: 'yes', extension: 'ext.' },
} as const;

/** Spreadsheets take a file without it for one of an old encoding. */
const byteOrderMark = '\uFEFF';

/** The first line of the file, with the mark of UTF-8 in front. */
export const headLine = (language: ExportLanguage): string =>
  byteOrderMark + csvLine(columns.map((column) => column[language]));

/** A card as one line of the file (RFC 4180). */
export function cardLine(card: StoredCard, language: ExportLanguage): string {
  const { lead, client, lost, yes, extension } = words[language];
  const of = (kind: StoredContactPoint['kind']): string =>
    card.contactPoints
      .filter((point) => point.kind === kind)
      .map((point) => (point.extension === '' ? point.value : `${point.value} ${extension} ${point.extension}`))
      .join('; ');
  const cells: Readonly<Partial<Record<ImportField, string>>> = {
    name: card.name,
    company: card.company,
    position: card.position,
    phone: of('phone'),
    email: of('email'),
    responsible: card.responsible?.name ?? '',
    tags: card.tags.join('; '),
    stage: { lead, client, lost }[card.stage],
    source: card.source,
    vip: card.vip ? yes : '',
    warning: card.warning,
  };
  return csvLine(columns.map(({ field }) => cells[field] ?? ''));
}

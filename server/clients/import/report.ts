import type { ImportOutcome, ImportReason } from '../../contract/client-imports.ts';
import { csvLine } from './csv.ts';
import type { Reason } from './draft.ts';

type Words<K extends string> = Readonly<Record<K, readonly [ru: string, en: string]>>;

const outcomes: Words<ImportOutcome> = {
  created: ['новая карточка', 'new card'],
  updated: ['карточка дополнена', 'card updated'],
  skipped: ['пропущено', 'skipped'],
  conflict: ['не загружено: спорно', 'not imported: conflict'],
  invalid: ['не загружено: ошибка', 'not imported: wrong'],
};

const reasons: Words<ImportReason> = {
  empty: ['нет ни имени, ни номера, ни почты', 'no name, number or e-mail'],
  no_valid_address: ['ни один номер или адрес не читается', 'none of the numbers and addresses can be read'],
  two_cards: ['подходит к нескольким карточкам', 'matches several cards'],
  too_long: ['слишком длинно', 'too long'],
  too_many: ['слишком много', 'too many'],
  bad_phone: ['не номер телефона', 'not a phone number'],
  bad_email: ['не адрес почты', 'not an e-mail address'],
  unknown_responsible: ['нет такого сотрудника', 'no such user'],
  unknown_stage: ['нет такой стадии', 'no such stage'],
};

const titles = {
  ru: ['Строка', 'Что с ней', 'Причины'],
  en: ['Row', 'Outcome', 'Reasons'],
} as const;

export interface ProblemRow {
  readonly row: number;
  readonly outcome: ImportOutcome;
  readonly reasons: readonly Reason[];
  readonly cells: readonly string[];
}

/** A problem row for people: its number, what became of it, why, and the row as it stood in the file. */
export function problemLine({ row, outcome, reasons: why, cells }: ProblemRow, language: 'ru' | 'en'): string {
  const place = language === 'ru' ? 0 : 1;
  const said = why.map(({ code, text }) => reasons[code][place] + (text === '' ? '' : `: ${text}`));
  return csvLine([String(row), outcomes[outcome][place], said.join('; '), ...cells], ';');
}

/** The first line of a list of problems, with the mark by which spreadsheets know UTF-8. */
export const problemHeader = (columns: readonly string[], language: 'ru' | 'en'): string =>
  `\uFEFF${csvLine([...titles[language], ...columns], ';')}`;

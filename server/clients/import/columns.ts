import type { ImportField } from '../../contract/client-imports.ts';
import { parsePhoneNumber } from '../phone-number.ts';

/** How people and other programs name their columns, in Russian and English. The first that fits wins. */
const headers: readonly (readonly [ImportField, RegExp])[] = [
  ['email', /e-?mail|почт|^мейл|^имейл|^эл\.? ?адрес/],
  ['phone', /phone|^tel\b|^tel\.|mobile|^cell|whats ?app|^fax|телефон|^тел(?:\.|$| )|моб|сотов|номер|^number/],
  ['lastName', /last ?name|surname|family|фамилия/],
  ['middleName', /middle|patronym|second ?name|отчество/],
  ['position', /position|job|title|role|должност|роль/],
  ['company', /company|organi[sz]ation|firm|account|employer|компани|организац|фирма|юр.*лицо|работодатель/],
  ['responsible', /responsible|manager|owner|assigned|ответствен|менеджер|куратор|сотрудник/],
  ['firstName', /first ?name|given ?name|^имя$/],
  ['name', /name|фио|ф\.? ?и\.? ?о|контакт|клиент|contact|client|customer|имя|наименование|название/],
  ['tags', /\btags?\b|label|метк|тег|тэг|групп|group|категори|segment|сегмент/],
  ['stage', /stage|status|стади|этап|статус/],
  ['source', /source|channel|campaign|источник|канал|откуда/],
  ['vip', /vip|вип/],
  ['warning', /warning|attention|alert|внимание|предупрежд|важно/],
  ['comment', /comment|note|remark|descr|коммент|замет|примеч|описан/],
];

const looksLikeEmail = (text: string): boolean => /^\S+@\S+\.\S+$/.test(text.trim());

/** More than half of the cells that hold something. */
function most(cells: readonly string[], fits: (text: string) => boolean): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '');
  return filled.length > 0 && filled.filter(fits).length * 2 > filled.length;
}

function byContent(cells: readonly string[], region: string): ImportField | null {
  if (most(cells, looksLikeEmail)) return 'email';
  const isPhone = (text: string) => parsePhoneNumber(text, region).e164 !== null;
  return most(cells, isPhone) ? 'phone' : null;
}

/** Fields that a card has once: a second column of the kind is not guessed. */
const repeatable = new Set<ImportField>(['phone', 'email', 'tags', 'comment']);

/** What each column is likely to hold, by its header, or by its cells when the header says nothing. */
export function guessMapping(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  region: string,
): (ImportField | null)[] {
  const taken = new Set<ImportField>();
  return header.map((text, column) => {
    const title = text
      .replace(/[\s_]+/g, ' ')
      .trim()
      .toLowerCase();
    const named = title === '' ? undefined : headers.find(([, pattern]) => pattern.test(title))?.[0];
    const guess =
      named ??
      byContent(
        rows.map((row) => row[column] ?? ''),
        region,
      );
    if (!guess || (taken.has(guess) && !repeatable.has(guess))) return null;
    taken.add(guess);
    return guess;
  });
}

import type { TemplateListItem } from '../../server/contract/messages-schemas.ts';
import type { ComposerTab } from './composition.ts';

/** `::word` that is being typed. */
export interface TemplateQuery {
  /** Where the first colon stands. */
  readonly start: number;
  /** Where the caret stands. */
  readonly end: number;
  readonly word: string;
}

const TYPED = /(?:^|[\s([{"«])(::([^\s:]{0,40}))$/u;

/** The `::word` that ends at the caret, if one does. Pure. */
export function templateQuery(text: string, caret: number): TemplateQuery | undefined {
  const typed = TYPED.exec(text.slice(0, caret));
  if (typed === null) return undefined;
  const [, whole = '', word = ''] = typed;
  return { start: caret - whole.length, end: caret, word };
}

const fold = (text: string): string => text.toLocaleLowerCase();

/** 0 = the shortcut itself ... 3 = somewhere in the name; undefined = no match. */
function rank(template: TemplateListItem, word: string): number | undefined {
  const shortcut = fold(template.shortcut).replace(/^:+/, '');
  const name = fold(template.name);
  if (shortcut === word) return 0;
  if (shortcut.startsWith(word)) return 1;
  if (name.startsWith(word)) return 2;
  if (name.includes(word) || shortcut.includes(word)) return 3;
  return undefined;
}

/**
 * Templates for this tab that the word may mean: by shortcut before by name, those in the client's language before
 * others. Pure. @param language of the client, empty when it is not known
 */
export function matchingTemplates(
  templates: readonly TemplateListItem[],
  query: { readonly word: string; readonly tab: ComposerTab; readonly language: string },
): TemplateListItem[] {
  const word = fold(query.word);
  const foreign = (template: TemplateListItem): number =>
    Number(template.language !== '' && query.language !== '' && template.language !== query.language);
  return templates
    .filter(({ channel }) => channel === null || channel === query.tab)
    .flatMap((template) => {
      const place = rank(template, word);
      return place === undefined ? [] : [{ template, place }];
    })
    .toSorted(
      (left, right) =>
        left.place - right.place ||
        foreign(left.template) - foreign(right.template) ||
        left.template.name.localeCompare(right.template.name),
    )
    .map(({ template }) => template);
}

/** The text with a part replaced, and where the caret stands after it. Pure. */
export function replaceRange(
  text: string,
  range: { readonly start: number; readonly end: number },
  inserted: string,
): { readonly text: string; readonly caret: number } {
  return {
    text: text.slice(0, range.start) + inserted + text.slice(range.end),
    caret: range.start + inserted.length,
  };
}

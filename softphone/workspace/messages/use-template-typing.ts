import { type KeyboardEvent, type RefObject, type SyntheticEvent, useState } from 'react';
import type { TemplateListItem } from '../../../server/contract/messages-schemas.ts';
import type { MessageChannelName } from '../../../server/contract/messages-words.ts';
import { call } from '../../net/api.ts';
import { failureCode } from '../../net/problem.ts';
import { draftOf, editDraft } from '../../state/message-drafts.ts';
import { setCommandFailure } from '../../state/stores.ts';
import { matchingTemplates, replaceRange, type TemplateQuery, templateQuery } from '../../state/template-query.ts';
import { useTemplates } from './queries.ts';

const SHOWN = 8;
const LIST_ID = 'template-list';

interface TypingProps {
  readonly clientId: number;
  readonly channel: MessageChannelName;
  /** The client's. */
  readonly language: string;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

export const templateOptionId = (id: number): string => `template-${id}`;

/** Templates by `::word`: what is offered, which one is chosen, and what the keys do meanwhile. */
export function useTemplateTyping({ clientId, channel, language, field }: TypingProps) {
  const [query, setQuery] = useState<TemplateQuery>();
  const [active, setActive] = useState(0);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const templates = useTemplates(query !== undefined);
  const items =
    query === undefined
      ? []
      : matchingTemplates(templates, { word: query.word, tab: channel, language }).slice(0, SHOWN);
  const chosen = items[Math.min(active, Math.max(0, items.length - 1))];

  function onCaret({ currentTarget }: SyntheticEvent<HTMLTextAreaElement>): void {
    const { value, selectionStart, selectionEnd } = currentTarget;
    const next = selectionStart === selectionEnd ? templateQuery(value, selectionEnd) : undefined;
    if (next?.start === query?.start && next?.word === query?.word) return;
    setQuery(next);
    setActive(0);
  }
  /** By the button: as if `::` had been typed. */
  function open(): void {
    const element = field.current;
    if (element === null) return;
    const { value, selectionStart: start, selectionEnd: end } = element;
    const inserted = start === 0 || /\s$/.test(value.slice(0, start)) ? '::' : ' ::';
    const { text, caret } = replaceRange(value, { start, end }, inserted);
    editDraft(clientId, channel, { text });
    putCaret(caret);
  }
  function putCaret(caret: number): void {
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(caret, caret);
    });
  }
  async function insert(template: TemplateListItem): Promise<void> {
    const range = query;
    if (range === undefined) return;
    setQuery(undefined);
    setCommandFailure(null);
    try {
      const rendered = await call('POST /api/v1/templates/:id/render', {
        params: { id: template.id },
        body: { clientId },
      });
      const draft = draftOf(clientId, channel);
      const { text, caret } = replaceRange(draft.text, range, rendered.text);
      const subject = draft.subject === '' && channel === 'email' ? rendered.subject : draft.subject;
      editDraft(clientId, channel, { text, subject, templateId: template.id });
      setMissing(rendered.missing);
      putCaret(caret);
    } catch (error) {
      setCommandFailure(failureCode(error));
    }
  }
  /** Says whether the key was one of the list's. */
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
    if (query === undefined || event.ctrlKey || event.metaKey) return false;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') setQuery(undefined);
    else if (step !== 0 && items.length > 0) setActive((active + step + items.length) % items.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen !== undefined) void insert(chosen);
    else return false;
    event.preventDefault();
    return true;
  }
  const shown = query !== undefined;
  return {
    shown,
    items,
    chosen,
    missing,
    open,
    onCaret,
    onKeyDown,
    close: () => setQuery(undefined),
    choose: (template: TemplateListItem) => void insert(template),
    /** Of the field: what is offered, and which one Enter would take. */
    ariaOfField: {
      'aria-autocomplete': 'list' as const,
      'aria-controls': shown ? LIST_ID : undefined,
      'aria-activedescendant': chosen === undefined ? undefined : templateOptionId(chosen.id),
    },
    listId: LIST_ID,
  };
}

export type TemplateTyping = ReturnType<typeof useTemplateTyping>;

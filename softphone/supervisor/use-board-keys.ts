import { useEffect } from 'react';
import { type BoardAction, boardAction } from '../keys/board-keys.ts';
import { useSettings } from '../state/settings.ts';

const FIELDS = 'input, textarea, select, [contenteditable="true"]';
const OVERLAYS = '[role="dialog"], [role="menu"]';
const ROW = '[data-row]';

const rowsOf = (block: Element): HTMLElement[] => [...block.querySelectorAll<HTMLElement>(ROW)];

/** The row that Tab would reach, or else the first. */
function enter(block: Element | null): void {
  if (block === null) return;
  const rows = rowsOf(block);
  (rows.find((row) => row.tabIndex === 0) ?? rows[0])?.focus();
  block.scrollIntoView({ block: 'nearest' });
}

function step(from: Element | null, by: 1 | -1): void {
  const block = from?.closest('[data-block]') ?? document.querySelector('[data-block]');
  if (block === null) return;
  const rows = rowsOf(block);
  const owner = from?.closest<HTMLElement>('[data-details]')?.dataset['details'];
  const at = rows.findIndex((row) => row.contains(from) || (owner !== undefined && row.dataset['row'] === owner));
  if (at === -1) enter(block);
  else rows[at + by]?.focus();
}

/** Presses the button of the row that has the focus; a row without it does nothing. */
function press(from: Element | null, name: BoardAction): void {
  from?.closest(ROW)?.querySelector<HTMLElement>(`[data-key="${name}"]`)?.click();
}

/** Listens to the whole page: physical keys, so that a Russian layout changes nothing. @param openMap shows the keys */
export function useBoardKeys(openMap: () => void): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.isComposing) return;
      const from = document.activeElement;
      const action = boardAction(
        {
          code: event.code,
          key: event.key,
          ctrl: event.ctrlKey || event.metaKey,
          alt: event.altKey,
          shift: event.shiftKey,
          repeat: event.repeat,
        },
        {
          typing: from?.matches(FIELDS) ?? false,
          overlay: document.querySelector(OVERLAYS) !== null,
          singleKeys: useSettings.getState().singleKeys,
        },
      );
      if (action === undefined) return;
      event.preventDefault();
      if (typeof action === 'object') enter(document.querySelector(`[data-block="${action.block}"]`));
      else if (action === 'map') openMap();
      else if (action === 'next') step(from, 1);
      else if (action === 'previous') step(from, -1);
      else press(from, action);
    }
    globalThis.addEventListener('keydown', onKeyDown);
    return () => globalThis.removeEventListener('keydown', onKeyDown);
  }, [openMap]);
}

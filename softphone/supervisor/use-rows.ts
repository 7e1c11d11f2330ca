import { type FocusEvent, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';

/**
 * The rows of a block, walked by keys: one of them is reached by Tab, the others from it; Enter opens and closes. A row
 * says who it is by `data-row`, what it opens to by `data-details`.
 */
export interface Rows {
  /** The row that Tab reaches. */
  readonly current: string | undefined;
  readonly opened: ReadonlySet<string>;
  toggle(key: string): void;
  /** Spread on the element that has the rows in it. */
  readonly container: {
    readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  };
}

const rowOf = (target: EventTarget): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;

const ownerOf = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-details]')?.dataset['details'] : undefined;

/** @param keys of the rows as they are drawn */
export function useRows(keys: readonly string[]): Rows {
  const [focused, setFocused] = useState<string>();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (key: string) =>
      setOpened((held) => {
        const next = new Set(held);
        if (!next.delete(key)) next.add(key);
        return next;
      }),
    [],
  );
  const place = useRef<HTMLElement>(null);
  const lastAt = useRef(0);
  const at = focused === undefined ? -1 : keys.indexOf(focused);
  if (at >= 0) lastAt.current = at;
  const current = keys[at >= 0 ? at : Math.min(lastAt.current, keys.length - 1)];

  useEffect(() => {
    // the row that had the focus is gone: the keyboard goes on from the one that took its place
    if (focused === undefined || at >= 0 || document.activeElement !== document.body) return;
    place.current?.querySelector<HTMLElement>(`[data-row="${current}"]`)?.focus();
  }, [focused, at, current]);

  const container = useMemo<Rows['container']>(
    () => ({
      onFocus(event) {
        place.current = event.currentTarget;
        const key = rowOf(event.target)?.dataset['row'] ?? ownerOf(event.target);
        if (key !== undefined) setFocused(key);
      },
      onKeyDown(event) {
        const row = rowOf(event.target);
        // of the row itself: Enter on a button in it is the button's
        const isRow = row === event.target;
        const key = isRow ? row?.dataset['row'] : undefined;
        if (key !== undefined && (event.key === 'Enter' || event.key === ' ')) {
          event.preventDefault();
          toggle(key);
        }
        const owner = ownerOf(event.target);
        if (event.key === 'Escape' && owner !== undefined) {
          toggle(owner);
          event.currentTarget.querySelector<HTMLElement>(`[data-row="${owner}"]`)?.focus();
        }
      },
    }),
    [toggle],
  );
  return { current, opened, toggle, container };
}

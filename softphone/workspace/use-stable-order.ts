import { type RefObject, useEffect, useRef, useState } from 'react';

const QUIET_MS = 500;

/**
 * Keeps a list in its order while the pointer works in it: nothing may change its place in the half second around a
 * click. What appears meanwhile is shown when the pointer has rested.
 * @param items anything with identity by reference; @returns what to draw.
 */
export function useStableOrder<T>(items: readonly T[], container: RefObject<HTMLElement | null>): readonly T[] {
  const busyUntil = useRef(0);
  const shown = useRef(items);
  const [, redraw] = useState(0);

  useEffect(() => {
    const element = container.current;
    if (element === null) return undefined;
    const touch = (): void => {
      busyUntil.current = Date.now() + QUIET_MS;
    };
    element.addEventListener('pointerdown', touch);
    element.addEventListener('pointerup', touch);
    return () => {
      element.removeEventListener('pointerdown', touch);
      element.removeEventListener('pointerup', touch);
    };
  }, [container]);

  const wait = busyUntil.current - Date.now();
  const frozen = wait > 0 && shown.current !== items;
  useEffect(() => {
    if (!frozen) return undefined;
    const timer = setTimeout(() => redraw((n) => n + 1), wait);
    return () => clearTimeout(timer);
  }, [frozen, wait]);
  if (!frozen) shown.current = items;
  return shown.current;
}

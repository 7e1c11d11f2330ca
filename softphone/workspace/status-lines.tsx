import { Menu } from '@mantine/core';
import { CircleCheck, CirclePause } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import classes from './bar.module.css';
import { useReasons } from './use-reasons.ts';

interface StatusLinesProps {
  /** @param reason undefined = ready */
  readonly onChoose: (reason: string | undefined) => void;
  /** For screen readers, when the button that opened it does not say it. */
  readonly label?: string;
}

/** No fade: a key that follows at once must find the menu there. Spread on the menu around the lines. */
export const immediate = { duration: 0 };

/** Before the next key can come; what it scrolls to has no place yet. */
const focusAtOnce = (line: HTMLElement | null): void => line?.focus({ preventScroll: true });

/**
 * The statuses that can be chosen, inside a menu: a line by the mouse, by its number, or by its first letter. The first
 * one has the focus from the start.
 */
export function StatusLines({ onChoose, label }: StatusLinesProps) {
  const { t } = useLanguage();
  const reasons = useReasons();
  const choices = [{ code: 'available', name: t('status.available') }, ...reasons.choices];
  /** The menu puts the focus in once more a moment after it has opened: to the line that has it. */
  const [focused, setFocused] = useState('available');
  const choose = (code: string): void => onChoose(code === 'available' ? undefined : code);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key.length !== 1) return;
    const typed = event.key.toLowerCase();
    const chosen = choices[Number(typed) - 1] ?? choices.find(({ name }) => name.toLowerCase().startsWith(typed));
    if (chosen === undefined) return;
    event.preventDefault();
    choose(chosen.code);
  }
  return (
    <Menu.Dropdown onKeyDown={onKeyDown} {...(label === undefined ? {} : { 'aria-label': label })}>
      {choices.map(({ code, name }, index) => (
        <Menu.Item
          key={code}
          ref={code === 'available' ? focusAtOnce : null}
          onFocus={() => setFocused(code)}
          {...(code === focused ? { 'data-autofocus': true } : {})}
          leftSection={
            code === 'available' ? (
              <CircleCheck size={15} color="var(--ready)" aria-hidden="true" />
            ) : (
              <CirclePause size={15} color="var(--ring)" aria-hidden="true" />
            )
          }
          rightSection={
            <span className={classes.menuKey} aria-hidden="true">
              {index + 1}
            </span>
          }
          onClick={() => choose(code)}
          data-testid={`status-${code}`}
        >
          {name}
        </Menu.Item>
      ))}
    </Menu.Dropdown>
  );
}

import { Popover } from '@mantine/core';
import { type KeyboardEvent, type ReactElement, useState } from 'react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useScreenStore } from '../state/stores.ts';
import classes from './keypad.module.css';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

interface KeypadProps {
  readonly interaction: InteractionView | undefined;
  readonly opened: boolean;
  readonly children: ReactElement;
}

/** Digits for the other side's menus; typed on the keyboard or pressed here. */
export function Keypad({ interaction, opened, children }: KeypadProps) {
  const { t } = useLanguage();
  const { commands } = useDeskTools();
  const [sent, setSent] = useState('');
  const close = (): void => {
    useScreenStore.setState({ keypadOpen: false });
    setSent('');
  };
  function press(digit: string): void {
    if (interaction === undefined) return;
    setSent((before) => (before + digit).slice(-20));
    void commands.sendDigits(interaction, digit);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (/^[\d*#]$/.test(event.key)) {
      event.preventDefault();
      press(event.key);
    }
  }
  return (
    <Popover
      opened={opened}
      onDismiss={close}
      trapFocus
      returnFocus
      withRoles={false}
      position="bottom"
      shadow="md"
      withinPortal
    >
      <Popover.Target>
        <span>{children}</span>
      </Popover.Target>
      <Popover.Dropdown
        p={10}
        role="dialog"
        onKeyDown={onKeyDown}
        aria-label={t('keypad.title')}
        data-testid="keypad-panel"
      >
        <div className={classes.sent}>
          <span>{t('keypad.sent')}</span> <b className="num">{sent}</b>
        </div>
        <div className={classes.keys}>
          {KEYS.map((digit) => (
            <button key={digit} type="button" onClick={() => press(digit)} data-testid={`digit-${digit}`}>
              {digit}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

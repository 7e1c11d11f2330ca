import { Menu } from '@mantine/core';
import { CircleCheck, CirclePause } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useCallback, useState } from 'react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useReasons } from '../workspace/use-reasons.ts';
import classes from './agent-grid.module.css';
import { placeOf } from './anchor.ts';

export type StatusChoice = { readonly status: 'available' } | { readonly status: 'not_ready'; readonly reason: string };

interface StatusWindowProps {
  readonly onChoose: (agent: AgentListItem, choice: StatusChoice) => void;
  /** @param show opens the menu for an agent at the button that was pressed */
  readonly children: (show: (agent: AgentListItem, button: HTMLElement) => void) => ReactNode;
}

/** One menu of statuses for all agents: a line is chosen by its number or its first letter too. */
export function StatusWindow({ onChoose, children }: StatusWindowProps) {
  const { t } = useLanguage();
  const { choices } = useReasons();
  const [shown, setShown] = useState<{ agent: AgentListItem; button: HTMLElement }>();
  const show = useCallback((agent: AgentListItem, button: HTMLElement) => setShown({ agent, button }), []);
  const lines = [{ code: 'available', name: t('status.available') }, ...choices];

  const label = shown === undefined ? '' : t('supervisor.setStatus', { name: shown.agent.name });

  function close(): void {
    setShown(undefined);
    shown?.button.closest<HTMLElement>('[data-row]')?.focus();
  }
  function choose(code: string): void {
    if (shown === undefined) return;
    onChoose(shown.agent, code === 'available' ? { status: 'available' } : { status: 'not_ready', reason: code });
    close();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key.length !== 1) return;
    const typed = event.key.toLowerCase();
    const chosen = lines[Number(typed) - 1] ?? lines.find(({ name }) => name.toLowerCase().startsWith(typed));
    if (chosen === undefined) return;
    event.preventDefault();
    choose(chosen.code);
  }
  return (
    <>
      {children(show)}
      {shown === undefined ? null : (
        <Menu
          opened
          onClose={close}
          position="bottom-end"
          shadow="md"
          width={220}
          withinPortal
          returnFocus={false}
          withInitialFocusPlaceholder={false}
        >
          <Menu.Target>
            <button
              type="button"
              tabIndex={-1}
              aria-label={label}
              className={classes.anchor}
              style={placeOf(shown.button.getBoundingClientRect())}
            />
          </Menu.Target>
          <Menu.Dropdown onKeyDown={onKeyDown} aria-label={label}>
            {lines.map(({ code, name }, index) => (
              <Menu.Item
                key={code}
                leftSection={
                  code === 'available' ? (
                    <CircleCheck size={15} color="var(--ready)" aria-hidden="true" />
                  ) : (
                    <CirclePause size={15} color="var(--ring)" aria-hidden="true" />
                  )
                }
                rightSection={
                  <span className={classes.number} aria-hidden="true">
                    {index + 1}
                  </span>
                }
                onClick={() => choose(code)}
                data-testid={`choose-${code}`}
              >
                {name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

import { Menu } from '@mantine/core';
import { type ReactNode, useCallback, useState } from 'react';
import type { AgentListItem } from '../../server/contract/schemas.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { immediate, StatusLines } from '../workspace/status-lines.tsx';
import classes from './agent-grid.module.css';
import { placeOf } from './anchor.ts';

export type StatusChoice = { readonly status: 'available' } | { readonly status: 'not_ready'; readonly reason: string };

interface StatusWindowProps {
  readonly onChoose: (agent: AgentListItem, choice: StatusChoice) => void;
  /** @param show opens the menu for an agent at the button that was pressed */
  readonly children: (show: (agent: AgentListItem, button: HTMLElement) => void) => ReactNode;
}

/** One menu of statuses for all agents. */
export function StatusWindow({ onChoose, children }: StatusWindowProps) {
  const { t } = useLanguage();
  const [shown, setShown] = useState<{
    agent: AgentListItem;
    button: HTMLElement;
    place: ReturnType<typeof placeOf>;
  }>();
  // the place once: a push may take the row away while somebody chooses
  const show = useCallback(
    (agent: AgentListItem, button: HTMLElement) =>
      setShown({ agent, button, place: placeOf(button.getBoundingClientRect()) }),
    [],
  );

  const label = shown === undefined ? '' : t('supervisor.setStatus', { name: shown.agent.name });

  function close(): void {
    setShown(undefined);
    shown?.button.closest<HTMLElement>('[data-row]')?.focus();
  }
  function choose(reason: string | undefined): void {
    if (shown !== undefined) {
      onChoose(shown.agent, reason === undefined ? { status: 'available' } : { status: 'not_ready', reason });
    }
    close();
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
          transitionProps={immediate}
        >
          <Menu.Target>
            <button type="button" tabIndex={-1} aria-label={label} className={classes.anchor} style={shown.place} />
          </Menu.Target>
          <StatusLines onChoose={choose} label={label} />
        </Menu>
      )}
    </>
  );
}

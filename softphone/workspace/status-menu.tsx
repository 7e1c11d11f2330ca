import { Menu, VisuallyHidden } from '@mantine/core';
import { ChevronDown, CircleCheck, CirclePause } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './bar.module.css';
import { Timer } from './timer.tsx';
import { useReasons } from './use-reasons.ts';
import { statusText } from './wording.ts';

/** My status with the time in it. During a call another choice becomes the next status. */
export function StatusMenu() {
  const { t } = useLanguage();
  const { commands } = useDeskTools();
  const reasons = useReasons();
  const presence = useWorkspaceStore((store) => store.state?.presence);
  const opened = useScreenStore((screen) => screen.statusMenuOpen);
  if (presence === undefined) return null;
  const setOpened = (next: boolean): void => useScreenStore.setState({ statusMenuOpen: next });
  const choices = [{ code: 'available', name: t('status.available') }, ...reasons.choices];

  function choose(code: string): void {
    setOpened(false);
    void (code === 'available' ? commands.setPresence('available') : commands.setPresence('not_ready', code));
  }
  // the first letter or the number of a line chooses it
  function onKeyDown(event: KeyboardEvent): void {
    const byNumber = choices[Number(event.key) - 1];
    const byLetter = choices.find(({ name }) => name.toLowerCase().startsWith(event.key.toLowerCase()));
    const chosen = byNumber ?? (event.key.length === 1 ? byLetter : undefined);
    if (chosen !== undefined) choose(chosen.code);
  }
  const Icon = presence.status === 'available' ? CircleCheck : CirclePause;
  return (
    <Menu
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      shadow="md"
      width={240}
      withinPortal
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <button type="button" className={classes.status} data-status={presence.status} data-testid="status-menu">
          <Icon size={16} aria-hidden="true" />
          <VisuallyHidden>{t('status.menu')}</VisuallyHidden>
          <span>{statusText(presence, t, reasons.nameOf)}</span>
          <Timer since={presence.since} />
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown onKeyDown={onKeyDown}>
        {choices.map(({ code, name }, index) => (
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
    </Menu>
  );
}

/** The status that begins when the present call is finished. */
export function NextStatus() {
  const { t } = useLanguage();
  const { nameOf } = useReasons();
  const presence = useWorkspaceStore((store) => store.state?.presence);
  if (presence === undefined || presence.nextStatus === null) return null;
  const status = statusText({ status: presence.nextStatus, reason: presence.nextReason }, t, nameOf).toLowerCase();
  return (
    <span className={classes.next} data-testid="next-status">
      {t('status.next', { status })}
    </span>
  );
}

import { Menu, VisuallyHidden } from '@mantine/core';
import { ChevronDown, CircleCheck, CirclePause } from 'lucide-react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './bar.module.css';
import { immediate, StatusLines } from './status-lines.tsx';
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

  function choose(reason: string | undefined): void {
    setOpened(false);
    void (reason === undefined ? commands.setPresence('available') : commands.setPresence('not_ready', reason));
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
      transitionProps={immediate}
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
      <StatusLines onChoose={choose} />
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

import { useMantineColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { composerPlace, openTab } from '../state/composer-tab.ts';
import { changeSettings } from '../state/settings.ts';
import { useScreenStore } from '../state/stores.ts';
import { openTaskForm } from './open-task-form.ts';
import type { SearchCommand } from './search-items.ts';
import type { Open } from './use-open.ts';
import { useReasons } from './use-reasons.ts';

const writeTabs = ['note', 'sms', 'email'] as const;

/** The composer's tabs, where there is somebody to write to. */
function writing({ clientId, interaction }: Open): [(typeof writeTabs)[number], () => void][] {
  if (clientId === undefined) return [];
  return writeTabs.map((tab) => [tab, () => openTab(composerPlace(clientId, interaction?.id), tab, true)]);
}

/** Everything that can be done now, by name. What does not fit the moment is not offered. */
export function usePaletteCommands(open: Open): readonly SearchCommand[] {
  const { t, language } = useLanguage();
  const { commands, signOut } = useDeskTools();
  const { setColorScheme } = useMantineColorScheme();
  const { choices: reasons } = useReasons();
  const inHand = open.inStrip;
  return useMemo(() => {
    const talking = inHand?.state === 'active' || inHand?.state === 'held';
    const offered = inHand?.state === 'offered';
    const list: (SearchCommand | false)[] = [
      inHand !== undefined && offered && { id: 'answer', text: t('strip.answer'), run: () => commands.answer(inHand) },
      inHand !== undefined &&
        offered && { id: 'decline', text: t('strip.decline'), run: () => void commands.decline(inHand) },
      inHand !== undefined &&
        talking && { id: 'hang-up', text: t('strip.hangUp'), run: () => void commands.hangUp(inHand) },
      talking && { id: 'mute', text: t('key.mute'), run: commands.toggleMute },
      inHand !== undefined &&
        talking && { id: 'hold', text: t('key.hold'), run: () => void commands.toggleHold(inHand) },
      talking && { id: 'keypad', text: t('strip.keypad'), run: () => useScreenStore.setState({ keypadOpen: true }) },
      inHand?.state === 'wrap_up' && { id: 'finish', text: t('strip.finish'), run: () => void commands.finish(inHand) },
      ...writing(open).map(([tab, run]) => ({ id: tab, text: t(`key.${tab}`), run })),
      { id: 'promise', text: t('key.promise'), run: () => openTaskForm('promise', open) },
      { id: 'task', text: t('task.new'), run: () => openTaskForm('task', open) },
      { id: 'ready', text: t('status.available'), run: () => void commands.setPresence('available') },
      ...reasons.map(({ code, name }) => ({
        id: `status-${code}`,
        text: `${t('status.not_ready')}: ${name}`,
        run: () => void commands.setPresence('not_ready', code),
      })),
      { id: 'light', text: `${t('menu.theme')}: ${t('theme.light')}`, run: () => setColorScheme('light') },
      { id: 'dark', text: `${t('menu.theme')}: ${t('theme.dark')}`, run: () => setColorScheme('dark') },
      {
        id: 'language',
        text: t('menu.language'),
        run: () => changeSettings({ language: language === 'ru' ? 'en' : 'ru' }),
      },
      { id: 'keys', text: t('keys.title'), run: () => useScreenStore.setState({ keyMapOpen: true }) },
      { id: 'sign-out', text: t('menu.signOut'), run: () => void signOut() },
    ];
    return list.filter((command) => command !== false);
  }, [t, language, commands, signOut, setColorScheme, reasons, inHand, open]);
}

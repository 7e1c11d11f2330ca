import { Menu, useMantineColorScheme } from '@mantine/core';
import { ChevronDown, Languages, LayoutDashboard, LogOut, Monitor, Moon, Square, SquareCheck, Sun } from 'lucide-react';
import { useLocation } from 'wouter';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import classes from './bar.module.css';

const schemes = [
  { scheme: 'light', icon: Sun },
  { scheme: 'dark', icon: Moon },
  { scheme: 'auto', icon: Monitor },
] as const;

/** Language, appearance, sounds, keys, and the way out. */
export function UserMenu() {
  const { t, language } = useLanguage();
  const { signOut } = useDeskTools();
  const me = useWorkspaceStore((store) => store.state?.me);
  const [path, navigate] = useLocation();
  const singleKeys = useSettings((settings) => settings.singleKeys);
  const supervises = me?.role === 'supervisor' || me?.role === 'admin';
  const here = path === '/supervisor';
  return (
    <Menu position="bottom-end" shadow="md" width={240} withinPortal closeOnItemClick={false}>
      <Menu.Target>
        <button
          type="button"
          className={classes.user}
          aria-label={`${t('menu.label')}: ${me?.name ?? ''}`}
          data-testid="user-menu"
        >
          <span>{me?.name}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {supervises ? (
          <Menu.Item
            leftSection={<LayoutDashboard size={15} aria-hidden="true" />}
            closeMenuOnClick
            onClick={() => navigate(here ? '/' : '/supervisor')}
            data-testid="supervisor-link"
          >
            {here ? t('menu.workspace') : t('menu.supervisor')}
          </Menu.Item>
        ) : null}
        <Menu.Item
          leftSection={<Languages size={15} aria-hidden="true" />}
          onClick={() => changeSettings({ language: language === 'ru' ? 'en' : 'ru' })}
          data-testid="language"
        >
          {t('menu.language')}
        </Menu.Item>
        <Menu.Item
          leftSection={
            singleKeys ? <SquareCheck size={15} aria-hidden="true" /> : <Square size={15} aria-hidden="true" />
          }
          role="menuitemcheckbox"
          aria-checked={singleKeys}
          onClick={() => changeSettings({ singleKeys: !singleKeys })}
        >
          {t('menu.shortcuts')}
        </Menu.Item>
        <Appearance />
        <Volume />
        <Menu.Divider />
        <Menu.Item
          leftSection={<LogOut size={15} aria-hidden="true" />}
          onClick={() => void signOut()}
          data-testid="sign-out"
        >
          {t('menu.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Appearance() {
  const { t } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t('menu.theme')}</Menu.Label>
      {schemes.map(({ scheme, icon: Icon }) => (
        <Menu.Item
          key={scheme}
          role="menuitemradio"
          aria-checked={colorScheme === scheme}
          leftSection={<Icon size={15} aria-hidden="true" />}
          fw={colorScheme === scheme ? 650 : 400}
          onClick={() => setColorScheme(scheme)}
          data-testid={`theme-${scheme}`}
        >
          {t(`theme.${scheme}`)}
        </Menu.Item>
      ))}
    </>
  );
}

function Volume() {
  const { t } = useLanguage();
  const { desk } = useDeskTools();
  const volume = useSettings((settings) => settings.ringVolume);
  function change(next: number): void {
    changeSettings({ ringVolume: next });
    desk.phone.setVolume(next);
  }
  return (
    <label className={classes.volume}>
      {t('menu.volume')}
      <input
        type="range"
        min={0.05}
        max={1}
        step={0.05}
        value={volume}
        onChange={(event) => change(Number(event.currentTarget.value))}
        onPointerUp={() => desk.phone.playSample('call')}
        onKeyUp={() => desk.phone.playSample('call')}
      />
    </label>
  );
}

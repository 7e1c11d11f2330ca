import { Popover, useMantineColorScheme } from '@mantine/core';
import {
  Check,
  ChevronDown,
  Headset,
  Languages,
  LayoutDashboard,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Settings,
  Sun,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { useWorkspaceStore } from '../state/stores.ts';
import { SignatureField } from './messages/signature-field.tsx';
import classes from './user-menu.module.css';

const schemes = [
  { scheme: 'light', icon: Sun },
  { scheme: 'dark', icon: Moon },
  { scheme: 'auto', icon: Monitor },
] as const;

/** Language, appearance, keys, and the way out. Not a menu in the sense of ARIA: it is a list of buttons and links. */
export function UserMenu() {
  const { t, language } = useLanguage();
  const { signOut } = useDeskTools();
  const me = useWorkspaceStore((store) => store.state?.me);
  const singleKeys = useSettings((settings) => settings.singleKeys);
  const messageSound = useSettings((settings) => settings.messageSound);
  const [opened, setOpened] = useState(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      shadow="md"
      width={250}
      withinPortal
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={classes.user}
          title={t('menu.label')}
          onClick={() => setOpened(!opened)}
          data-testid="user-menu"
        >
          <span>{me?.name ?? t('menu.label')}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown p={6} aria-label={t('menu.label')}>
        <PageLinks onGo={() => setOpened(false)} />
        <Item
          icon={Languages}
          onPress={() => changeSettings({ language: language === 'ru' ? 'en' : 'ru' })}
          testId="language"
        >
          {t('menu.language')}
        </Item>
        <Item
          icon={Check}
          pressed={singleKeys}
          onPress={() => changeSettings({ singleKeys: !singleKeys })}
          testId="single-keys"
        >
          {t('menu.shortcuts')}
        </Item>
        <Item
          icon={Check}
          pressed={messageSound}
          onPress={() => changeSettings({ messageSound: !messageSound })}
          testId="message-sound"
        >
          {t('menu.messageSound')}
        </Item>
        <SignatureField />
        <Appearance />
        <hr className={classes.line} />
        <Item icon={LogOut} onPress={() => void signOut()} testId="sign-out">
          {t('menu.signOut')}
        </Item>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ItemProps {
  readonly icon: LucideIcon;
  readonly onPress: () => void;
  readonly testId: string;
  readonly pressed?: boolean;
  readonly children: ReactNode;
}

function Item({ icon: Icon, onPress, testId, pressed, children }: ItemProps) {
  return (
    <button
      type="button"
      className={classes.item}
      aria-pressed={pressed}
      data-off={pressed === false && Icon === Check}
      onClick={onPress}
      data-testid={testId}
    >
      <Icon size={15} aria-hidden="true" />
      {children}
    </button>
  );
}

/** The pages of supervisors and administrators; the way back from the one that is open. */
function PageLinks({ onGo }: { readonly onGo: () => void }) {
  const { t } = useLanguage();
  const role = useWorkspaceStore((store) => store.state?.me.role);
  const [path, navigate] = useLocation();
  if (role !== 'supervisor' && role !== 'admin') return null;
  const go = (to: string) => (): void => {
    onGo();
    navigate(to);
  };
  return (
    <>
      {path !== '/' && (
        <Item icon={Headset} onPress={go('/')} testId="workspace-link">
          {t('menu.workspace')}
        </Item>
      )}
      {path !== '/supervisor' && (
        <Item icon={LayoutDashboard} onPress={go('/supervisor')} testId="supervisor-link">
          {t('menu.supervisor')}
        </Item>
      )}
      <Item icon={Settings} onPress={go('/admin')} testId="admin-link">
        {t('menu.admin')}
      </Item>
    </>
  );
}

function Appearance() {
  const { t } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <fieldset className={classes.schemes}>
      <legend>{t('menu.theme')}</legend>
      {schemes.map(({ scheme, icon }) => (
        <Item
          key={scheme}
          icon={icon}
          pressed={colorScheme === scheme}
          onPress={() => setColorScheme(scheme)}
          testId={`theme-${scheme}`}
        >
          {t(`theme.${scheme}`)}
        </Item>
      ))}
    </fieldset>
  );
}

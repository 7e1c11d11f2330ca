import { VisuallyHidden } from '@mantine/core';
import { Clock, Keyboard, ListTodo, PhoneCall, PhoneMissed } from 'lucide-react';
import { clockTime, dayAndTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { forToday } from '../state/task-list.ts';
import { useTasks } from '../state/tasks.ts';
import classes from './bar.module.css';
import { PhoneHealth } from './phone-health.tsx';
import { SearchBox } from './search-box.tsx';
import { SoundMenu } from './sound-menu.tsx';
import { NextStatus, StatusMenu } from './status-menu.tsx';
import type { Open } from './use-open.ts';
import { UserMenu } from './user-menu.tsx';

/** Nobody's shift is longer: whoever's schedule says so is on shift round the clock. */
const longestShiftMs = 24 * 3_600_000;

/** Always visible: status, line, phone, shift, figures of the day, search, help. */
export function Bar({ open }: { readonly open: Open }) {
  const { t } = useLanguage();
  return (
    <header className={classes.bar}>
      <VisuallyHidden component="h1">{t('app.name')}</VisuallyHidden>
      <StatusMenu />
      <NextStatus />
      <LineChoice />
      <PhoneHealth />
      <SoundMenu />
      <Shift />
      <Counters />
      <span className={classes.space} />
      <SearchBox open={open} />
      <button
        type="button"
        className={classes.iconButton}
        aria-label={t('help.label')}
        title={`${t('help.label')} (?)`}
        onClick={() => useScreenStore.setState({ keyMapOpen: true })}
      >
        <Keyboard size={18} aria-hidden="true" />
      </button>
      <UserMenu />
    </header>
  );
}

/** The line whose number the client sees. One line needs no choice. */
function LineChoice() {
  const { t } = useLanguage();
  const lines = useWorkspaceStore((store) => store.state?.lines);
  const lineId = useScreenStore((screen) => screen.lineId);
  const [first] = lines ?? [];
  if (lines === undefined || first === undefined) return null;
  const chosen = lines.find((line) => line.id === lineId) ?? first;
  return (
    <select
      className={classes.line}
      aria-label={t('line.label')}
      title={`${t('line.label')}: ${chosen.display || chosen.number}`}
      value={chosen.id}
      onChange={(event) => useScreenStore.setState({ lineId: Number(event.currentTarget.value) })}
    >
      {lines.map((line) => (
        <option key={line.id} value={line.id}>
          {line.name}
        </option>
      ))}
    </select>
  );
}

function Shift() {
  const { t, language } = useLanguage();
  const presence = useWorkspaceStore((store) => store.state?.presence);
  if (presence === undefined) return null;
  const { shift, nextShiftAt } = presence;
  const text =
    shift !== null
      ? Date.parse(shift.endsAt) - Date.now() > longestShiftMs
        ? t('shift.always')
        : t('shift.till', { time: clockTime(shift.endsAt, language) })
      : nextShiftAt === null
        ? t('shift.off')
        : t('shift.next', { time: dayAndTime(nextShiftAt, Date.now(), language) });
  return (
    <span className={`${classes.figure} ${classes.shift}`} title={text}>
      <Clock size={15} aria-hidden="true" />
      <span className="num">{text}</span>
    </span>
  );
}

function Counters() {
  const { t } = useLanguage();
  const calls = useWorkspaceStore((store) => store.state?.callsToday ?? 0);
  const owed = useWorkspaceStore((store) => store.state?.owed.length ?? 0);
  const planned = useTasks((store) => forToday(store.tasks, Date.now()).length);
  return (
    <>
      <span className={classes.figure} title={t('counter.tasks', { count: planned })}>
        <ListTodo size={15} aria-hidden="true" />
        <span className={classes.long}>{t('counter.tasks', { count: planned })}</span>
        <span className={classes.short} aria-hidden="true">
          {planned}
        </span>
      </span>
      <span className={classes.figure} title={t('counter.calls', { count: calls })}>
        <PhoneCall size={15} aria-hidden="true" />
        <span className={classes.long}>{t('counter.calls', { count: calls })}</span>
        <span className={classes.short} aria-hidden="true">
          {calls}
        </span>
      </span>
      <span className={classes.figure} data-owed={owed > 0} title={t('counter.owed', { count: owed })}>
        <PhoneMissed size={15} aria-hidden="true" />
        <span className={classes.long}>{t('counter.owed', { count: owed })}</span>
        <span className={classes.short} aria-hidden="true">
          {owed}
        </span>
      </span>
    </>
  );
}

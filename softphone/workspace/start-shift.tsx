import { Button } from '@mantine/core';
import { Check, Circle, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { isWorking } from '../phone/phone-view.ts';
import { usePhoneStore, useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import { hasTalk } from '../state/workspace-state.ts';
import { Dialog } from './dialog.tsx';
import { MicMeter } from './mic-meter.tsx';
import classes from './start-shift.module.css';
import { askForNotifications } from './use-alerts.ts';

/** One press that browsers demand before they let a page ring; it also proves that the phone works. */
export function StartShift() {
  const { t } = useLanguage();
  const { desk, commands } = useDeskTools();
  const done = useScreenStore((screen) => screen.shiftScreenDone);
  const available = useWorkspaceStore((store) => store.state?.presence.status === 'available');
  const inCall = useWorkspaceStore((store) => Object.keys(store.state?.interactions ?? {}).length > 0);
  // reloaded in mid-call: the client waits, so nothing covers the strip; the question comes after the call
  const talking = useWorkspaceStore(({ state }) => state !== null && hasTalk(state));
  // a remote control of a phone that works has nothing to ask
  const remote = usePhoneStore((phone) => phone.tab === 'remote' && isWorking(phone));
  const asking = useSilentUnlock(available || inCall);
  const [busy, setBusy] = useState(false);
  const close = (): void => useScreenStore.setState({ shiftScreenDone: true });

  async function start(status: 'available' | 'not_ready' | undefined): Promise<void> {
    setBusy(true);
    askForNotifications();
    const works = await desk.phone.unlock();
    // without a microphone nobody could be heard: the status stays, the screen says what is wrong
    if (works && status === 'available' && !available) await commands.setPresence('available');
    if (works && status === 'not_ready') await commands.setPresence('not_ready', 'break');
    setBusy(false);
    if (works) close();
  }

  if (done || asking || talking || remote) return null;
  return (
    <Dialog opened title={available ? t('shiftStart.again') : t('shiftStart.title')} size={430} onClose={close}>
      <p className={classes.text}>{available ? t('shiftStart.textAgain') : t('shiftStart.text')}</p>
      <Checks />
      <Button
        fullWidth
        size="md"
        loading={busy}
        onClick={() => void start('available')}
        data-autofocus
        data-testid="start-shift"
      >
        {t('shiftStart.go')}
      </Button>
      <div className={classes.other}>
        <button type="button" onClick={() => void start('not_ready')} data-testid="start-shift-paused">
          {t('shiftStart.goPaused')}
        </button>
        <button type="button" onClick={close} data-testid="start-shift-later">
          {t('shiftStart.later')}
        </button>
      </div>
    </Dialog>
  );
}

/**
 * After a reload in the middle of a shift a browser that knows this page may allow sound at once: then nothing is asked.
 * @returns true while it is being tried.
 */
function useSilentUnlock(wanted: boolean): boolean {
  const { desk } = useDeskTools();
  const [asking, setAsking] = useState(wanted);
  useEffect(() => {
    if (!asking) return;
    void allowedWithoutAsking().then(async (allowed) => {
      if (allowed && (await desk.phone.unlock('silently'))) useScreenStore.setState({ shiftScreenDone: true });
      setAsking(false);
    });
  }, [asking, desk]);
  return asking;
}

async function allowedWithoutAsking(): Promise<boolean> {
  try {
    const microphone = await navigator.permissions.query({ name: 'microphone' as PermissionName });
    return microphone.state === 'granted';
  } catch {
    // a browser that does not know this permission name asks by itself
    return false;
  }
}

function Checks() {
  const { t } = useLanguage();
  const phone = usePhoneStore();
  const connected = phone.connection === 'registered' || phone.connection === 'elsewhere';
  const refused = phone.microphone === 'denied' || phone.microphone === 'missing';
  return (
    <ul className={classes.checks}>
      <CheckLine
        state={connected ? 'ok' : 'wait'}
        label={t('shiftStart.phone')}
        text={t(`phone.${phone.connection}`)}
      />
      <CheckLine
        state={phone.soundUnlocked ? 'ok' : 'wait'}
        label={t('shiftStart.sound')}
        text={phone.soundUnlocked ? t('shiftStart.ok') : t('shiftStart.pending')}
      />
      <CheckLine
        state={phone.microphone === 'live' ? 'ok' : refused ? 'bad' : 'wait'}
        label={t('shiftStart.microphone')}
        text={phone.microphone === 'closed' ? t('shiftStart.pending') : t(`mic.${phone.microphone}`)}
      />
      {phone.microphone === 'live' ? (
        <li>
          <span />
          <MicMeter width={120} />
        </li>
      ) : null}
    </ul>
  );
}

interface CheckProps {
  readonly state: 'ok' | 'wait' | 'bad';
  readonly label: string;
  readonly text: string;
}

function CheckLine({ state, label, text }: CheckProps) {
  const Icon = state === 'ok' ? Check : state === 'bad' ? TriangleAlert : Circle;
  return (
    <li data-state={state}>
      <Icon size={16} aria-hidden="true" />
      <span>
        <b>{label}</b> {text}
      </span>
    </li>
  );
}

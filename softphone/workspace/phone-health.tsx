import { Popover } from '@mantine/core';
import {
  AppWindow,
  EarOff,
  Headset,
  Mic,
  MicOff,
  Signal,
  SignalHigh,
  SignalLow,
  TriangleAlert,
  Unplug,
  Volume2,
  VolumeX,
  Wifi,
  WifiOff,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { Hearing } from '../phone/hearing.ts';
import { usePhoneStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './bar.module.css';
import { hearingMessage, worst } from './hearing-words.ts';
import { MicMeter } from './mic-meter.tsx';
import { useNow } from './use-now.ts';
import { hearingOf, useDeviceTroubles, usePhoneTrouble } from './use-phone-trouble.ts';

const hearingIcons = { good: Signal, fair: SignalHigh, bad: SignalLow, silent: EarOff };

/** Whether this phone can ring and be heard, in one button; the words are inside, and outside when something is wrong. */
export function PhoneHealth() {
  const { t } = useLanguage();
  const phone = usePhoneStore();
  const trouble = usePhoneTrouble();
  const hearing = hearingOf(phone);
  const registered = phone.connection === 'registered';
  const ConnectionIcon = registered ? Headset : Unplug;
  const words = trouble?.text ?? (hearing === null ? undefined : t(hearingMessage(hearing)));
  return (
    <Popover position="bottom-start" shadow="md" width={360} withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={classes.health}
          data-testid="phone-state"
          data-registered={registered}
          data-connection={phone.connection}
          data-tab={phone.tab}
          data-microphone={phone.microphone}
          data-sound={phone.soundUnlocked}
          data-call={phone.calls[0]?.state}
          data-trouble={trouble?.tone}
          aria-label={words ?? t('phone.registered')}
          title={words}
        >
          <ConnectionIcon size={16} aria-hidden="true" />
          {phone.tab === 'remote' ? <AppWindow size={16} aria-hidden="true" /> : <MicMeter />}
          <HearingIcon hearing={hearing} />
          {words === undefined ? null : <span className={classes.trouble}>{words}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={12}>
        <ul className={classes.healthList}>
          <PhoneLines />
          <ServerLine />
          {hearing === null ? null : <HearingLines hearing={hearing} />}
          <DeviceLines />
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function HearingIcon({ hearing }: { readonly hearing: Hearing | null }) {
  if (hearing === null) return null;
  const Icon = hearingIcons[worst(hearing)];
  return <Icon size={16} aria-hidden="true" />;
}

function PhoneLines() {
  const { t } = useLanguage();
  const { desk } = useDeskTools();
  const phone = usePhoneStore();
  const registered = phone.connection === 'registered';
  const unlock = { onPress: () => void desk.phone.unlock() };
  const soundOff = phone.tab === 'remote' ? t('phone.soundInOtherTab') : t('phone.sound.off');
  return (
    <>
      <Line
        ok={registered}
        icon={registered ? <Headset size={16} /> : <Unplug size={16} />}
        text={t(`phone.${phone.connection}`)}
      />
      {phone.tab === 'remote' ? <Line ok icon={<AppWindow size={16} />} text={t('phone.remote')} /> : null}
      <Line
        ok={phone.soundUnlocked}
        icon={phone.soundUnlocked ? <Volume2 size={16} /> : <VolumeX size={16} />}
        text={phone.soundUnlocked ? t('phone.sound.on') : soundOff}
        {...(phone.soundUnlocked ? {} : unlock)}
      />
      <Line
        ok={phone.microphone === 'live'}
        icon={phone.microphone === 'live' ? <Mic size={16} /> : <MicOff size={16} />}
        text={t(`mic.${phone.microphone}`)}
        {...(phone.microphone === 'live' ? {} : unlock)}
      />
    </>
  );
}

function HearingLines({ hearing }: { readonly hearing: Hearing }) {
  const { t } = useLanguage();
  const YouIcon = hearingIcons[hearing.youHear];
  const TheyIcon = hearingIcons[hearing.theyHear];
  const { lossPercent: loss, jitterMs: jitter, rttMs: rtt, micSilent } = hearing;
  return (
    <>
      <Line
        ok={hearing.youHear === 'good'}
        icon={<YouIcon size={16} />}
        text={t('hearing.you', { grade: t(`grade.${hearing.youHear}`) })}
        detail={t('hearing.figures', { loss, jitter })}
      />
      <Line
        ok={hearing.theyHear === 'good'}
        icon={<TheyIcon size={16} />}
        text={t('hearing.they', { grade: t(`grade.${hearing.theyHear}`) })}
        {...(micSilent
          ? { detail: t('hearing.micSilent') }
          : rtt === null
            ? {}
            : { detail: t('hearing.figures.delay', { rtt }) })}
      />
    </>
  );
}

function DeviceLines() {
  const troubles = useDeviceTroubles();
  return troubles.map((text) => <Line key={text} ok={false} icon={<TriangleAlert size={16} />} text={text} />);
}

interface LineProps {
  readonly ok: boolean;
  readonly icon: ReactNode;
  readonly text: string;
  readonly detail?: string;
  readonly onPress?: () => void;
}

function Line({ ok, icon, text, detail, onPress }: LineProps) {
  return (
    <li data-ok={ok}>
      <span aria-hidden="true">{icon}</span>
      {onPress === undefined ? (
        <span>{text}</span>
      ) : (
        <button type="button" onClick={onPress}>
          {text}
        </button>
      )}
      {detail === undefined ? null : <small className="num">{detail}</small>}
    </li>
  );
}

function ServerLine() {
  const { t } = useLanguage();
  const now = useNow();
  const { online, offlineSince, lastOutageMs } = useWorkspaceStore((store) => store.connection);
  const offset = useWorkspaceStore((store) => store.state?.clockOffsetMs ?? 0);
  const Icon = online ? Wifi : WifiOff;
  const outage = offlineSince === null ? 0 : now - offset - offlineSince;
  return (
    <Line
      ok={online}
      icon={<Icon size={16} />}
      text={online ? t('network.online') : t('network.offline', { time: duration(outage) })}
      {...(lastOutageMs === null ? {} : { detail: t('network.back', { time: duration(lastOutageMs) }) })}
    />
  );
}

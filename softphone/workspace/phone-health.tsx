import { Popover } from '@mantine/core';
import {
  Headset,
  Mic,
  MicOff,
  RadioTower,
  Signal,
  SignalHigh,
  SignalLow,
  SignalZero,
  Unplug,
  Volume2,
  VolumeX,
  Wifi,
  WifiOff,
} from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { NetworkGrade } from '../phone/health.ts';
import { usePhoneStore, useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './bar.module.css';
import { useNow } from './use-now.ts';

const METER_MS = 80;

/** Moves without React: ten times a second is too often for a redraw of the bar. */
export function MicMeter({ width = 44 }: { readonly width?: number }) {
  const { desk } = useDeskTools();
  const { t } = useLanguage();
  const fill = useRef<HTMLElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      if (fill.current !== null) fill.current.style.transform = `scaleX(${desk.phone.micLevel()})`;
    }, METER_MS);
    return () => clearInterval(timer);
  }, [desk]);
  return (
    <span className={classes.meter} style={{ width }} title={t('mic.level')} aria-hidden="true">
      <i ref={fill} />
    </span>
  );
}

const networkIcons = { good: Signal, fair: SignalHigh, poor: SignalLow, silent: SignalZero };

/** Whether this phone can ring and be heard, in one button; the words are inside, and outside when something is wrong. */
export function PhoneHealth() {
  const { t } = useLanguage();
  const { desk } = useDeskTools();
  const phone = usePhoneStore();
  // on hold nothing has to arrive from the client
  const held = useWorkspaceStore(({ state }) =>
    Object.values(state?.interactions ?? {}).some((one) => one.state === 'held'),
  );
  const network = held ? null : (phone.calls.find((one) => one.network !== null)?.network ?? null);
  const trouble = useTrouble(network?.grade);
  const registered = phone.connection === 'registered';
  const ConnectionIcon = registered ? Headset : Unplug;
  const NetworkIcon = network === null ? RadioTower : networkIcons[network.grade];
  return (
    <Popover position="bottom-start" shadow="md" width={340} withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={classes.health}
          data-testid="phone-state"
          data-registered={registered}
          data-connection={phone.connection}
          data-microphone={phone.microphone}
          data-trouble={trouble !== undefined}
          aria-label={trouble ?? t('phone.registered')}
        >
          <ConnectionIcon size={16} aria-hidden="true" />
          <MicMeter />
          {network === null ? null : <NetworkIcon size={16} aria-hidden="true" />}
          {trouble === undefined ? null : <span className={classes.trouble}>{trouble}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={12}>
        <ul className={classes.healthList}>
          <Line ok={registered} icon={<ConnectionIcon size={16} />} text={t(`phone.${phone.connection}`)} />
          <Line
            ok={phone.soundUnlocked}
            icon={phone.soundUnlocked ? <Volume2 size={16} /> : <VolumeX size={16} />}
            text={phone.soundUnlocked ? t('phone.sound.on') : t('phone.sound.off')}
            {...(phone.soundUnlocked ? {} : { onPress: () => void desk.phone.unlock() })}
          />
          <Line
            ok={phone.microphone === 'live'}
            icon={phone.microphone === 'live' ? <Mic size={16} /> : <MicOff size={16} />}
            text={t(`mic.${phone.microphone}`)}
            {...(phone.microphone === 'live' ? {} : { onPress: () => void desk.phone.unlock() })}
          />
          <ServerLine />
          {network === null ? null : (
            <Line
              ok={network.grade === 'good'}
              icon={<NetworkIcon size={16} />}
              text={t(`network.${network.grade}`)}
              detail={t('network.figures', {
                loss: network.lossPercent,
                jitter: network.jitterMs,
                rtt: network.rttMs ?? 0,
              })}
            />
          )}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The one thing that keeps calls away, in words; undefined while all is well. */
function useTrouble(grade: NetworkGrade | undefined): string | undefined {
  const { t } = useLanguage();
  const phone = usePhoneStore();
  const online = useWorkspaceStore((store) => store.connection.online);
  const started = useScreenStore((screen) => screen.shiftScreenDone);
  if (!online) return t('failure.offline');
  if (phone.connection === 'elsewhere') return t('phone.short.elsewhere');
  if (phone.connection !== 'registered') return t(`phone.short.${phone.connection}`);
  if (phone.microphone === 'denied' || phone.microphone === 'missing') return t(`mic.${phone.microphone}`);
  if (started && !phone.soundUnlocked) return t('strip.noAudio');
  if (grade !== undefined && grade !== 'good') return t(`network.${grade}`);
  return undefined;
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

import { Mic, MicOff, PhoneOff } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { duration } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { type ClientCallEnd, type ClientCallView, type ClientPhone, createClientPhone } from './client-phone.ts';
import classes from './handset.module.css';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

export const isInCall = ({ state }: ClientCallView): boolean =>
  state === 'calling' || state === 'ringing' || state === 'talking';

/** A client's phone while the page is open. @param path of its SIP connection */
export function useClientPhone(path: string) {
  const audio = useRef<HTMLAudioElement>(null);
  const phone = useRef<ClientPhone>(undefined);
  const [view, setView] = useState<ClientCallView>({ state: 'idle', end: null, answeredAt: null, muted: false });
  useEffect(() => {
    if (audio.current === null) return undefined;
    const server = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
    phone.current = createClientPhone(server, audio.current, setView);
    const hangUp = (): void => void phone.current?.hangUp();
    globalThis.addEventListener('pagehide', hangUp);
    return () => {
      globalThis.removeEventListener('pagehide', hangUp);
      hangUp();
    };
  }, [path]);
  return { audio, phone, view };
}

interface HandsetProps {
  /** Begins the test ids. */
  readonly name: 'demo' | 'visitor';
  readonly phone: RefObject<ClientPhone | undefined>;
  readonly view: ClientCallView;
  /** Whom it calls. */
  readonly to: string;
  /** What calls, where a press does. */
  readonly children?: ReactNode;
}

/** Display, keys and buttons of a client's phone. */
export function Handset({ name, phone, view, to, children }: HandsetProps) {
  const { t } = useLanguage();
  const isTalking = view.state === 'talking';
  return (
    <>
      <Screen name={name} view={view} to={to} />
      <fieldset className={classes.keys} aria-label={t('demo.keypad')} disabled={!isTalking}>
        {KEYS.map((digit) => (
          <button
            key={digit}
            type="button"
            onClick={() => phone.current?.sendDigit(digit)}
            data-testid={`${name}-digit-${digit}`}
          >
            {digit}
          </button>
        ))}
      </fieldset>
      <div className={classes.actions}>
        <button
          type="button"
          className={classes.round}
          aria-label={view.muted ? t('demo.unmute') : t('demo.mute')}
          aria-pressed={view.muted}
          disabled={!isTalking}
          onClick={() => phone.current?.setMuted(!view.muted)}
          data-testid={`${name}-mute`}
        >
          {view.muted ? <MicOff size={22} aria-hidden="true" /> : <Mic size={22} aria-hidden="true" />}
        </button>
        {children}
        <button
          type="button"
          className={classes.end}
          disabled={!isInCall(view)}
          onClick={() => void phone.current?.hangUp()}
          data-testid={`${name}-hang-up`}
        >
          <PhoneOff size={22} aria-hidden="true" />
          {t('demo.hangUp')}
        </button>
      </div>
    </>
  );
}

const endTexts: Record<ClientCallEnd, MessageKey> = {
  ended: 'demo.ended',
  busy: 'demo.busy',
  refused: 'demo.refused',
  no_microphone: 'demo.noMicrophone',
  no_server: 'demo.noServer',
};

function Screen({ name, view, to }: Pick<HandsetProps, 'name' | 'view' | 'to'>) {
  const { t } = useLanguage();
  const key = view.state === 'ended' ? endTexts[view.end ?? 'ended'] : (`demo.${view.state}` as const);
  return (
    <div
      className={classes.screen}
      role="status"
      data-testid={`${name}-state`}
      data-state={view.state}
      data-end={view.end ?? ''}
    >
      <b>{t(key as 'demo.ended')}</b>
      {view.answeredAt !== null && view.state === 'talking' ? <Elapsed since={view.answeredAt} /> : null}
      <span>{to}</span>
    </div>
  );
}

function Elapsed({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="num" aria-hidden="true">
      {duration(now - since)}
    </span>
  );
}

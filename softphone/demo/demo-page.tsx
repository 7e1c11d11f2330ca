import { Mic, MicOff, Phone, PhoneOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { duration, phoneNumber } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { showLanguage } from '../state/settings.ts';
import classes from './demo-page.module.css';
import { createDemoPhone, type DemoCallEnd, type DemoCallView, type DemoPhone } from './demo-phone.ts';
import { type Demo, useDemo } from './use-demo.ts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;
const OTHER = 'other';

/** A client's phone in the browser: anybody can call the demo line with his own voice. */
export default function DemoPage() {
  const { t, language } = useLanguage();
  const demo = useDemo();
  return (
    <main className={classes.page}>
      <div className={classes.phone}>
        <h1>{t('demo.title')}</h1>
        <p className={classes.text}>{t('demo.text')}</p>
        {demo.isError ? <p className={classes.problem}>{t('demo.none')}</p> : null}
        {demo.data === undefined ? null : <PhoneBody demo={demo.data} />}
        <div className={classes.foot}>
          <Link href="/">{t('demo.agentPage')}</Link>
          <button type="button" onClick={() => showLanguage(language === 'ru' ? 'en' : 'ru')}>
            {language === 'ru' ? 'English' : 'Русский'}
          </button>
        </div>
      </div>
    </main>
  );
}

function useDemoPhone() {
  const audio = useRef<HTMLAudioElement>(null);
  const phone = useRef<DemoPhone>(undefined);
  const [view, setView] = useState<DemoCallView>({ state: 'idle', end: null, answeredAt: null, muted: false });
  useEffect(() => {
    if (audio.current === null) return undefined;
    const server = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sip`;
    phone.current = createDemoPhone(server, audio.current, setView);
    const hangUp = (): void => void phone.current?.hangUp();
    globalThis.addEventListener('pagehide', hangUp);
    return () => {
      globalThis.removeEventListener('pagehide', hangUp);
      hangUp();
    };
  }, []);
  return { audio, phone, view };
}

function PhoneBody({ demo }: { readonly demo: Demo }) {
  const { t } = useLanguage();
  const { audio, phone, view } = useDemoPhone();
  const [chosen, setChosen] = useState(demo.callers[0]?.number ?? OTHER);
  const [typed, setTyped] = useState('');
  const caller = (chosen === OTHER ? typed : chosen).replace(/[^\d+]/g, '');
  const inCall = view.state === 'calling' || view.state === 'ringing' || view.state === 'talking';
  const start = (): void => void phone.current?.call({ caller, number: demo.line.number, realm: demo.realm });
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call has no captions */}
      <audio ref={audio} autoPlay hidden />
      <label className={classes.field}>
        {t('demo.from')}
        <select
          value={chosen}
          disabled={inCall}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data-testid="demo-caller"
        >
          {demo.callers.map((one) => (
            <option key={one.number} value={one.number}>
              {phoneNumber(one.number)} {one.name}
            </option>
          ))}
          <option value={OTHER}>{t('demo.other')}</option>
        </select>
      </label>
      {chosen === OTHER ? (
        <label className={classes.field}>
          {t('demo.number')}
          <input
            type="tel"
            value={typed}
            disabled={inCall}
            maxLength={20}
            placeholder="+7 900 000-00-00"
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="demo-number"
          />
        </label>
      ) : null}
      <Screen view={view} line={`${demo.line.name} ${demo.line.display || demo.line.number}`} />
      <Keypad disabled={view.state !== 'talking'} onPress={(digit) => phone.current?.sendDigit(digit)} />
      <div className={classes.actions}>
        <button
          type="button"
          className={classes.round}
          aria-label={view.muted ? t('demo.unmute') : t('demo.mute')}
          aria-pressed={view.muted}
          disabled={view.state !== 'talking'}
          onClick={() => phone.current?.setMuted(!view.muted)}
          data-testid="demo-mute"
        >
          {view.muted ? <MicOff size={22} aria-hidden="true" /> : <Mic size={22} aria-hidden="true" />}
        </button>
        <button
          type="button"
          className={classes.call}
          disabled={inCall || caller === ''}
          onClick={start}
          data-testid="demo-call"
        >
          <Phone size={22} aria-hidden="true" />
          {t('demo.call')}
        </button>
        <button
          type="button"
          className={classes.end}
          disabled={!inCall}
          onClick={() => void phone.current?.hangUp()}
          data-testid="demo-hang-up"
        >
          <PhoneOff size={22} aria-hidden="true" />
          {t('demo.hangUp')}
        </button>
      </div>
    </>
  );
}

const endTexts: Record<DemoCallEnd, MessageKey> = {
  ended: 'demo.ended',
  busy: 'demo.busy',
  refused: 'demo.refused',
  no_microphone: 'demo.noMicrophone',
  no_server: 'demo.noServer',
};

function Screen({ view, line }: { readonly view: DemoCallView; readonly line: string }) {
  const { t } = useLanguage();
  const key = view.state === 'ended' ? endTexts[view.end ?? 'ended'] : (`demo.${view.state}` as const);
  return (
    <div
      className={classes.screen}
      role="status"
      data-testid="demo-state"
      data-state={view.state}
      data-end={view.end ?? ''}
    >
      <b>{t(key as 'demo.ended')}</b>
      {view.answeredAt !== null && view.state === 'talking' ? <Elapsed since={view.answeredAt} /> : null}
      <span>{t('demo.to', { line })}</span>
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

function Keypad({ disabled, onPress }: { readonly disabled: boolean; readonly onPress: (digit: string) => void }) {
  const { t } = useLanguage();
  return (
    <fieldset className={classes.keys} aria-label={t('demo.keypad')} disabled={disabled}>
      {KEYS.map((digit) => (
        <button key={digit} type="button" onClick={() => onPress(digit)} data-testid={`demo-digit-${digit}`}>
          {digit}
        </button>
      ))}
    </fieldset>
  );
}

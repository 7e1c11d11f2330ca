import { Mic, MicOff, Phone, PhoneOff } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { duration, phoneNumber } from '../i18n/format.ts';
import type { MessageKey } from '../i18n/translate.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { showLanguage } from '../state/settings.ts';
import { DemoMessages } from './demo-messages.tsx';
import classes from './demo-page.module.css';
import { createDemoPhone, type DemoCallEnd, type DemoCallView, type DemoPhone } from './demo-phone.ts';
import { type Demo, useDemo } from './use-demo.ts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;
const OTHER = 'other';

/** The chat of this page, as a customer's site would have it. */
function useChat(script: string | null | undefined, language: string): void {
  useEffect(() => {
    if (!script) return undefined;
    const element = document.createElement('script');
    element.src = script;
    element.async = true;
    element.dataset['language'] = language;
    document.body.append(element);
    return () => {
      element.remove();
      (globalThis as { switchroomChat?: { remove(): void } }).switchroomChat?.remove();
    };
  }, [script, language]);
}

/** A client's phone in the browser: anybody can call the demo line with his own voice. */
export default function DemoPage() {
  const { t, language } = useLanguage();
  const demo = useDemo();
  useChat(demo.data?.chatScript, language);
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

const WAYS = ['call', 'sms', 'email'] as const;
type Way = (typeof WAYS)[number];

function PhoneBody({ demo }: { readonly demo: Demo }) {
  const { t } = useLanguage();
  const { audio, phone, view } = useDemoPhone();
  const [way, setWay] = useState<Way>('call');
  const [chosen, setChosen] = useState(demo.callers[0]?.number ?? OTHER);
  const [typed, setTyped] = useState('');
  const one = demo.callers.find(({ number }) => number === chosen);
  const caller = (one?.number ?? typed).replace(/[^\d+]/g, '');
  const inCall = view.state === 'calling' || view.state === 'ringing' || view.state === 'talking';
  const to = { call: '', sms: demo.smsNumber, email: demo.mailAddress };
  const owner = way === 'sms' ? caller : (one?.email ?? typed.trim());
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call has no captions */}
      <audio ref={audio} autoPlay hidden />
      <Owner
        demo={demo}
        way={way}
        chosen={chosen}
        typed={typed}
        disabled={inCall}
        onChosen={setChosen}
        onTyped={setTyped}
      />
      <fieldset className={classes.ways} aria-label={t('demo.way')}>
        {WAYS.filter((each) => to[each] !== null).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={way === each}
            onClick={() => setWay(each)}
            data-testid={`demo-way-${each}`}
          >
            {t(`demo.way.${each}`)}
          </button>
        ))}
      </fieldset>
      {way === 'call' ? (
        <CallBody demo={demo} phone={phone} view={view} caller={caller} />
      ) : (
        <DemoMessages key={`${way} ${owner}`} kind={way} owner={owner} name={one?.name ?? ''} to={to[way] ?? ''} />
      )}
    </>
  );
}

interface OwnerProps {
  readonly demo: Demo;
  readonly way: Way;
  readonly chosen: string;
  readonly typed: string;
  readonly disabled: boolean;
  readonly onChosen: (number: string) => void;
  readonly onTyped: (text: string) => void;
}

/** Whose phone and mailbox this is: a client of the demo, or any number or address. */
function Owner({ demo, way, chosen, typed, disabled, onChosen, onTyped }: OwnerProps) {
  const { t } = useLanguage();
  const isMail = way === 'email';
  const callers = demo.callers.filter(({ email }) => !isMail || email !== '');
  const isListed = callers.some(({ number }) => number === chosen);
  return (
    <>
      <label className={classes.field}>
        {t(isMail ? 'demo.fromAddress' : 'demo.from')}
        <select
          value={isListed ? chosen : OTHER}
          disabled={disabled}
          onChange={(event) => onChosen(event.currentTarget.value)}
          data-testid="demo-caller"
        >
          {callers.map((one) => (
            <option key={one.number} value={one.number}>
              {isMail ? one.email : phoneNumber(one.number)} {one.name}
            </option>
          ))}
          <option value={OTHER}>{t(isMail ? 'demo.otherAddress' : 'demo.other')}</option>
        </select>
      </label>
      {isListed ? null : (
        <label className={classes.field}>
          {t(isMail ? 'demo.address' : 'demo.number')}
          <input
            type={isMail ? 'email' : 'tel'}
            value={typed}
            disabled={disabled}
            maxLength={isMail ? 254 : 20}
            placeholder={isMail ? 'name@example.com' : '+7 900 000-00-00'}
            onChange={(event) => onTyped(event.currentTarget.value)}
            data-testid="demo-number"
          />
        </label>
      )}
    </>
  );
}

interface CallBodyProps {
  readonly demo: Demo;
  readonly phone: RefObject<DemoPhone | undefined>;
  readonly view: DemoCallView;
  readonly caller: string;
}

function CallBody({ demo, phone, view, caller }: CallBodyProps) {
  const { t } = useLanguage();
  const inCall = view.state === 'calling' || view.state === 'ringing' || view.state === 'talking';
  const start = (): void => void phone.current?.call({ caller, number: demo.line.number, realm: demo.realm });
  return (
    <>
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

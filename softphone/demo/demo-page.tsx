import { Phone } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { phoneNumber } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { showLanguage } from '../state/settings.ts';
import type { ClientCallView, ClientPhone } from '../visitor/client-phone.ts';
import handset from '../visitor/handset.module.css';
import { Handset, isInCall, useClientPhone } from '../visitor/handset.tsx';
import { DemoMessages } from './demo-messages.tsx';
import classes from './demo-page.module.css';
import { type Demo, useDemo } from './use-demo.ts';

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

const WAYS = ['call', 'sms', 'email'] as const;
type Way = (typeof WAYS)[number];

function PhoneBody({ demo }: { readonly demo: Demo }) {
  const { t } = useLanguage();
  const { audio, phone, view } = useClientPhone('/sip');
  const [way, setWay] = useState<Way>('call');
  const [chosen, setChosen] = useState(demo.callers[0]?.number ?? OTHER);
  const [typed, setTyped] = useState('');
  const one = demo.callers.find(({ number }) => number === chosen);
  const caller = (one?.number ?? typed).replace(/[^\d+]/g, '');
  const inCall = isInCall(view);
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
  readonly phone: RefObject<ClientPhone | undefined>;
  readonly view: ClientCallView;
  readonly caller: string;
}

function CallBody({ demo, phone, view, caller }: CallBodyProps) {
  const { t } = useLanguage();
  const start = (): void => void phone.current?.call({ caller, number: demo.line.number, realm: demo.realm });
  return (
    <Handset
      name="demo"
      phone={phone}
      view={view}
      to={t('demo.to', { line: `${demo.line.name} ${demo.line.display || demo.line.number}` })}
    >
      <button
        type="button"
        className={handset.call}
        disabled={isInCall(view) || caller === ''}
        onClick={start}
        data-testid="demo-call"
      >
        <Phone size={22} aria-hidden="true" />
        {t('demo.call')}
      </button>
    </Handset>
  );
}

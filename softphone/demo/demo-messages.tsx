import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { clockTime } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { call } from '../net/api.ts';
import classes from './demo-page.module.css';

/** How often the phone looks for news: nobody is signed in here, so nothing is pushed. */
const LOOK_MS = 1500;

export interface DemoMessagesProps {
  readonly kind: 'sms' | 'email';
  /** The client's number or address. */
  readonly owner: string;
  readonly name: string;
  /** Ours. */
  readonly to: string;
}

/** A client's phone or mailbox: what came from us, what he wrote, and a field to write in. */
export function DemoMessages({ kind, owner, name, to }: DemoMessagesProps) {
  const { t, language } = useLanguage();
  const client = useQueryClient();
  const queryKey = ['demo-messages', kind, owner];
  const { data } = useQuery({
    queryKey,
    queryFn: () => call('GET /api/v1/demo/messages', { querystring: { kind, owner } }),
    enabled: owner.length > 2,
    refetchInterval: LOOK_MS,
    retry: false,
  });
  const items = data?.items ?? [];
  const log = useRef<HTMLDivElement>(null);
  const count = items.length;
  useEffect(() => {
    if (count > 0) log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [count]);
  const last = items.findLast(({ direction }) => direction === 'in');
  const send = async (subject: string, text: string): Promise<void> => {
    const answersId = kind === 'email' && subject === '' ? (last?.id ?? null) : null;
    await call('POST /api/v1/demo/messages', { body: { kind, owner, name, subject, text, answersId } });
    await client.invalidateQueries({ queryKey });
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keys */}
      <div className={classes.log} role="log" aria-label={t('demo.log')} ref={log} tabIndex={0} data-testid="demo-log">
        {items.length === 0 ? <p className={classes.text}>{t('demo.noMessages')}</p> : null}
        {items.map((message) => (
          <div key={message.id} className={classes.message} data-direction={message.direction}>
            {message.subject === '' ? null : <b>{message.subject}</b>}
            <span>{message.text}</span>
            {message.files.length === 0 ? null : <i>{message.files.join(', ')}</i>}
            <small>{clockTime(message.at, language)}</small>
          </div>
        ))}
      </div>
      <Writer kind={kind} to={to} answers={last !== undefined} disabled={owner.length < 3} onSend={send} />
    </>
  );
}

interface WriterProps {
  readonly kind: 'sms' | 'email';
  readonly to: string;
  /** Whether there is something to answer. */
  readonly answers: boolean;
  readonly disabled: boolean;
  readonly onSend: (subject: string, text: string) => Promise<void>;
}

function Writer({ kind, to, answers, disabled, onSend }: WriterProps) {
  const { t } = useLanguage();
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [state, setState] = useState<'idle' | 'sending' | 'failed'>('idle');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setState('sending');
    onSend(subject, text).then(
      () => {
        setState('idle');
        setSubject('');
        setText('');
      },
      () => setState('failed'),
    );
  };
  return (
    <form className={classes.writer} onSubmit={submit}>
      {kind === 'email' ? (
        <input
          value={subject}
          maxLength={500}
          aria-label={t('demo.subject')}
          placeholder={answers ? t('demo.subjectOfAnswer') : t('demo.subject')}
          onChange={(event) => setSubject(event.currentTarget.value)}
          data-testid="demo-subject"
        />
      ) : null}
      <textarea
        value={text}
        maxLength={20_000}
        rows={kind === 'email' ? 4 : 2}
        aria-label={t('demo.write', { to })}
        placeholder={t('demo.write', { to })}
        onChange={(event) => setText(event.currentTarget.value)}
        data-testid="demo-text"
      />
      <button type="submit" disabled={disabled || text.trim() === '' || state === 'sending'} data-testid="demo-send">
        <Send size={18} aria-hidden="true" />
        {t('demo.send')}
      </button>
      <span className={classes.problem} role="status">
        {state === 'failed' ? t('demo.notSent') : ''}
      </span>
    </form>
  );
}

import { Download } from 'lucide-react';
import { useState } from 'react';
import type { MailAddress, MessageOnTimeline, MessageView } from '../../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../../server/contract/schemas.ts';
import { dayAndTime, phoneNumber } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { rawMessageUrl } from '../../net/api.ts';
import { deliveryText, isLost } from './delivery-words.ts';
import { MessageActions } from './message-actions.tsx';
import { MessageFiles } from './message-files.tsx';
import { MessageFrame } from './message-frame.tsx';
import { useMessage } from './queries.ts';
import { StrangerQuestion } from './stranger-question.tsx';
import classes from './timeline-messages.module.css';

interface MessageDetailsProps {
  readonly entry: TimelineEntry;
  readonly message: MessageOnTimeline;
}

/** A message opened where it stands: who wrote to whom, all of the words, files, and what to do with it. */
export function MessageDetails({ entry, message }: MessageDetailsProps) {
  const { t, language } = useLanguage();
  const { data: opened, isError } = useMessage(entry.id);
  const [laidOut, setLaidOut] = useState(false);
  return (
    <>
      {message.ask === null ? null : <StrangerQuestion entry={entry} ask={message.ask} />}
      {opened === undefined ? null : <Heads message={opened} page={entry.page} />}
      {laidOut && opened !== undefined ? (
        <MessageFrame message={opened} />
      ) : (
        <Words message={message} opened={opened} />
      )}
      {message.delivery === null || message.delivery.error === '' ? null : (
        <p className={classes.trouble} data-lost={isLost(message.delivery)} data-testid="message-trouble">
          {deliveryText(message.delivery, t, language).text}
          {isLost(message.delivery) ? '' : `: ${message.delivery.error}`}
        </p>
      )}
      {isError ? <p className={classes.facts}>{t('message.failed')}</p> : null}
      <MessageFiles attachments={(opened ?? message).attachments} />
      <MessageActions entry={entry} message={message}>
        {message.hasHtml ? (
          <button type="button" aria-pressed={laidOut} onClick={() => setLaidOut(!laidOut)} data-testid="laid-out">
            {laidOut ? t('message.asText') : t('message.laidOut')}
          </button>
        ) : null}
        {opened?.hasRaw ? (
          <a href={rawMessageUrl(entry.id)} download>
            <Download size={14} aria-hidden="true" /> {t('message.raw')}
          </a>
        ) : null}
      </MessageActions>
      {opened === undefined ? null : <Attempts message={opened} />}
    </>
  );
}

const addressText = ({ address, name }: MailAddress): string =>
  name === '' || name === address ? phoneNumber(address) : `${name} <${phoneNumber(address)}>`;

function Heads({ message, page }: { readonly message: MessageView; readonly page: TimelineEntry['page'] }) {
  const { t, language } = useLanguage();
  const isChat = message.channel === 'chat';
  const list = (addresses: readonly MailAddress[]): string => addresses.map(addressText).join(', ');
  const heads = [
    // a visitor of a site has no address that says anything
    [t('write.from'), isChat ? message.from.name : addressText(message.from)],
    [t('write.to'), isChat ? '' : list(message.to)],
    [t('write.copy'), list(message.cc)],
    [t('message.at'), dayAndTime(message.at, Date.now(), language)],
    [t('message.page'), page === undefined ? '' : [page.title, page.url].filter((part) => part !== '').join(' · ')],
  ] as const;
  return (
    <dl className={classes.heads}>
      {heads.map(([name, value]) =>
        value === '' ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** What was written; quotations and signatures are folded, and open one by one. */
function Words({ message, opened }: { readonly message: MessageOnTimeline; readonly opened: MessageView | undefined }) {
  const { t } = useLanguage();
  if (opened === undefined) return <p className={classes.text}>{message.text}</p>;
  const places = opened.parts.map((part, place) => ({ ...part, key: `${place}-${part.kind}` }));
  return (
    <div data-testid="message-words">
      {places.map(({ key, kind, text }) =>
        kind === 'written' ? (
          <p key={key} className={classes.text}>
            {text.trim()}
          </p>
        ) : (
          <details key={key} className={classes.folded}>
            <summary>{t(`message.part.${kind}`)}</summary>
            <p className={classes.text}>{text.trim()}</p>
          </details>
        ),
      )}
    </div>
  );
}

/** Each time it was handed to the provider; shown only where there was trouble. */
function Attempts({ message }: { readonly message: MessageView }) {
  const { t, language } = useLanguage();
  const { attempts } = message;
  if (attempts.length < 2 && attempts.every(({ detail }) => detail === '')) return null;
  return (
    <details className={classes.folded}>
      <summary>{t('message.attempts', { count: attempts.length })}</summary>
      <ol className={classes.attempts}>
        {attempts.map(({ attempt, startedAt, result, detail }) => (
          <li key={attempt}>
            {[dayAndTime(startedAt, Date.now(), language), result ?? '', detail]
              .filter((part) => part !== '')
              .join(' · ')}
          </li>
        ))}
      </ol>
    </details>
  );
}

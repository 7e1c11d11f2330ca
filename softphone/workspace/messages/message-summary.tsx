import { VisuallyHidden } from '@mantine/core';
import {
  ArrowDownLeft,
  ArrowUpRight,
  Check,
  CheckCheck,
  CircleAlert,
  Clock,
  Eye,
  Paperclip,
  Undo2,
} from 'lucide-react';
import type { MessageOnTimeline } from '../../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../../server/contract/schemas.ts';
import { phoneNumber } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { deliveryText } from './delivery-words.ts';
import classes from './timeline-messages.module.css';

interface SummaryProps {
  readonly entry: TimelineEntry;
  readonly message: MessageOnTimeline;
}

/** A message in one line: which way, about what, the new words. */
export function MessageSummary({ entry, message }: SummaryProps) {
  const { t } = useLanguage();
  const Arrow = entry.direction === 'in' ? ArrowDownLeft : ArrowUpRight;
  return (
    <span className={classes.line}>
      <Arrow size={14} className={classes.arrow} data-direction={entry.direction} aria-hidden="true" />
      <VisuallyHidden>{t(`message.${entry.direction}.${entry.kind as 'sms' | 'email' | 'chat'}`)}</VisuallyHidden>
      {message.subject === '' || entry.kind !== 'email' ? null : <b>{message.subject}</b>}
      <span className={classes.words}>{message.text.replace(/\s+/g, ' ')}</span>
    </span>
  );
}

/** Who, with what, and how far it came. @param page on which he wrote, when it is another one than before */
export function MessageMeta({ entry, message, page }: SummaryProps & { readonly page: string }) {
  const { t, language } = useLanguage();
  const { delivery, attachments, ask, origin } = message;
  const state = delivery === null ? undefined : deliveryText(delivery, t, language);
  const files = attachments.filter(({ isInline }) => !isInline).length;
  const who = origin === 'rule' || origin === 'campaign' ? t(`message.origin.${origin}`) : (entry.user?.name ?? '');
  return (
    <>
      {ask === null ? null : (
        <span className={classes.ask} data-testid="message-ask-mark">
          {t('message.ask.mark')}
        </span>
      )}
      {page === '' ? null : (
        <span className={classes.page} title={entry.page?.url} data-testid="message-page">
          {page}
        </span>
      )}
      {files === 0 ? null : (
        <span title={t('message.files', { count: files })}>
          <Paperclip size={12} aria-hidden="true" /> {files}
          <VisuallyHidden>{t('message.files', { count: files })}</VisuallyHidden>
        </span>
      )}
      <span title={message.addressName}>
        {who || (entry.direction === 'in' && entry.kind !== 'chat' ? phoneNumber(entry.peer) : '')}
      </span>
      {state === undefined ? null : (
        <span
          className={classes.delivery}
          data-tone={state.tone}
          title={state.text}
          data-testid="delivery"
          data-state={delivery?.state}
        >
          <DeliveryIcon state={delivery?.state} />
          <span>{state.text}</span>
        </span>
      )}
    </>
  );
}

function DeliveryIcon({ state }: { readonly state: string | undefined }) {
  switch (state) {
    case 'failed':
    case 'dead':
      return <CircleAlert size={13} aria-hidden="true" />;
    case 'delivered':
      return <CheckCheck size={13} aria-hidden="true" />;
    case 'read':
      return <Eye size={13} aria-hidden="true" />;
    case 'sent':
    case 'accepted':
      return <Check size={13} aria-hidden="true" />;
    case 'undone':
      return <Undo2 size={13} aria-hidden="true" />;
    default:
      return <Clock size={13} aria-hidden="true" />;
  }
}

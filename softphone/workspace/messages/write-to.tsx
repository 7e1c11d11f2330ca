import { Mail, MessageSquare } from 'lucide-react';
import type { ContactPoint } from '../../../server/contract/schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { composerPlace, openTab, useComposer } from '../../state/composer-tab.ts';
import { editDraft } from '../../state/message-drafts.ts';
import classes from '../card.module.css';

interface WriteToProps {
  readonly clientId: number;
  readonly point: ContactPoint;
}

function useWriteTo({ clientId, point }: WriteToProps): () => void {
  const place = useComposer((store) => store.place) ?? composerPlace(clientId, undefined);
  return () => {
    const tab = point.kind === 'email' ? 'email' : 'sms';
    const start = { mode: 'new', answersId: undefined, conversationId: undefined } as const;
    editDraft(clientId, tab, { ...start, to: [{ address: point.value, name: '' }] });
    openTab(place, tab, true);
  };
}

/** An e-mail address of the card: a click writes to it. */
export function MailTo(props: WriteToProps) {
  const { t } = useLanguage();
  const write = useWriteTo(props);
  const shown = props.point.display || props.point.value;
  return (
    <button
      type="button"
      className={classes.call}
      aria-label={t('card.mailTo', { address: shown })}
      title={t('card.mailTo', { address: shown })}
      onClick={write}
      data-testid="mail-point"
    >
      <Mail size={14} aria-hidden="true" />
      <span>{shown}</span>
    </button>
  );
}

/** Beside a number, which a click calls: a click here writes to it. */
export function SmsTo(props: WriteToProps) {
  const { t } = useLanguage();
  const write = useWriteTo(props);
  const label = t('card.smsTo', { number: props.point.display || props.point.value });
  return (
    <button
      type="button"
      className={classes.more}
      aria-label={label}
      title={label}
      onClick={write}
      data-testid="sms-point"
    >
      <MessageSquare size={14} aria-hidden="true" />
    </button>
  );
}

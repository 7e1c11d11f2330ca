import type { MessageOnTimeline } from '../../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../../server/contract/schemas.ts';
import { phoneNumber } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { placeMessage } from '../../state/conversations.ts';
import { useConversation } from './queries.ts';
import classes from './timeline-messages.module.css';

interface StrangerQuestionProps {
  readonly entry: TimelineEntry;
  readonly ask: NonNullable<MessageOnTimeline['ask']>;
}

/** Somebody new wrote on an old thread: whether he belongs there is asked, never assumed. */
export function StrangerQuestion({ entry, ask }: StrangerQuestionProps) {
  const { t } = useLanguage();
  const { data } = useConversation(ask.conversationId);
  const conversation = data?.conversation;
  const whose = conversation === undefined ? '' : conversation.client.name || phoneNumber(conversation.peer);
  const about = conversation?.subject ?? '';
  return (
    <fieldset className={classes.question} aria-label={t('message.ask.mark')} data-testid="stranger-question">
      <p>
        <b>
          {conversation === undefined
            ? t('message.ask.mark')
            : t('message.ask', { who: phoneNumber(entry.peer), whose: [whose, about].filter(Boolean).join(', ') })}
        </b>
        <small> {ask.because === 'no_sender' ? t('message.ask.noSender') : t('message.ask.newSender')}</small>
      </p>
      <button type="button" onClick={() => void placeMessage(entry.id, true)} data-testid="place-join">
        {t('message.ask.yes')}
      </button>
      <button type="button" onClick={() => void placeMessage(entry.id, false)} data-testid="place-apart">
        {t('message.ask.no')}
      </button>
    </fieldset>
  );
}

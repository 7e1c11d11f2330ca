import { Check, Forward, ListFilter, type LucideIcon, Reply, ReplyAll, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MessageOnTimeline } from '../../../server/contract/messages-schemas.ts';
import type { TimelineEntry } from '../../../server/contract/schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { composerPlace, useComposer } from '../../state/composer-tab.ts';
import { resolveMessage, sendAgain } from '../../state/sent-message.ts';
import { isLost } from './delivery-words.ts';
import { startAnswer } from './start-answer.ts';
import classes from './timeline-messages.module.css';

interface MessageActionsProps {
  readonly entry: TimelineEntry;
  readonly message: MessageOnTimeline;
  /** Other ways to look at it, after what one does with it. */
  readonly children: ReactNode;
}

/** What can be done with a message. */
export function MessageActions({ entry, message, children }: MessageActionsProps) {
  const { t } = useLanguage();
  const place = useComposer((store) => store.place) ?? composerPlace(entry.clientId, undefined);
  const answer = (mode: 'reply' | 'reply_all' | 'forward') => (): void =>
    void startAnswer({ messageId: entry.id, mode, place });
  const lost = isLost(message.delivery);
  return (
    <p className={classes.actions}>
      <Act icon={Reply} text={t('message.reply')} onPress={answer('reply')} testId="message-reply" />
      {entry.kind === 'email' ? (
        <>
          <Act icon={ReplyAll} text={t('message.replyAll')} onPress={answer('reply_all')} testId="message-reply-all" />
          <Act icon={Forward} text={t('message.forward')} onPress={answer('forward')} testId="message-forward" />
        </>
      ) : null}
      {lost ? (
        <>
          <Act
            icon={RotateCw}
            text={t('message.sendAgain')}
            onPress={() => void sendAgain(entry.id)}
            testId="send-again"
          />
          <Act
            icon={Check}
            text={t('message.resolve')}
            onPress={() => void resolveMessage(entry.id)}
            testId="resolve-message"
          />
        </>
      ) : null}
      <Act
        icon={ListFilter}
        text={t('conversation.only')}
        onPress={() => useComposer.setState({ shownAlone: message.conversationId })}
        testId="show-conversation"
      />
      {children}
    </p>
  );
}

interface ActProps {
  readonly icon: LucideIcon;
  readonly text: string;
  readonly onPress: () => void;
  readonly testId: string;
}

function Act({ icon: Icon, text, onPress, testId }: ActProps) {
  return (
    <button type="button" onClick={onPress} data-testid={testId}>
      <Icon size={14} aria-hidden="true" /> {text}
    </button>
  );
}

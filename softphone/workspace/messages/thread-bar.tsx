import { useLanguage } from '../../i18n/use-language.ts';
import classes from './conversation-bar.module.css';
import { ConversationBar } from './conversation-bar.tsx';
import type { Thread } from './use-thread.ts';

/** Above the timeline: the conversation in hand, and the choosing of messages that are to leave it. */
export function ThreadBar({ thread }: { readonly thread: Thread }) {
  const { t } = useLanguage();
  const { conversation, conversations, choice, alone } = thread;
  if (conversation === undefined) return null;
  return (
    <>
      <ConversationBar
        conversation={conversation}
        conversations={conversations}
        isAlone={alone !== undefined}
        onChoose={thread.startChoosing}
      />
      {choice === undefined ? null : (
        <div className={classes.bar}>
          <span className={classes.state}>{t('conversation.chooseWhich')}</span>
          <span className={classes.acts}>
            <button
              type="button"
              disabled={choice.chosen.size === 0}
              onClick={() => void thread.split()}
              data-testid="split-chosen"
            >
              {t('conversation.splitChosen', { count: choice.chosen.size })}
            </button>
            <button type="button" onClick={thread.stopChoosing}>
              {t('card.cancel')}
            </button>
          </span>
        </div>
      )}
    </>
  );
}

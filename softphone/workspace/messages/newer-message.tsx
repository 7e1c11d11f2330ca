import { MessageSquareWarning } from 'lucide-react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import classes from './messages.module.css';
import { useConversation } from './queries.ts';

interface NewerMessageProps {
  readonly conversation: ConversationView | undefined;
  /** Nothing was sent because of it. */
  readonly isRefused: boolean;
}

/** The client wrote after what was on the screen when this person began to write: this is what he wrote. */
export function NewerMessage({ conversation, isRefused }: NewerMessageProps) {
  const { t } = useLanguage();
  const { data } = useConversation(conversation?.id);
  const latest = data?.entries.findLast(({ direction }) => direction === 'in');
  return (
    <p
      className={classes.notice}
      data-tone={isRefused ? 'late' : 'soon'}
      role={isRefused ? 'alert' : undefined}
      data-testid="newer-message"
    >
      <MessageSquareWarning size={14} aria-hidden="true" />
      <span>
        {t(isRefused ? 'write.newer' : 'write.arrived')} <q>{latest?.message?.text ?? conversation?.preview ?? ''}</q>
      </span>
    </p>
  );
}

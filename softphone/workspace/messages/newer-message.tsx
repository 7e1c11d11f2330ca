import { MessageSquareWarning } from 'lucide-react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import classes from './messages.module.css';
import { useConversation } from './queries.ts';

/** The client wrote after what was on the screen: nothing was sent, and this is what he wrote. */
export function NewerMessage({ conversation }: { readonly conversation: ConversationView | undefined }) {
  const { t } = useLanguage();
  const { data } = useConversation(conversation?.id);
  const latest = data?.entries.findLast(({ direction }) => direction === 'in');
  return (
    <p className={classes.notice} data-tone="late" role="alert" data-testid="newer-message">
      <MessageSquareWarning size={14} aria-hidden="true" />
      <span>
        {t('write.newer')} <q>{latest?.message?.text ?? conversation?.preview ?? ''}</q>
      </span>
    </p>
  );
}

import { PencilLine } from 'lucide-react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useWorkspaceStore } from '../../state/stores.ts';
import classes from './messages.module.css';

/** Who else writes an answer here now. */
export function WritingNotice({ conversation }: { readonly conversation: ConversationView | undefined }) {
  const { t } = useLanguage();
  const myId = useWorkspaceStore((store) => store.state?.me.id);
  const others = (conversation?.writing ?? []).filter(({ id }) => id !== myId);
  if (others.length === 0) return null;
  return (
    <p className={classes.notice} data-tone="soon" data-testid="writing-notice">
      <PencilLine size={14} aria-hidden="true" />
      {t(others.length === 1 ? 'write.other' : 'write.others', { names: others.map(({ name }) => name).join(', ') })}
    </p>
  );
}

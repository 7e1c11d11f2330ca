import { Menu } from '@mantine/core';
import { dayAndTime } from '../../i18n/format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { undoChange } from '../../state/conversations.ts';
import { useConversation } from './queries.ts';

/** Splits and joins of a conversation that can be taken back. Asked for when the menu is opened. */
export function ChangeItems({ conversationId }: { readonly conversationId: string }) {
  const { t, language } = useLanguage();
  const { data } = useConversation(conversationId);
  const changes = (data?.changes ?? []).filter(({ undoneAt }) => undoneAt === null);
  return changes.map(({ id, at, kind, messages, user }) => (
    <Menu.Item key={id} onClick={() => void undoChange(id)} data-testid="change-undo">
      {t('conversation.undo', {
        what: t(`conversation.change.${kind}`),
        messages: t('conversation.messages', { count: messages }),
        who: user.name,
        when: dayAndTime(at, Date.now(), language),
      })}
    </Menu.Item>
  ));
}

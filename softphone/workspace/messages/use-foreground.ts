import { useEffect, useState } from 'react';
import type { ConversationView } from '../../../server/contract/messages-schemas.ts';
import { call } from '../../net/api.ts';
import { composerPlace, openTab } from '../../state/composer-tab.ts';
import { markRead } from '../../state/conversations.ts';
import { draftOf, loadDrafts } from '../../state/message-drafts.ts';
import { prepareAnswer } from './start-answer.ts';

/** The tab of a conversation that comes into the foreground of its card; a mail begins as the reply to its last one. */
async function openForAnswer(conversation: ConversationView): Promise<void> {
  const { channel, client } = conversation;
  openTab(composerPlace(client.id, undefined), channel, false);
  if (channel !== 'email') return;
  await loadDrafts(client.id);
  const before = draftOf(client.id, channel);
  if (before.text.trim() !== '' || before.attachments.length > 0) return;
  const { entries } = await call('GET /api/v1/conversations/:id', { params: { id: conversation.id } });
  const last = entries.findLast(({ direction }) => direction === 'in') ?? entries.at(-1);
  if (last === undefined) return;
  // what he begins meanwhile stays: another way to answer, or the first letters
  await prepareAnswer({ messageId: last.id, mode: 'reply', unless: () => draftOf(client.id, channel) !== before });
}

/** Follows the conversation in the address: its tab is opened once, and what is unread in it is seen while somebody looks. */
export function useForeground(conversation: ConversationView | undefined): void {
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    if (conversation === undefined || conversation.id === shown) return;
    setShown(conversation.id);
    // without the original the answer can be written all the same
    openForAnswer(conversation).catch(() => undefined);
  }, [conversation, shown]);
  useEffect(() => {
    if (conversation === undefined || conversation.unread === 0) return undefined;
    const see = (): void => {
      if (!document.hidden) markRead(conversation);
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => document.removeEventListener('visibilitychange', see);
  }, [conversation]);
}
